from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.direction import is_right_to_left, isolate_in, runs_right_to_left
from bot.messages.html import Html, link
from bot.messages.speech import MAX_LABEL_CHARS, SUPPORTED, Speech, choose_language, speech

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "lang"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("uk", "uk"),
        ("UK_ua", "uk"),
        ("ukx", "en"),
        ("ja", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_chosen_by_telegrams_code(code: str | None, lang: str) -> None:
    assert choose_language(code) == lang


def test_a_language_that_nobody_speaks_here_is_english() -> None:
    assert speech("ja").lang == "en"
    assert SUPPORTED[0] == "en"


def test_fields_are_escaped_unless_they_are_html() -> None:
    text = speech("en").say("{title} by {outlet}", title="<b>&", outlet=link("https://a.example", "A"))
    assert text == '&lt;b&gt;&amp; by <a href="https://a.example">A</a>'


def test_a_said_text_can_be_a_field() -> None:
    voice = speech("en")
    assert voice.say("{a}!", a=voice.say("{b}", b="<")) == "&lt;!"


@pytest.mark.parametrize("name", ["@scam pays", "/delete_me now", "tg://resolve?domain=scam"])
def test_names_of_strangers_summon_nobody(name: str) -> None:
    words = speech("en")
    for text in (words.say("{name} added.", name=name), words.plain("{name} removed.", name=name)):
        assert name.split(maxsplit=1)[0] not in text
        assert text.replace("\u2060", "").startswith(name)
    assert words.say("{name} added.", name=link("https://a.example", "A")).startswith('<a href="https://a.example">')


def test_numbers_that_name_things_have_no_separators() -> None:
    assert speech("en").say("Your id is {id}.", id=123456789) == "Your id is 123456789."


def test_plain_texts_are_not_escaped_but_cleaned() -> None:
    assert speech("en").plain("{name} added", name="A & B\x00\u202e") == "A & B added"


@pytest.mark.parametrize("name", ["חדשות", "أخبار 24"])
def test_names_of_the_other_direction_are_isolated(name: str) -> None:
    assert speech("en").say("{name} added.", name=name) == f"\u2068{name}\u2069 added."
    assert speech("en").plain("{name} added.", name=name) == f"\u2068{name}\u2069 added."


def test_names_are_isolated_in_a_right_to_left_line() -> None:
    assert isolate_in("Tidewatch", right_to_left=True) == "\u2068Tidewatch\u2069"
    assert isolate_in("חדשות", right_to_left=True) == "חדשות"
    assert isolate_in("14:05", right_to_left=True) == "14:05"


@pytest.mark.parametrize(
    ("lang", "right_to_left"),
    [
        ("ar", True),
        ("he", True),
        ("fa-IR", True),
        ("ur", True),
        ("en", False),
        ("uk", False),
        ("xx", False),
        (None, False),
    ],
)
def test_directions_of_languages(lang: str | None, *, right_to_left: bool) -> None:
    assert is_right_to_left(lang) is right_to_left


@pytest.mark.parametrize(
    ("text", "right_to_left"), [("«חדשות» News", True), ("News חדשות", False), ("14:05", False), ("", False)]
)
def test_a_text_runs_as_its_first_letter_does(text: str, *, right_to_left: bool) -> None:
    assert runs_right_to_left(text) is right_to_left


@pytest.mark.parametrize(
    ("n", "phrase"),
    [
        (0, "0 заблокували бота"),
        (1, "1 заблокував бота"),
        (2, "2 заблокували бота"),
        (4, "4 заблокували бота"),
        (5, "5 заблокували бота"),
        (11, "11 заблокували бота"),
        (21, "21 заблокував бота"),
        (22, "22 заблокували бота"),
    ],
)
def test_verbs_agree_with_their_number(n: int, phrase: str) -> None:
    assert speech("uk").say_n("{n} blocked the bot", "{n} blocked the bot", n) == phrase


@pytest.mark.parametrize(
    ("tz", "clock", "day"),
    [
        ("UTC", "12:00", date(2026, 5, 4)),
        ("Europe/Kyiv", "15:00", date(2026, 5, 4)),
        ("America/St_Johns", "09:30", date(2026, 5, 4)),
        ("Pacific/Kiritimati", "02:00", date(2026, 5, 5)),
        ("Nowhere/Atall", "12:00", date(2026, 5, 4)),
        ("", "12:00", date(2026, 5, 4)),
        ("../etc/passwd", "12:00", date(2026, 5, 4)),
    ],
)
def test_time_is_told_in_the_chats_zone(tz: str, clock: str, day: date) -> None:
    assert speech("en", tz).clock(NOON) == clock
    assert speech("en", tz).local_date(NOON) == day


@pytest.mark.parametrize(
    ("lang", "instant", "shown"),
    [
        pytest.param("en", datetime(2026, 5, 4, 11, 5, tzinfo=UTC), "14:05", id="today"),
        pytest.param("en", datetime(2026, 5, 3, 20, 59, tzinfo=UTC), "3 May, 23:59", id="yesterday in the chat's zone"),
        pytest.param("en", datetime(2026, 5, 3, 21, 0, tzinfo=UTC), "00:00", id="midnight in the chat's zone"),
        pytest.param("en", datetime(2025, 12, 31, 12, 0, tzinfo=UTC), "31 December 2025, 14:00", id="another year"),
        pytest.param("uk", datetime(2026, 5, 3, 11, 5, tzinfo=UTC), "3 травня, 14:05", id="in Ukrainian"),
    ],
)
def test_a_moment_has_its_day_when_that_is_not_today(lang: str, instant: datetime, shown: str) -> None:
    assert speech(lang, "Europe/Kyiv").moment(instant, now=NOON) == shown


@pytest.mark.parametrize(
    ("lang", "number", "percent", "listing"),
    [("en", "1,204,000.5", "61 %", "A, B and C"), ("uk", "1\u00a0204\u00a0000,5", "61 %", "A, B і C")],
)
def test_figures_and_lists_are_the_languages_own(lang: str, number: str, percent: str, listing: str) -> None:
    voice = speech(lang)
    assert voice.number(1_204_000.5) == number
    assert voice.percent(0.6096) == percent
    assert voice.listing(["A", "B", "C"]) == listing
    assert voice.listing([]) == ""


@pytest.mark.parametrize("lang", SUPPORTED)
def test_parts_of_a_line_stand_between_the_languages_own_commas(lang: str) -> None:
    comma = "، " if lang in {"ar", "fa"} else ", "
    assert speech(lang).joined(["A", "B", "C"]) == f"A{comma}B{comma}C"
    assert speech(lang).joined([]) == ""


@pytest.mark.parametrize(
    ("seconds", "english", "ukrainian"),
    [
        (-1, "0 s", "0 с"),
        (0.4, "0 s", "0 с"),
        (43, "43 s", "43 с"),
        (60, "1 min", "1 хв"),
        (125, "2 min 5 s", "2 хв 5 с"),
        (3600, "1 h", "1 год"),
        (4800, "1 h 20 min", "1 год 20 хв"),
        (3_600_000, "1,000 h", "1\u00a0000 год"),
    ],
)
def test_durations(seconds: float, english: str, ukrainian: str) -> None:
    assert speech("en").duration(seconds) == english
    assert speech("uk").duration(seconds) == ukrainian


@given(st.sampled_from(SUPPORTED), st.text(), st.text())
def test_a_label_always_fits_its_button(lang: str, first: str, second: str) -> None:
    shown = speech(lang).label("test", "{a} · {b}", a=first, b=second)
    assert len(shown) <= MAX_LABEL_CHARS
    assert " · " in shown


def test_a_label_cuts_the_longest_name() -> None:
    voice = speech("en")
    assert voice.label("test", "Hide {name}", name="Tidewatch") == "Hide Tidewatch"
    assert voice.label("test", "Hide {name}", name="The Aldmoor Advertiser") == "Hide The Aldmoor…"
    assert voice.label("test", "{a}, {b}", a="Orsa", b="Aldmoor Advertiser") == "Orsa, Aldmoor Adv…"


def test_a_label_is_never_empty() -> None:
    assert speech("en").label("test", "{name}", name=" \u200b") == "…"


def test_one_voice_serves_all_chats_of_a_language_and_zone() -> None:
    assert speech("uk", "Europe/Kyiv") is speech("uk", "Europe/Kyiv")
    assert isinstance(speech("uk").say("{a}", a="b"), Html)
    assert isinstance(speech("uk"), Speech)
