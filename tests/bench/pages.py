"""Pages a second, words found, titles, authors and dates right: ours beside the peers', on the same pages in one run.

The trees that judge blocks were trained on part of what `CORPUS` may hold; what they do with pages of sites that they
have not seen, :mod:`tests.bench.train_pages` tells.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import logging
import re
import time
from collections import Counter
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from trafilatura import bare_extraction

from bot.news.errors import ArticleError
from bot.news.pages.article import extract_article

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and what stands in it; ``None`` and empty strings are not compared."""

    corpus: str
    url: str
    html: bytes
    text: str
    title: str = ""
    authors: tuple[str, ...] = ()
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an extractor found; ``None`` where it does not look."""

    text: str
    title: str | None = None
    author: str | None = None
    day: str | None = None


def run(corpus: Path | None) -> list[str]:
    """Time each extractor over every page; return the lines of a Markdown table.

    Args:
        corpus: its ``pages/gold.jsonl`` and the gzipped pages that it names; ``None`` makes some.
    """
    for noisy in ("trafilatura", "newspaper", "readability"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    pages = _load(corpus / "pages") if corpus else _make()
    names = sorted({page.corpus for page in pages})
    extractors: dict[str, Callable[[Page], Found]] = {"Newsgist": _ours, "trafilatura": _trafilatura}
    if importlib.util.find_spec("resiliparse"):
        extractors["resiliparse, text alone"] = _resiliparse
    if importlib.util.find_spec("newspaper"):
        extractors["newspaper4k"] = _newspaper
    found = _timed(extractors, pages)
    theirs = found["trafilatura"][0]
    lines = [
        f"| extractor ({len(pages)} pages) | pages/s | ratio to trafilatura | "
        f"{' | '.join(f'word F1, {name}' for name in names)} | title | author | date |",
        "|---|---|---|" + "---|" * (len(names) + 3),
    ]
    for name, (speed, answers) in found.items():
        pairs = list(zip(pages, answers, strict=True))
        words = [mean(_f1(got.text, page.text) for page, got in pairs if page.corpus == corpus) for corpus in names]
        facts = [_share([check(page, got) for page, got in pairs]) for check in (_title, _author, _day)]
        cells = [f"{speed:.1f}", f"{speed / theirs:.2f}", *(f"{score:.4f}" for score in words), *facts]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _ours(page: Page) -> Found:
    try:
        article = extract_article(page.html, url=page.url)
    except ArticleError:
        return Found(text="")
    day = article.published_at.date().isoformat() if article.published_at else ""
    return Found(text=article.text, title=article.title, author=article.author, day=day)


def _trafilatura(page: Page) -> Found:
    found: Any = bare_extraction(page.html, url=page.url, include_comments=False, with_metadata=True)
    if found is None:
        return Found(text="", title="", author="", day="")
    return Found(text=found.text or "", title=found.title or "", author=found.author or "", day=found.date or "")


def _resiliparse(page: Page) -> Found:
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415 the extra `bench` may be missing
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding  # noqa: PLC0415

    text = bytes_to_str(page.html, detect_encoding(page.html) or "utf-8")
    return Found(text=extract_plain_text(text, main_content=True, list_bullets=False, alt_texts=False))


def _newspaper(page: Page) -> Found:
    import newspaper  # noqa: PLC0415 as above

    article = newspaper.Article(page.url, fetch_images=False)
    try:
        article.download(input_html=page.html.decode("utf-8", "replace"))
        article.parse()
    except Exception:  # noqa: BLE001 it raises whatever its parts raise; a bench counts that as nothing found
        return Found(text="", title="", author="", day="")
    day = str(article.publish_date or "")[:10]
    return Found(text=article.text, title=article.title or "", author=", ".join(article.authors), day=day)


def _timed(extractors: dict[str, Callable[[Page], Found]], pages: list[Page]) -> dict[str, tuple[float, list[Found]]]:
    """Return pages a second of this process's time, and what was found, by extractor.

    They take turns page by page, so that what else the machine does meets them alike.
    """
    took_s = dict.fromkeys(extractors, 0.0)
    found: dict[str, list[Found]] = {name: [] for name in extractors}
    for extract in extractors.values():
        extract(pages[0])
    for page in pages:
        for name, extract in extractors.items():
            started = time.process_time()
            found[name].append(extract(page))
            took_s[name] += time.process_time() - started
    return {name: (len(pages) / took_s[name], found[name]) for name in extractors}


def _title(page: Page, got: Found) -> bool | None:
    if not page.title or got.title is None:
        return None
    ours, gold = _plain(got.title), _plain(page.title)
    return ours == gold or (min(len(ours), len(gold)) > 12 and (ours in gold or gold in ours))


def _author(page: Page, got: Found) -> bool | None:
    if not page.authors or got.author is None:
        return None
    return any(name and name in _plain(got.author) for name in map(_plain, page.authors))


def _day(page: Page, got: Found) -> bool | None:
    return got.day[:10] == page.day if page.day and got.day is not None else None


def _share(right: list[bool | None]) -> str:
    known = [one for one in right if one is not None]
    return f"{mean(known):.4f}" if known else ""


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _f1(found: str, truth: str) -> float:
    ours, theirs = Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(truth.lower()))
    hits = (ours & theirs).total()
    return 2 * hits / (ours.total() + theirs.total()) if ours or theirs else 1.0


def _load(corpus: Path) -> list[Page]:
    rows = [json.loads(line) for line in (corpus / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Page(
            corpus=row["corpus"],
            url=row["url"],
            html=gzip.decompress((corpus / row["html"]).read_bytes()),
            text=row["text"],
            title=row.get("title") or "",
            authors=_names(row.get("author")),
            day=str(row.get("date") or "")[:10],
        )
        for row in rows
    ]


def _names(author: object) -> tuple[str, ...]:
    joined = ", ".join(author) if isinstance(author, list) else str(author or "")
    return tuple(filter(None, re.split(r"[,;]| and ", joined)))


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
            f"<!doctype html><html lang=en><head><title>Late ferry {number} to Sable | Tidewatch</title></head><body>"
            f"<nav><ul>{teasers}</ul></nav><main><article><h1>Late ferry {number} to Sable</h1>"
            f'<p class="byline">By Ada Quill</p><time datetime="2026-03-03T12:00:00Z">3 March</time>'
            f"{''.join(f'<p>{text}</p>' for text in paragraphs)}</article></main>"
            f"<aside><h2>Most read</h2><ul>{teasers}</ul></aside><footer><p>© Tidewatch</p></footer></body></html>"
        )
        made.append(
            Page(
                corpus="made",
                url=f"https://tidewatch.example/{number}",
                html=html.encode(),
                text="\n".join(paragraphs),
                title=f"Late ferry {number} to Sable",
                authors=("Ada Quill",),
                day="2026-03-03",
            )
        )
    return made
