"""Entities that explode, text that makes parsers slow, and any bytes at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.parser import parse_feed
from tests.news.documents import FORMATS, ITEM, RSS, URL, one
from tests.support.properties import examples


def doctype(declarations: str, inner: str) -> str:
    return f"<!DOCTYPE rss [{declarations}]><rss><channel><item><title>x {inner}</title></item></channel></rss>"


LAUGHS = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


BOMBS = {
    "laughs": doctype(LAUGHS, "&a9;"),
    "quadratic": doctype(f'<!ENTITY a "{"x" * 900}">', "&a;" * 100_000),
    "long": doctype(f'<!ENTITY a "{"x" * 100_000}">', "&a;"),
    "parameter": doctype('<!ENTITY % a "x"><!ENTITY b "%a;">', "&b;"),
    "many": doctype("".join(f'<!ENTITY a{n} "x">' for n in range(1000)), "&a1;"),
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_entity_bombs_are_refused_at_once(body: str) -> None:
    """FAULTS 16."""
    started = time.process_time()
    with pytest.raises(FeedError) as caught:
        parse_feed(body.encode(), url=URL)
    assert caught.value.reason is FeedFault.ENTITY_BOMB
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("declaration", "inner", "title"),
    [
        ('<!ENTITY pier "Pier 4">', "&pier;", "x Pier 4"),
        ("<!ENTITY euro '&#8364;'>", "&euro;9", "x €9"),
        ('<!ENTITY nbsp "&#38;#160;">', "a&nbsp;b", "x a b"),
        ('<!ENTITY file SYSTEM "file:///etc/hostname">', "[&file;]", "x []"),
        ('<!ENTITY web SYSTEM "http://127.0.0.1:9/">', "[&web;]", "x []"),
    ],
    ids=["internal", "reference", "double", "file", "network"],
)
def test_internal_entities_are_read_and_external_ones_never(declaration: str, inner: str, title: str) -> None:
    """FAULTS 17: a ban on all entities would break real feeds."""
    assert one(doctype(declaration, inner)).title == title


HOSTILE = {
    "attributes": "<x " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>",
    "namespaces": "".join(f'<n{n}:a xmlns:n{n}="u{n}"/>' for n in range(50_000)),
    "comments": "<!--" * 200_000,
    "cdata": "<![CDATA[" * 200_000,
    "less-than": "<" * 300_000,
    "ampersands": "&" * 300_000,
    "author": f"<author>{'a@' * 32_000}{'(' * 32_000}</author>",
    "deep": "<description>" + "<b>" * 100_000 + "</b>" * 100_000 + "</description>",
    "openings": "<description " * 200_000,
    "titles": f"<title>{'&lt;a ' * 100_000}</title>",
    "spaces": f"<title>{' ' * 1_000_000}</title>",
}


@pytest.mark.parametrize("inner", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_feeds_are_read_or_refused_quickly(inner: str) -> None:
    body = RSS.format(items=f"<item><title>first</title></item><item>{inner}</item>").encode()
    started = time.process_time()
    feed = parse_feed(body, url=URL)
    assert time.process_time() - started < 10  # a second on a free core
    assert feed.entries[0].title == "first"


@given(st.binary(max_size=2000))
def test_any_bytes_give_a_feed_or_a_feed_error(body: bytes) -> None:
    """FAULTS 19."""
    try:
        total = parse_feed(body, url=URL).total
    except FeedError:
        return
    assert total >= 0


PIECES = st.sampled_from(
    [
        *RSS.splitlines(),
        *ITEM.split("\n"),
        *FORMATS.values(),
        "<![CDATA[",
        "]]>",
        "<!--",
        "&#xD800;",
        "&lt;",
        "\ud800",
        "\0",
    ]
)


@examples(150)
@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=12), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_mixture_of_pieces_gives_clean_text_or_a_feed_error(pieces: list[str], encoding: str) -> None:
    """FAULTS 23."""
    body = "".join(pieces).encode(encoding, errors="replace")
    try:
        feed = parse_feed(body, url=URL)
    except FeedError:
        return
    for entry in feed.entries:
        for text in (entry.id, entry.url, entry.title, entry.author, entry.summary, entry.content):
            assert text.encode().decode() == text
            assert "\0" not in text
        assert not entry.url or entry.url.startswith(("http://", "https://"))
        assert entry.published_at is None or entry.published_at.tzinfo is not None
