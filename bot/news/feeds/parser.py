"""A document → a feed: pure and synchronous, to be run in a worker process.

Well-formed XML is read straight from lxml's tree. Fast parsers that guess are wrong in places, and feedparser takes
ten times as long and seconds on hostile input; what is ill-formed is mended first and then read the same way.
"""

from __future__ import annotations

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.json_feed import read_json_feed
from bot.news.feeds.model import MOST_ENTRIES, Entry, Feed
from bot.news.feeds.xml_feed import read_xml_feed

__all__ = ["MOST_ENTRIES", "Entry", "Feed", "parse_feed"]

_MOST_BYTES = 32 * 1024 * 1024
_MOST_LABOUR_BYTES = 8 * 1024 * 1024
"""JSON, and XML that must be mended, cost many times their size."""


def parse_feed(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    charset: str | None = None,
    most_entries: int = MOST_ENTRIES,
) -> Feed:
    """Read RSS 0.9x–2.0, RSS 1.0, Atom 0.3 and 1.0, or JSON Feed.

    Args:
        body: the document as fetched.
        url: where it came from; relative links are resolved against it.
        content_type: the server's, with parameters or without; ``None`` where it did not say.
        charset: the server's; ``None`` takes it from ``content_type``.
        most_entries: where the document holds more, its newest, by the order that it keeps.

    Raises:
        FeedError: it is no feed that can be read; nothing else is raised, whatever the bytes.
    """
    if len(body) > _MOST_BYTES:
        raise FeedError(FeedFault.TOO_LARGE)
    start = body[:1024].lstrip(b"\xef\xbb\xbf\x00 \t\r\n")
    if not start and not body.strip(b"\x00 \t\r\n"):
        raise FeedError(FeedFault.EMPTY)
    media, _, parameters = (content_type or "").partition(";")
    if start.startswith(b"{") or (media.strip().endswith("json") and not start.startswith(b"<")):
        if len(body) > _MOST_LABOUR_BYTES:
            raise FeedError(FeedFault.TOO_LARGE, "JSON")
        return read_json_feed(body, url=url, most_entries=most_entries)
    return read_xml_feed(
        body,
        url=url,
        charset=charset or _charset(parameters),
        most_entries=most_entries,
        most_mended_bytes=_MOST_LABOUR_BYTES,
    )


def _charset(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None
