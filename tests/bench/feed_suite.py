"""How many of a feed parser's own expectations hold for ours: titles, links, ids, dates, authors, contents.

Each file of the suite states in a comment what must come of it, in Python's words: ``entries[0]['title'] == u'…'``.
The statements are read, never run. Markup is compared by the text that readers get of it.
"""

from __future__ import annotations

import ast
import re
from calendar import timegm
from collections import Counter
from typing import TYPE_CHECKING, Any

from bot.news.errors import FeedError
from bot.news.feeds.parser import parse_feed
from bot.news.parsing.dates import parse_date
from bot.news.parsing.fragments import text_of_html
from bot.news.parsing.markup import one_line, plain_title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.news.feeds.parser import Feed

_ADDRESS = "http://127.0.0.1:8097/"
_EXPECT = re.compile(r"^\s*Expect:\s*(.+?)\s*$", re.MULTILINE)
_CONTENT_TYPE = re.compile(r"^\s*Header:\s*Content-type:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_ENTRY = {
    "title": "title", "link": "link", "id": "id", "guid": "id", "author": "author", "description": "content",
    "summary": "content", "published": "date", "updated": "date", "date": "date", "published_parsed": "date",
    "updated_parsed": "date", "date_parsed": "date",
}  # fmt: skip
_NESTED = {
    ("title_detail", "value"): "title",
    ("author_detail", "name"): "author",
    ("content", 0, "value"): "content",
    ("summary_detail", "value"): "content",
    ("links", 0, "href"): "link",
}


def run(folder: Path) -> list[str]:
    """Check every file; return the lines of a Markdown table."""
    held, stated = Counter[str](), Counter[str]()
    for path in sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix in {".xml", ".json"}):
        body = path.read_bytes()
        text = _decoded(body)
        header = _CONTENT_TYPE.search(text)
        address = _ADDRESS + path.relative_to(folder).as_posix()
        for where, value in _expectations(text):
            field = ("feed's " if where[0] == "feed" else "") + _field(where[1:])
            stated[field] += 1
            held[field] += _holds(body, header.group(1) if header else None, address, where, value)
    total = f"| all | {stated.total()} | {held.total()} | {held.total() / max(1, stated.total()):.4f} |"
    lines = ["| field | expectations | held | share |", "|---|---|---|---|"]
    lines += [f"| {field} | {count} | {held[field]} | {held[field] / count:.4f} |" for field, count in stated.items()]
    return [*lines, total]


def _decoded(body: bytes) -> str:
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in body[:8]:
        for encoding in ("utf-32", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            try:
                if "Expect" in (text := body.decode(encoding)):
                    return text
            except UnicodeError:
                continue
    return body.decode("utf-8", "replace")


def _expectations(text: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Read what a file states of the fields that we compare."""
    found = _EXPECT.search(text)
    if found is None:
        return
    try:
        tree = ast.parse(found.group(1), mode="eval").body
    except SyntaxError:
        return
    for part in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq):
            where = _path(part.left)
            try:
                value = ast.literal_eval(part.comparators[0])
            except ValueError:
                continue
            if where and _field(where[1:]):
                yield where, value


def _path(node: ast.expr) -> tuple[str | int, ...]:
    """Read ``entries[0]['title']`` as ``("entries", "title")`` and ``feed['title']`` as ``("feed", "title")``."""
    keys: list[str | int] = []
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        keys.insert(0, node.slice.value)  # type: ignore[arg-type]
        node = node.value
    if not isinstance(node, ast.Name) or not keys:
        return ()
    if node.id == "entries" and keys[0] == 0:
        return ("entries", *keys[1:])
    is_feeds = node.id == "feed" and keys[0] in {"title", "link", "title_detail"}
    return ("feed", *keys) if is_feeds else ()


def _field(keys: tuple[str | int, ...]) -> str:
    return _ENTRY.get(str(keys[0]), "") if len(keys) == 1 else _NESTED.get(keys, "")


def _holds(body: bytes, content_type: str | None, address: str, where: tuple[str | int, ...], value: Any) -> bool:
    try:
        feed = parse_feed(body, url=address, content_type=content_type)
    except FeedError:
        return False
    field = _field(where[1:])
    if field == "date":
        return _is_at(feed, value)
    if not isinstance(value, str) or (where[0] == "entries" and not feed.entries):
        return False
    found = _found(feed, field, is_feeds=where[0] == "feed")
    if field == "content":
        return _text(value) in map(_text, found)
    if field == "title":
        return _squeezed(found[0]) in {_squeezed(plain_title(value)), _squeezed(value)}
    return one_line(value) == one_line(found[0]) or (field == "author" and bool(found[0]) and found[0] in value)


def _found(feed: Feed, field: str, *, is_feeds: bool) -> tuple[str, ...]:
    """Read a field of a feed or of its first entry, in all places where it may stand."""
    if is_feeds:
        return ({"title": feed.title, "link": feed.site_url}[field],)
    entry = feed.entries[0]
    if field == "content":
        return entry.content, entry.summary
    return ({"title": entry.title, "link": entry.url, "id": entry.id, "author": entry.author}[field],)


def _is_at(feed: Feed, value: Any) -> bool:
    when = feed.entries[0].published_at if feed.entries else None
    if isinstance(value, tuple) and when is not None:
        return abs(when.timestamp() - timegm(value)) < 1.5
    return when is not None and parse_date(str(value)) == when


def _text(markup: str) -> str:
    return _squeezed(text_of_html(markup))


def _squeezed(text: str) -> str:
    return "".join(text.split())
