"""Feeds a second and fields right, ours beside the peers', on the same documents in one run."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING, Any, TypeAlias

import fastfeedparser
import feedparser
from lxml import etree

from bot.news.errors import FeedError
from bot.news.feeds.parser import parse_feed
from tests.bench import feed_stream, feed_suite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Fields: TypeAlias = tuple[str, str, str]
"""An entry's title, link and id."""

_ADDRESS = "https://tidewatch.example/feed"
_LEAST_S = 1.0


def run(corpus: Path | None) -> list[str]:
    """Time each parser over every document, and compare what it reads; return the lines of a Markdown table.

    Args:
        corpus: its ``feeds/real`` are read; ``None`` makes some.
    """
    bodies = _load(corpus / "feeds" / "real") if corpus else _make()
    strict = [(body, wanted) for body in bodies if (wanted := _expected(body)) is not None]
    parsers: dict[str, Callable[[bytes], list[Fields]]] = {
        "Newsgist": _ours,
        "feedparser, no sanitiser": lambda body: _peers(feedparser.parse(body, sanitize_html=False)),
        "feedparser": lambda body: _peers(feedparser.parse(body)),
        "fastfeedparser": _fastfeedparser,
    }
    speeds = {
        name: (_speed(parse, bodies), _speed(parse, [body for body, _ in strict])) for name, parse in parsers.items()
    }
    ours = speeds["Newsgist"][0]
    lines = [
        f"| parser ({len(bodies)} feeds, {len(strict)} well-formed) | feeds/s | well-formed/s | ratio to ours | entries"
        " read | right in well-formed: title | link | id |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, parse in parsers.items():
        everything, well_formed = speeds[name]
        read = sum(len(parse(body)) for body in bodies)
        shares = " | ".join(f"{share:.4f}" for share in _right(parse, strict))
        lines.append(f"| {name} | {everything:.0f} | {well_formed:.0f} | {everything / ours:.2f} | {read} | {shares} |")
    lines += ["", *feed_stream.run(bodies, [body for body, _ in strict])]
    if corpus and (suite := corpus / "feeds" / "suite").is_dir():
        lines += ["", *feed_suite.run(suite)]
    return lines


def _ours(body: bytes) -> list[Fields]:
    try:
        entries = parse_feed(body, url=_ADDRESS, most_entries=10_000).entries
    except FeedError:
        return []
    return [(entry.title, entry.url, entry.id) for entry in entries]


def _peers(feed: Any) -> list[Fields]:
    """Read a peer's result, which both peers give in feedparser's form."""
    return [(entry.get("title") or "", entry.get("link") or "", entry.get("id") or "") for entry in feed.entries]


def _fastfeedparser(body: bytes) -> list[Fields]:
    try:
        return _peers(fastfeedparser.parse(body))
    except Exception:  # noqa: BLE001 it raises whatever its parts raise; a bench counts that as nothing read
        return []


def _expected(body: bytes) -> list[Fields] | None:
    """Read the plain fields of a well-formed feed straight from its tree; ``None`` for any other document.

    A field that is missing, or that could be read in several ways, is empty, and is not compared.
    """
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
    items = root.xpath("//*[local-name()='item' or local-name()='entry']")
    return [
        (
            "".join(item.xpath("./*[local-name()='title'][1]")[0].itertext()) if _has(item, "title") else "",
            _text(item, "link") if _text(item, "link").startswith("http") else "",
            _text(item, "guid") or _text(item, "id"),
        )
        for item in items
    ]


def _has(item: Any, name: str) -> bool:
    """Tell whether an entry has exactly one child of a name, in its own namespace."""
    space, brace, _ = item.tag.rpartition("}")
    return len(item.findall(f"{space}{brace}{name}")) == 1


def _text(item: Any, name: str) -> str:
    return "".join(item.xpath(f"./*[local-name()='{name}']")[0].itertext()).strip() if _has(item, name) else ""


def _right(parse: Callable[[bytes], list[Fields]], strict: list[tuple[bytes, list[Fields]]]) -> list[float]:
    """Tell which share of titles, links and ids a parser reads as they are written, white space and markup aside."""
    right, compared = [0, 0, 0], [0, 0, 0]
    for body, wanted in strict:
        found = parse(body)
        for rank, want in enumerate(wanted):
            got = found[rank] if rank < len(found) else ("", "", "")
            for field in range(3):
                if want[field]:
                    compared[field] += 1
                    right[field] += _plain(got[field]) == _plain(want[field])
    return [good / max(count, 1) for good, count in zip(right, compared, strict=True)]


def _plain(text: str) -> str:
    for _ in range(2):
        text = html.unescape(text)
    return re.sub(r"\s+|/$", "", re.sub(r"<[^<>]{1,500}>", "", text)).lower()


def _speed(parse: Callable[[bytes], list[Fields]], bodies: list[bytes]) -> float:
    """Return documents a second of this process's time: the best of the rounds of at least a second."""
    best_s = float("inf")
    started = time.process_time()
    while time.process_time() - started < _LEAST_S:
        before_s = time.process_time()
        for body in bodies:
            parse(body)
        best_s = min(best_s, time.process_time() - before_s)
    return len(bodies) / best_s


def _load(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def _make() -> list[bytes]:
    """Write feeds of different formats and lengths, some ill-formed."""
    made = []
    for number in range(60):
        entries = 5 + number % 40
        text = "&lt;p&gt;The ferry from Orsa to Sable ran late again, and the quay was full by nine.&lt;/p&gt;" * 8
        if number % 3:
            items = "".join(
                f"<item><title>Ferry {n} late</title><link>https://tidewatch.example/{n}</link><guid>{n}</guid>"
                f"<pubDate>Tue, 03 Mar 2026 12:{n:02}:00 GMT</pubDate><description>{text}</description></item>"
                for n in range(entries)
            )
            body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
        else:
            items = "".join(
                f'<entry><title>Ferry {n} late</title><link href="https://tidewatch.example/{n}"/><id>{n}</id>'
                f'<updated>2026-03-03T12:{n:02}:00Z</updated><content type="html">{text}</content></entry>'
                for n in range(entries)
            )
            body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{items}</feed>'
        made.append((body if number % 10 else f"\n{body} & more").encode())
    return made
