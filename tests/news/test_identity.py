"""Recognising entries again: addresses that differ in spelling only, and feeds that change under our hands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.feeds.addresses import canonical_url
from bot.news.feeds.identity import Decisions, KeyKind, decide_new, entry_keys, is_burst
from bot.news.feeds.parser import Entry

if TYPE_CHECKING:
    from storage.model import EntryKey

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
STORY = "https://tidewatch.example/harbour/crane"
CASES = Path(__file__).with_name("addresses.txt").read_text(encoding="utf-8").splitlines()
SAME = [tuple(line.split()[1:]) for line in CASES if line.startswith("= ")]
DIFFERENT = [tuple(line.split()[1:]) for line in CASES if line.startswith("! ")]


def test_there_are_cases_enough() -> None:
    assert len(SAME) >= 100
    assert len(DIFFERENT) >= 30
    assert len(SAME + DIFFERENT) == len(set(SAME + DIFFERENT))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_address_are_one(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"), [(f" {STORY} ", STORY), ("https://x.example/a b", "https://x.example/a%20b")]
)
def test_white_space_does_not_matter(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@given(st.text(max_size=80))
def test_any_text_has_a_canonical_form(url: str) -> None:
    assert isinstance(canonical_url(url), str)


@given(
    st.from_regex(r"https?://[a-z]{1,8}\.example(:[0-9]{2,4})?/[a-z/%.0-9]{0,20}(\?[a-z=&0-9]{0,20})?", fullmatch=True)
)
def test_a_canonical_address_is_its_own_canonical_address(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(f"https:{once}") == once


def entry(number: int, **changes: object) -> Entry:
    """Make an article that has everything."""
    whole = Entry(
        id=f"id-{number}",
        url=f"https://tidewatch.example/{number}",
        title=f"Story {number}",
        published_at=NOW - timedelta(hours=number),
        content=f"<p>The report number {number} of the harbour master, in enough words to tell it apart.</p>",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # the tests name real fields


class Memory:
    """A feed's memory, as storage keeps it."""

    def __init__(self) -> None:
        self.keys: dict[EntryKey, int] = {}
        self.delivered: list[Entry] = []

    def poll(self, *entries: Entry) -> list[str]:
        """Take in a document; return the titles of what is new."""
        decisions = decide_new(entries, self.keys, now=NOW)
        for new in decisions.new:
            self.delivered.append(new.entry)
            self.keys.update(dict.fromkeys(new.keys, len(self.delivered)))
        for known in decisions.known:
            self.keys.update(dict.fromkeys(known.missing, known.article))
        return [new.entry.title for new in decisions.new]


def titles(*numbers: int) -> list[str]:
    return [f"Story {number}" for number in numbers]


def test_entries_are_new_once() -> None:
    memory = Memory()
    assert memory.poll(entry(2), entry(3)) == titles(2, 3)
    assert memory.poll(entry(1), entry(2), entry(3)) == titles(1)
    assert memory.poll(entry(1), entry(2), entry(3)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"url": "https://tidewatch.example/moved"},
        {"title": "Corrected"},
        {"content": "<p>Rewritten from the first word to the last, with new facts in it.</p>"},
        {"published_at": NOW},
        {"published_at": None},
        {"id": "other", "url": "https://tidewatch.example/moved"},
        {"id": "other", "title": "Corrected", "content": ""},
        {"url": "https://www.tidewatch.example/1?utm_source=rss", "id": ""},
        {"id": "", "url": ""},
    ],
    ids="+".join,
)
def test_an_entry_is_known_while_one_of_its_marks_stays(change: dict[str, object]) -> None:
    memory = Memory()
    memory.poll(entry(1))
    assert memory.poll(entry(1, **change)) == []


def test_marks_that_change_one_after_the_other_are_followed() -> None:
    memory = Memory()
    memory.poll(entry(1))
    memory.poll(entry(1, id="second"))
    memory.poll(entry(1, id="second", url="https://tidewatch.example/second", content="", title="Second"))
    assert memory.poll(entry(1, id="third", url="https://tidewatch.example/second", content="", title="Third")) == []


def test_a_churn_of_all_identifiers_brings_nothing_new() -> None:
    """FAULTS 24."""
    memory = Memory()
    memory.poll(*map(entry, range(100)))
    assert memory.poll(*(entry(number, id=f"churned-{number}") for number in range(100))) == []


def test_shared_identifiers_hide_nothing() -> None:
    """FAULTS 25: two entries with one identifier are both delivered, each once."""
    memory = Memory()
    both = entry(1, id="same"), entry(2, id="same")
    assert memory.poll(*both) == titles(1, 2)
    assert memory.poll(*both) == []
    assert memory.poll(entry(3, id="same")) == titles(3)


def test_a_shared_address_hides_nothing() -> None:
    memory = Memory()
    live = [entry(number, url=f"https://tidewatch.example/live#{number}") for number in range(5)]
    assert memory.poll(*live) == titles(0, 1, 2, 3, 4)
    assert memory.poll(entry(7, url="https://tidewatch.example/live#7"), *live) == titles(7)
    assert memory.poll(*live) == []


def test_a_front_page_for_an_address_hides_nothing() -> None:
    memory = Memory()
    assert memory.poll(entry(1, url="https://tidewatch.example/")) == titles(1)
    assert memory.poll(entry(2, url="https://www.tidewatch.example")) == titles(2)


def test_the_same_headline_every_day_hides_nothing() -> None:
    memory = Memory()
    for day in range(1, 4):
        assert memory.poll(entry(day, title="The figures of the day", content="Today's numbers.")) == [
            "The figures of the day"
        ]


def test_duplicates_inside_a_document_are_one() -> None:
    memory = Memory()
    assert memory.poll(entry(1), entry(1), entry(1, url="https://tidewatch.example/1?utm_source=x")) == titles(1)
    twin = entry(2, id="other", url="https://tidewatch.example/elsewhere")
    assert memory.poll(entry(2), twin) == titles(2)


@pytest.mark.parametrize("date", [None, NOW + timedelta(days=400), datetime(1970, 1, 1, tzinfo=UTC)])
def test_entries_without_dates_or_with_wrong_ones_are_new_once(date: datetime | None) -> None:
    """FAULTS 26."""
    memory = Memory()
    document = [entry(number, published_at=date) for number in range(5)]
    assert memory.poll(*document) == titles(0, 1, 2, 3, 4)
    for poll in range(50):
        moved = [replace(each, published_at=NOW + timedelta(minutes=poll)) for each in document]
        assert memory.poll(*moved) == []


@pytest.mark.parametrize(
    "missing", [{"id": ""}, {"url": ""}, {"id": "", "url": ""}, {"id": "", "url": "", "content": ""}]
)
def test_entries_that_lack_marks_are_new_once(missing: dict[str, object]) -> None:
    memory = Memory()
    document = [entry(number, **missing) for number in range(4)]
    assert memory.poll(*document) == titles(0, 1, 2, 3)
    assert memory.poll(*document) == []


def test_a_feed_that_flips_shrinks_and_empties_repeats_nothing() -> None:
    """FAULTS 27."""
    memory = Memory()
    first, second = [*map(entry, range(10))], [*map(entry, range(10, 20))]
    for _ in range(100):
        memory.poll(*first)
        memory.poll(*second)
        memory.poll(*first[:3])
        memory.poll()
    assert len(memory.delivered) == 20


def test_the_newest_come_first_where_dates_can_be_believed() -> None:
    shuffled = [entry(3), entry(1), entry(2, published_at=NOW + timedelta(days=9))]
    assert Memory().poll(*shuffled) == titles(2, 1, 3)


def test_the_documents_order_stays_where_a_date_is_missing() -> None:
    assert Memory().poll(entry(3), entry(1, published_at=None), entry(2)) == titles(3, 1, 2)


def test_only_marks_that_are_believed_are_remembered() -> None:
    decisions: Decisions = decide_new([entry(1, id="same"), entry(2, id="same")], {}, now=NOW)
    assert all(key.kind != KeyKind.ID for new in decisions.new for key in new.keys)


@given(st.builds(Entry, id=st.text(max_size=5), url=st.sampled_from(["", STORY]), title=st.text(max_size=9)))
def test_every_entry_has_a_key(any_entry: Entry) -> None:
    assert entry_keys(any_entry)


NUMBERS = st.lists(st.integers(0, 30), max_size=20)


@given(st.lists(st.tuples(NUMBERS, st.booleans()), max_size=12))
def test_whatever_a_feed_shows_in_turn_each_entry_is_delivered_once(polls: list[tuple[list[int], bool]]) -> None:
    """FAULTS 29: what was shown and what was delivered are the same set."""
    memory, shown = Memory(), set()
    for turn, (numbers, churn) in enumerate(polls):
        shown.update(numbers)
        memory.poll(*(entry(number, **({"id": f"{turn}-{number}"} if churn else {})) for number in numbers))
    assert sorted(each.title for each in memory.delivered) == sorted(titles(*shown))


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("total", "new", "age", "away", "expected", "is_one"),
    [
        pytest.param(100, 33, None, HOUR, False, False, id="a third"),
        pytest.param(100, 34, None, HOUR, False, True, id="more than a third"),
        pytest.param(100, 100, None, HOUR, False, True, id="all"),
        pytest.param(19, 19, None, HOUR, False, False, id="a short feed"),
        pytest.param(100, 100, HOUR / 2, HOUR, False, True, id="dated anew, soon after"),
        pytest.param(100, 100, HOUR / 2, 24 * HOUR, False, False, id="a day off"),
        pytest.param(100, 100, 48 * HOUR, 24 * HOUR, False, True, id="a day off, dated before"),
        pytest.param(100, 100, None, 24 * HOUR, False, True, id="a day off, undated"),
        pytest.param(100, 100, HOUR / 2, HOUR, True, False, id="an editor knows it for this"),
        pytest.param(100, 100, 48 * HOUR, HOUR, True, True, id="known for it, but dated before"),
    ],
)
def test_too_much_at_once_is_no_news(
    total: int, new: int, age: timedelta | None, away: timedelta, expected: bool, is_one: bool
) -> None:
    """FAULTS 24 and 30: a feed that changed all its marks is held, a day's backlog is not."""
    news = [entry(number, published_at=None if age is None else NOW - age) for number in range(new)]
    assert is_burst(news, total=total, read_at=NOW - away, now=NOW, expected=expected) is is_one
