"""Lists of feeds as other readers write them: whether each can be read, comes back whole, and how fast."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import listparser

from bot.news.feeds.opml import MOST_ENTRIES, NotAListError, read_list, write_list
from bot.news.web.guard import Guard

if TYPE_CHECKING:
    from pathlib import Path

    from storage.model import ListedFeed


def run(corpus: Path | None) -> list[str]:
    """Measure, and give Markdown lines."""
    many = "".join(f'<outline text="P{n}" xmlUrl="https://p{n}.example/feed?a=1&b={n}"/>' for n in range(MOST_ENTRIES))
    bodies = {"ten thousand feeds, made up": [f"<opml><body>{many}</body></opml>".encode()]}
    if corpus is not None and (paths := sorted((corpus / "opml").glob("*"))):
        bodies[f"the {len(paths)} lists of the corpus"] = [path.read_bytes() for path in paths]
    lines = [
        "| | files read | feeds | listparser's | come back whole | feeds/s |",
        "|---|---|---|---|---|---|",
    ]
    for name, files in bodies.items():
        lines.append(_row(name, files))
    return lines


def _row(name: str, files: list[bytes]) -> str:
    guard = Guard()
    started = time.process_time()
    found = [entries for body in files if (entries := _read(body, guard)) is not None]
    spent_s = time.process_time() - started
    whole = sum(_comes_back(entries, guard) for entries in found)
    feeds = sum(map(len, found))
    theirs = sum(len(listparser.parse(body).feeds) for body in files)
    return (
        f"| {name} | {len(found)} of {len(files)} | {feeds:,} | {theirs:,} | {whole} of {len(found)} "
        f"| {feeds / spent_s:,.0f} |"
    )


def _read(body: bytes, guard: Guard) -> tuple[ListedFeed, ...] | None:
    try:
        return read_list(body, guard).entries or None
    except NotAListError:
        return None


def _comes_back(entries: tuple[ListedFeed, ...], guard: Guard) -> bool:
    written = write_list(entries, title="Bench", now=datetime.now(UTC))
    return sorted(map(repr, read_list(written.encode(), guard).entries)) == sorted(map(repr, entries))
