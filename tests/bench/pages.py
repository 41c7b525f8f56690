"""Pages a second and words found, ours beside trafilatura's, on the same pages in one run."""

from __future__ import annotations

import gzip
import json
import logging
import re
import time
from collections import Counter
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from trafilatura import bare_extraction

from bot.news.article import extract_article
from bot.news.errors import ArticleError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and the text that stands in it."""

    url: str
    html: bytes
    text: str


def run(corpus: Path | None) -> list[str]:
    """Time each extractor over every page; return the lines of a Markdown table.

    Args:
        corpus: its ``pages/gold.jsonl`` and the gzipped pages that it names; ``None`` makes some.
    """
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    pages = _load(corpus / "pages") if corpus else _make()
    extractors: dict[str, Callable[[Page], str]] = {
        "Newsgist": _ours,
        "trafilatura, with metadata": lambda page: _trafilatura(page, with_metadata=True),
        "trafilatura, text alone": lambda page: _trafilatura(page, with_metadata=False),
    }
    measured = {name: _measure(extract, pages) for name, extract in extractors.items()}
    ours = measured["Newsgist"][0]
    return [
        f"| extractor ({len(pages)} pages) | pages/s | ratio to ours | word F1 |",
        "|---|---|---|---|",
        *(f"| {name} | {speed:.1f} | {speed / ours:.2f} | {score:.4f} |" for name, (speed, score) in measured.items()),
    ]


def _ours(page: Page) -> str:
    try:
        return extract_article(page.html, url=page.url).text
    except ArticleError:
        return ""


def _trafilatura(page: Page, *, with_metadata: bool) -> str:
    found = bare_extraction(page.html, url=page.url, include_comments=False, with_metadata=with_metadata)
    return getattr(found, "text", None) or ""


def _measure(extract: Callable[[Page], str], pages: list[Page]) -> tuple[float, float]:
    """Return pages a second of this process's time, and the mean F1 of the bags of words."""
    extract(pages[0])
    started = time.process_time()
    texts = [extract(page) for page in pages]
    took_s = time.process_time() - started
    return len(pages) / took_s, mean(_f1(text, page.text) for text, page in zip(texts, pages, strict=True))


def _f1(found: str, truth: str) -> float:
    ours, theirs = Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(truth.lower()))
    hits = (ours & theirs).total()
    return 2 * hits / (ours.total() + theirs.total()) if ours or theirs else 1.0


def _load(corpus: Path) -> list[Page]:
    rows = [json.loads(line) for line in (corpus / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Page(url=row["url"], html=gzip.decompress((corpus / row["html"]).read_bytes()), text=row["text"])
        for row in rows
    ]


def _make() -> list[Page]:
    """Write pages with navigation, teasers and footers around a text of our own."""
    made = []
    for number in range(40):
        paragraphs = [
            f"On the morning of day {day} the ferry to Sable left {day + number} minutes late, because the crane at "
            f"Pier {number} had dropped its load across the slipway and nobody could find the key to the winch."
            for day in range(6 + number % 9)
        ]
        teasers = "".join(f'<li><a href="/{n}">Herring quota for week {n} published</a></li>' for n in range(40))
        html = (
            f"<!doctype html><html lang=en><head><title>Late ferry {number} | Tidewatch</title></head><body>"
            f"<nav><ul>{teasers}</ul></nav><main><article><h1>Late ferry {number}</h1>"
            f"{''.join(f'<p>{text}</p>' for text in paragraphs)}</article></main>"
            f"<aside><h2>Most read</h2><ul>{teasers}</ul></aside><footer><p>© Tidewatch</p></footer></body></html>"
        )
        made.append(Page(url=f"https://tidewatch.example/{number}", html=html.encode(), text="\n".join(paragraphs)))
    return made
