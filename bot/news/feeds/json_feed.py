"""JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/), read leniently."""

from __future__ import annotations

import html
import json
from typing import Any

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.model import Entry, Feed
from bot.news.parsing.dates import parse_date
from bot.news.parsing.links import resolve
from bot.news.parsing.markup import one_line
from bot.news.parsing.mending import decode


def read_json_feed(body: bytes, *, url: str, most_entries: int) -> Feed:
    """Read a JSON Feed.

    Args:
        body: the document.
        url: where it came from.
        most_entries: how many are read, the first.

    Raises:
        FeedError: not JSON, or JSON of another kind.
    """
    try:
        root = json.loads(decode(body), strict=False)
    except (ValueError, RecursionError) as error:
        raise FeedError(FeedFault.BROKEN, "not JSON") from error
    if not isinstance(root, dict) or not isinstance(root.get("items"), list):
        raise FeedError(FeedFault.NOT_A_FEED, "JSON without items")
    items = [item for item in root["items"] if isinstance(item, dict)]
    if "jsonfeed.org" not in _text(root.get("version")) and not any(
        {"id", "url", "content_html", "content_text"} & item.keys() for item in items
    ):
        raise FeedError(FeedFault.NOT_A_FEED, "JSON of another kind")
    site_url = resolve(url, _text(root.get("home_page_url")))
    authors = _authors(root)
    return Feed(
        title=one_line(_text(root.get("title"))),
        site_url=site_url,
        lang=_text(root.get("language")).lower() or None,
        entries=tuple(_entry(item, url=url, authors=authors) for item in items[:most_entries]),
        total=len(items),
        hub_url=_hub(root, url),
        self_url=resolve(url, _text(root.get("feed_url"))),
    )


def _hub(root: dict[str, Any], url: str) -> str:
    hubs = root.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _text(hub.get("type")).lower() == "websub":
            return resolve(url, _text(hub.get("url")))
    return ""


def _entry(item: dict[str, Any], *, url: str, authors: str) -> Entry:
    content = _text(item.get("content_html")) or _as_html(_text(item.get("content_text")))
    return Entry(
        id=_text(item.get("id")).strip(),
        url=resolve(url, _text(item.get("url")) or _text(item.get("external_url"))),
        title=one_line(_text(item.get("title"))),
        author=_authors(item) or authors,
        published_at=parse_date(_text(item.get("date_published"))) or parse_date(_text(item.get("date_modified"))),
        summary=_as_html(_text(item.get("summary"))),
        content=content,
    )


def _authors(holder: dict[str, Any]) -> str:
    """Join the names in ``authors`` (1.1) or ``author`` (1.0)."""
    listed = holder.get("authors")
    people = listed if isinstance(listed, list) and listed else [holder.get("author")]
    names = [one_line(_text(person.get("name") if isinstance(person, dict) else person)) for person in people]
    return ", ".join(name for name in names if name)


def _as_html(text: str) -> str:
    return html.escape(text, quote=False)


def _text(value: object) -> str:
    """Read a string; numbers too, as identifiers are often written so. Halves of surrogate pairs are dropped."""
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode() if not value.isascii() else value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
