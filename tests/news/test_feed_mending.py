"""Feeds that are no XML, or in another encoding than they say: mended, or refused with a reason."""

from __future__ import annotations

import gzip

import pytest

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.parser import parse_feed
from tests.news.documents import ITEM, RSS, URL, WANTED, one

ILL_FORMED = {
    "line-before-the-prolog": "\n\n" + RSS.format(items=ITEM),
    "junk-before-the-prolog": "Warning: something in line 3\n" + RSS.format(items=ITEM),
    "bare-ampersand": RSS.format(items=ITEM.replace("</item>", "<category>R & D</category></item>")),
    "undeclared-entity": RSS.format(items=ITEM.replace("Pier&amp;nbsp;4", "Pier&nbsp;4")),
    "unknown-entity": RSS.format(items=ITEM.replace("</item>", "<category>&harbour;</category></item>")),
    "control-characters": RSS.format(items=ITEM.replace("Crane", "\x02Crane\x0b")),
    "forbidden-reference": RSS.format(items=ITEM.replace("Crane", "&#2;Crane&#xFFFF;")),
    "undeclared-prefix": RSS.format(items=ITEM.replace("</item>", "<wfw:commentRss>x</wfw:commentRss></item>")),
    "forgotten-prefixes": RSS.format(items=ITEM)
    .replace("xmlns:dc", "data-dc")
    .replace("xmlns:content", "data-content"),
    "cut-off": RSS.format(items=ITEM)[: -len("</channel></rss>")],
    "text-after-the-end": RSS.format(items=ITEM) + "<script>x</script>",
    "loose-less-than": RSS.format(items=ITEM.replace("</item>", "<category>1 < 2</category></item>")),
    "bare-markup": RSS.format(items=ITEM.replace("</item>", "</item>"))
    .replace("&lt;p&gt;It leans.&lt;/p&gt;", "<p>It leans.</p>")
    .replace("<ttl>15</ttl>", "<description>one<br>two & three</description>"),
    "wrong-declaration": RSS.format(items=ITEM).replace('encoding="utf-8"', 'encoding="utf-99"'),
}


@pytest.mark.parametrize("body", ILL_FORMED.values(), ids=ILL_FORMED.keys())
def test_ill_formed_feeds_are_mended(body: str) -> None:
    assert one(body) == WANTED


WORDS = "Їжак — žluťoučký, naïve"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "utf-8", None),
        ("utf-8-sig", "utf-8", None),
        ("utf-8", None, None),
        ("utf-16", "utf-16", None),
        ("utf-16-le", None, None),
        ("utf-16-be", "utf-16", None),
        ("utf-8", "iso-8859-1", "application/rss+xml; charset=utf-8"),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
    ],
)
def test_encodings_are_found_out(encoding: str, declared: str | None, content_type: str | None) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f"{prolog}<rss><channel><item><title>{WORDS}</title></item></channel></rss>".encode(encoding)
    assert one(body, content_type=content_type).title == WORDS


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type", "words"),
    [
        ("windows-1251", "windows-1251", None, "Новини міста"),
        ("windows-1251", None, "text/xml; charset=windows-1251", "Новини міста"),
        ("koi8-r", "koi8-r", "text/xml; charset=koi8-r", "Новости города"),
        ("iso-8859-2", "iso-8859-2", None, "Žluťoučký kůň"),
        ("cp1252", "iso-8859-1", None, "Ça va déjà"),
        ("cp1252", None, None, "Ça va déjà"),
        ("shift_jis", "shift_jis", None, "港のクレーン"),
        ("euc-kr", "euc-kr", None, "항구"),
        ("gb18030", "gb2312", None, "港口起重机"),
    ],
)
def test_older_encodings_are_read(encoding: str, declared: str | None, content_type: str | None, words: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f"{prolog}<rss><channel><item><title>{words}</title></item></channel></rss>".encode(encoding)
    assert one(body, content_type=content_type).title == words


NOT_FEEDS = {
    "empty": (b"", FeedFault.EMPTY),
    "spaces": (b" \n\t", FeedFault.EMPTY),
    "html": (b"<!doctype html><html><head><title>x</title></head><body><p>hi</p></body></html>", FeedFault.NOT_A_FEED),
    "text": (b"just words", FeedFault.NOT_A_FEED),
    "opml": (b"<opml version='2.0'><body/></opml>", FeedFault.NOT_A_FEED),
    "json": (b'{"name": "manifest"}', FeedFault.NOT_A_FEED),
    "broken-json": (b'{"items": [', FeedFault.BROKEN),
    "deep-json": (b'{"items":' + b"[" * 200_000, FeedFault.BROKEN),
    "image": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FeedFault.NOT_A_FEED),
    "gzip": (gzip.compress(RSS.encode()), FeedFault.NOT_A_FEED),
    "too-large": (b" " * (33 * 1024 * 1024), FeedFault.TOO_LARGE),
}


@pytest.mark.parametrize(("body", "reason"), NOT_FEEDS.values(), ids=NOT_FEEDS.keys())
def test_what_is_no_feed_says_why(body: bytes, reason: FeedFault) -> None:
    with pytest.raises(FeedError) as caught:
        parse_feed(body, url=URL)
    assert caught.value.reason is reason
