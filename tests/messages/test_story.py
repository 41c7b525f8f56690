from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.messages.html import visible_text
from bot.messages.story import render_excerpt, render_story, told_at
from bot.sandbox.telegram.rules import format_message
from tests.messages.reports import NOON, article, view

if TYPE_CHECKING:
    from storage.model import StoryView

CRACK = "Inspectors found a 40 cm crack."
COST = "The repair will cost 2.4 million crowns."
FERRIES = "Ferries cross every 20 minutes until Friday."
CRACK_AT = "#:~:text=Inspectors%20found%20a%2040%20cm%20crack."
COST_AT = "#:~:text=The%20repair%20will%20cost%202.4%20million"
FERRIES_AT = "#:~:text=Ferries%20cross%20every%2020%20minutes%20until"


def shown(story: StoryView, *, lang: str = "en", edited: bool = False) -> str:
    return render_story(story, lang=lang, tz="Europe/Kyiv", now=NOON, edited=edited).text


def test_a_single_article() -> None:
    story = view([article(1)], [(CRACK, 1), (FERRIES, 1)])
    assert shown(story) == (
        "<b>Sable Bridge shut after crack</b>\n"
        "\n"
        f"{CRACK} {FERRIES}\n"
        "\n"
        f'<a href="https://tidewatch.example/1{CRACK_AT}&amp;text=Ferries%20cross%20every%2020%20minutes%20until">'
        "Tidewatch</a> · 15:00"
    )


def test_a_story_of_several_outlets() -> None:
    outlets = [article(1), article(2, site="Weirpost"), article(3, site="Kestrel")]
    assert shown(view(outlets, [(CRACK, 1), (COST, 2)])) == (
        "<b>Sable Bridge shut after crack</b>\n"
        "\n"
        f'{CRACK} (<a href="https://tidewatch.example/1{CRACK_AT}">Tidewatch</a>)\n'
        f'{COST} (<a href="https://weirpost.example/2{COST_AT}">Weirpost</a>)\n'
        "\n"
        'Sources: <a href="https://tidewatch.example/1">Tidewatch</a> · <a href="https://weirpost.example/2">Weirpost</a>'
        ' · <a href="https://kestrel.example/3">Kestrel</a> · 15:00'
    )


def test_an_edited_story_says_when_and_arrives_silently() -> None:
    story = view([article(1)], [(CRACK, 1)], last_at=NOON + timedelta(minutes=75))
    message = render_story(story, lang="en", tz="Europe/Kyiv", now=NOON, edited=True)
    assert message.silent
    assert message.text.startswith("<b>Sable Bridge shut after crack</b>\n<i>Updated 16:15</i>\n\nInspectors")


def test_our_own_words_are_in_the_chats_language() -> None:
    story = view([article(1), article(2, site="Weirpost")], [(CRACK, 1)], last_at=NOON)
    text = visible_text(shown(story, lang="uk", edited=True))
    assert "Оновлено 15:00" in text
    assert "Джерела: Tidewatch · Weirpost · 15:00" in text


def test_an_article_of_another_day_has_its_date() -> None:
    story = view([article(1, published_at=NOON - timedelta(days=1))])
    assert shown(story).endswith("</a> · 3 May, 15:00")


def test_lists_tell_when_a_story_came_out_as_its_message_does() -> None:
    assert told_at(view([article(1, published_at=NOON - timedelta(days=1))])) == NOON - timedelta(days=1)
    story = view([])
    assert told_at(story) == story.story.first_at


@pytest.mark.parametrize(
    "published_at",
    [pytest.param(None, id="no date"), pytest.param(NOON + timedelta(days=400), id="a date to come")],
)
def test_an_article_is_never_younger_than_our_copy(published_at: None) -> None:
    assert shown(view([article(1, published_at=published_at)])).endswith("</a> · 15:05")


def test_a_short_text_is_sent_as_title_and_link() -> None:
    expected = '<b>Sable Bridge shut after crack</b>\n\n<a href="https://tidewatch.example/1">Tidewatch</a> · 15:00'
    assert shown(view([article(1)])) == expected
    assert shown(replace(view([article(1)]), summary=None)) == expected
    assert shown(view([article(1)], [(" \u200b", 1)])) == expected


@pytest.mark.parametrize(
    ("story", "text"),
    [
        pytest.param(view([article(1, url="")]), "Sable Bridge shut after crack\n\nTidewatch · 15:00", id="no address"),
        pytest.param(
            view([article(1, site="", url="https://www.orsa.example/1")]),
            "Sable Bridge shut after crack\n\norsa.example · 15:00",
            id="no outlet: the host",
        ),
        pytest.param(view([article(1, site="", url="")]), "Sable Bridge shut after crack\n\n15:00", id="neither"),
        pytest.param(
            view([article(1, title="")], [(CRACK, 1)], title=""),
            f"{CRACK}\n\nTidewatch · 15:00",
            id="no title: the sentences lead",
        ),
        pytest.param(
            view([article(1, title="")], title="\u200b"), "Untitled\n\nTidewatch · 15:00", id="no title, no text"
        ),
        pytest.param(
            view([article(1)], title=""), "Sable Bridge shut after crack\n\nTidewatch · 15:00", id="its own title"
        ),
        pytest.param(view([]), "Sable Bridge shut after crack", id="no article left"),
        pytest.param(
            view([article(1, site="", url=""), article(2, site="", url="")], [(CRACK, 1), (COST, 9)]),
            f"Sable Bridge shut after crack\n\n{CRACK}\n{COST}\n\n15:00",
            id="several reports of unknown origin",
        ),
        pytest.param(
            view([article(1, site="Booking.com", url="https://www.booking.com/1")], title="A"),
            "A\n\nBooking.com · 15:00",
            id="an outlet named by its own host",
        ),
        pytest.param(
            view([article(1, site="bank.example news", url="https://evil.example/1")], title="A"),
            "A\n\nevil.example · 15:00",
            id="an outlet named by another's host",
        ),
        pytest.param(
            view([article(1, site="The Honourable Advertiser of Aldmoor and of Orsa", url="")], title="A"),
            "A\n\nThe Honourable Advertiser of Aldmoor an… · 15:00",
            id="a long name",
        ),
    ],
)
def test_what_is_missing_or_odd_is_left_out(story: StoryView, text: str) -> None:
    assert format_message(shown(story), parse_mode="HTML").text == text


def test_sentences_of_a_language_without_spaces_stand_together() -> None:
    story = view([article(1, lang="ja")], [("橋が閉鎖された。", 1), ("修理は金曜日まで続く。", 1)], lang="ja")
    assert "橋が閉鎖された。修理は金曜日まで続く。" in shown(story)


def test_every_line_of_a_right_to_left_article_begins_with_its_mark() -> None:
    story = view(
        [article(1, site="חדשות"), article(2)], [("הגשר נסגר.", 1), ("התיקון יעלה הון.", 2)], lang="he", title="הגשר"
    )
    lines = [line for line in visible_text(shown(story, edited=True)).split("\n") if line]
    assert len(lines) == 5
    assert all(line.startswith("\u200f") for line in lines)
    assert lines[3].endswith("(\u2068Tidewatch\u2069)")


def test_a_huge_title_is_cut_after_a_word() -> None:
    title = visible_text(shown(view([article(1)], title="bridge " * 900))).split("\n")[0]
    assert title.endswith("bridge…")
    assert len(title) <= 300


def test_sentences_that_do_not_fit_are_left_out_whole() -> None:
    sentences = [(f"{number} " + "word " * 199 + "end.", 1) for number in range(6)]
    text = visible_text(shown(view([article(1)], sentences)))
    assert [text.count(f"{number} word") for number in range(6)] == [1, 1, 1, 0, 0, 0]
    assert len(text) <= 3900


def test_a_sentence_too_long_for_any_message_leaves_room_for_the_others() -> None:
    text = shown(view([article(1)], [("x" * 5000, 1), (CRACK, 1)]))
    assert CRACK in text
    assert "xxx" not in text


def test_many_outlets_are_counted_where_they_cannot_all_be_named() -> None:
    outlets = [article(number, site=f"Outlet {number}", url=f"https://o{number}.example/") for number in range(60)]
    text = visible_text(shown(view(outlets, [(CRACK, 1)])))
    assert "Outlet 29 · and 30 more · 15:00" in text


def test_a_line_break_within_a_sentence_becomes_a_space() -> None:
    assert "Inspectors found a crack." in shown(view([article(1)], [("Inspectors found\n  a crack.", 1)]))


def test_an_excerpt_is_shown_as_an_article_is() -> None:
    story = view([article(1)], [(CRACK, 1), (FERRIES, 1)])
    excerpt = render_excerpt(
        title="Sable Bridge shut after crack",
        sentences=[CRACK, FERRIES],
        url="https://tidewatch.example/1",
        source="Tidewatch",
        article_lang="en",
        published_at=NOON,
        lang="en",
        tz="Europe/Kyiv",
        now=NOON,
    )
    assert excerpt.text == shown(story)


def test_an_excerpt_of_a_bare_text_is_its_sentences() -> None:
    excerpt = render_excerpt(
        title="",
        sentences=[CRACK, FERRIES],
        url=None,
        source="",
        article_lang=None,
        published_at=None,
        lang="en",
        tz="UTC",
        now=NOON,
    )
    assert excerpt.text == f"{CRACK} {FERRIES}"
