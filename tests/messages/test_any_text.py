"""Whatever feeds and editors write, Telegram takes the message and shows only what we meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.html import count_entities, one_line, visible_text, visible_units
from bot.messages.push import render_push
from bot.messages.story import render_excerpt, render_story
from bot.sandbox.telegram.entities import EntityKind, clean
from bot.sandbox.telegram.markup import parse_html
from bot.sandbox.telegram.rules import format_message
from tests.messages.reports import NOON, article, view
from tests.support.properties import examples

if TYPE_CHECKING:
    from bot.messages.outgoing import OutgoingMessage
    from storage.model import StoryView

OURS = {EntityKind.BOLD, EntityKind.ITALIC, EntityKind.TEXT_LINK}
HOSTILE = (
    "<b>bold</b>",
    "</b></a>",
    '"><a href="tg://user?id=1">x</a>',
    '<a href="javascript:alert(1)">free</a>',
    "&lt;&amp;&#x3c;&#0;",
    "\u202egnp.exe\u202c \u2066\u2067",
    "@everybody /delete_me tg://user?id=1 #tag",
    "\ud83d\udc69\x00\x1b[31m",
    "\u200b\u200b",
    "z" + "\u0301" * 400,
    "👩\u200d🚀" * 300,
    "x" * 9000,
    "word " * 1800,
    "字" * 5000,
    "& " * 3000,
)

texts = st.sampled_from(HOSTILE) | st.text(max_size=120) | st.text(min_size=600, max_size=900)
addresses = (
    st.sampled_from(
        [
            "",
            "https://a.example/1",
            "https://a.example/1?a=1&b=2",
            "https://a.example/1#here",
            "http://localhost/",
            "javascript:alert(1)",
            "tg://user?id=1",
            'https://a.example/">',
            f"https://a.example/{'x' * 3000}",
            f"https://a.example/{'&' * 2000}",
            "https://a.example/\n\x00 \\ї",
        ]
    )
    | st.text(max_size=60)
    | st.text(max_size=60).map("https://a.example/".__add__)
)
instants = st.none() | st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis takes naive bounds
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)
languages = st.sampled_from(["en", "uk", "he", "ja", "xx", ""])
zones = st.sampled_from(["UTC", "Europe/Kyiv", "Asia/Kathmandu", "Nowhere"])


@st.composite
def stories(draw: st.DrawFn) -> StoryView:
    count = draw(st.sampled_from([0, 1, 1, 2, 5, 40]))
    reports = [
        article(
            number,
            site=draw(texts),
            url=draw(addresses),
            title=draw(texts),
            published_at=draw(instants),
            lang=draw(languages),
        )
        for number in range(count)
    ]
    sentences = draw(st.lists(st.tuples(texts, st.integers(min_value=0, max_value=count)), max_size=20))
    return view(
        reports,
        sentences,
        title=draw(texts),
        lang=draw(languages),
        last_at=NOON - timedelta(days=draw(st.integers(0, 2))),
    )


def check_is_sound(message: OutgoingMessage) -> None:
    text = message.parameters()["text"]
    assert visible_units(text) <= 3900
    assert count_entities(text) <= 90
    ours = parse_html(clean(text))
    assert ours.text == clean(visible_text(text))
    assert {entity.kind for entity in ours.entities} <= OURS
    assert all(entity.url is None or entity.url.startswith(("http://", "https://")) for entity in ours.entities)
    assert not set(visible_text(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\x00")
    shown = format_message(text, parse_mode="HTML")
    assert shown.text


@given(story=stories(), lang=st.sampled_from(["en", "uk"]), tz=zones, edited=st.booleans())
@examples(150)
def test_any_story_is_a_message_that_telegram_takes(story: StoryView, lang: str, tz: str, *, edited: bool) -> None:
    check_is_sound(render_story(story, lang=lang, tz=tz, now=NOON, edited=edited))


@given(
    title=texts,
    sentences=st.lists(texts, max_size=20),
    url=st.none() | addresses,
    source=texts,
    lang=st.sampled_from(["en", "uk"]),
    tz=zones,
)
def test_any_push_is_a_message_that_telegram_takes(
    title: str, sentences: list[str], url: str | None, source: str, lang: str, tz: str
) -> None:
    check_is_sound(render_push(title=title, sentences=sentences, url=url, source=source, lang=lang))


@given(
    title=texts, sentences=st.lists(texts, max_size=20), url=st.none() | addresses, source=texts, published_at=instants
)
def test_any_excerpt_is_a_message_that_telegram_takes(
    title: str, sentences: list[str], url: str | None, source: str, published_at: datetime | None
) -> None:
    message = render_excerpt(
        title=title,
        sentences=sentences,
        url=url,
        source=source,
        article_lang=None,
        published_at=published_at,
        lang="uk",
        tz="Europe/Kyiv",
        now=NOON,
    )
    check_is_sound(message)


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_titles_and_names_make_no_entity_of_their_own(hostile: str) -> None:
    """FAULTS 41: neither tags nor links nor directions of a feed's own reach the message."""
    story = view([article(1, site=hostile)], title=hostile)
    shown = format_message(render_story(story, lang="en", tz="UTC", now=NOON).text, parse_mode="HTML")
    assert {entity.kind for entity in shown.entities} <= OURS | {EntityKind.HASHTAG}


def test_sentences_stand_word_for_word() -> None:
    sentence = "He wrote “a < b & c” to @aldmoor/press at 5 % — twice."
    text = render_story(view([article(1)], [(sentence, 1)]), lang="en", tz="UTC", now=NOON).text
    assert sentence in visible_text(text)
    assert one_line(sentence) == sentence
