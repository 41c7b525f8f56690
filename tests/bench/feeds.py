"""Feeds a second, ours beside the peers', on the same documents in one run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import fastfeedparser
import feedparser

from bot.news.errors import FeedError
from bot.news.feed import parse_feed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ADDRESS = "https://tidewatch.example/feed"
_LEAST_S = 1.0


def run(corpus: Path | None) -> list[str]:
    """Time each parser over every document; return the lines of a Markdown table.

    Args:
        corpus: its ``feeds/real`` are read; ``None`` makes some.
    """
    bodies = _load(corpus / "feeds" / "real") if corpus else _make()
    parsers: dict[str, Callable[[bytes], int]] = {
        "Newsgist": _ours,
        "feedparser, no sanitiser": lambda body: len(feedparser.parse(body, sanitize_html=False).entries),
        "feedparser": lambda body: len(feedparser.parse(body).entries),
        "fastfeedparser": _fastfeedparser,
    }
    measured = {name: _measure(parse, bodies) for name, parse in parsers.items()}
    ours = measured["Newsgist"][0]
    return [
        f"| parser ({len(bodies)} feeds) | feeds/s | ratio to ours | entries read |",
        "|---|---|---|---|",
        *(f"| {name} | {speed:.0f} | {speed / ours:.2f} | {count} |" for name, (speed, count) in measured.items()),
    ]


def _ours(body: bytes) -> int:
    try:
        return len(parse_feed(body, url=_ADDRESS, most_entries=10_000).entries)
    except FeedError:
        return 0


def _fastfeedparser(body: bytes) -> int:
    try:
        return len(fastfeedparser.parse(body).entries)
    except Exception:  # noqa: BLE001 it raises whatever its parts raise; a bench counts that as nothing read
        return 0


def _measure(parse: Callable[[bytes], int], bodies: list[bytes]) -> tuple[float, int]:
    """Return documents a second of this process's time, over at least a second, and entries of one round."""
    entries = sum(map(parse, bodies))  # warms caches and lazy imports, too
    rounds, started = 0, time.process_time()
    while (took_s := time.process_time() - started) < _LEAST_S:
        for body in bodies:
            parse(body)
        rounds += 1
    return rounds * len(bodies) / took_s, entries


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
