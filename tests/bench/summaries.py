"""Summaries a second, ours beside sumy's, and their quality where a corpus is at hand."""

from __future__ import annotations

import json
import random
import re
import statistics
import time
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from nltk.stem.porter import PorterStemmer

from summarizer import Document, Method, summarize
from summarizer.stopwords import word_set

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_Gram = TypeVar("_Gram", str, tuple[str, str])

_CHARS = 400
_LEAST_S = 1.0
_ARTICLES = 40
_LONG_SENTENCES = 5_000

# The slow methods are scored on fewer articles, the same for all.
_MOST_SCORED = 100

_METHODS = (Method.NEWS, Method.LEAD, Method.LEXRANK, Method.TEXTRANK, Method.LSA)
_FILES = ("cnndm", "orangesum", "vietnews", "gazeta")

_Summariser = tuple[str, "Callable[[Document], list[str]]"]


def run(corpus: Path | None) -> list[str]:
    """Time each method, and score it where there are references; return the lines of Markdown tables.

    Args:
        corpus: folder with ``summaries/*.jsonl``; ``None`` leaves quality out.
    """
    lines = _speed()
    rows = {name: read for name in _FILES if corpus and (read := _read(corpus / "summaries" / f"{name}.jsonl"))}
    return [*lines, "", *_quality(rows)] if rows else lines


def _summarisers() -> list[_Summariser]:
    def chosen(method: Method, *, brief: bool = False) -> Callable[[Document], list[str]]:
        return lambda document: [
            sentence.text for sentence in summarize(document, max_chars=_CHARS, method=method, brief=brief).sentences
        ]

    return [*((method.value, chosen(method)) for method in _METHODS), ("news, brief", chosen(Method.NEWS, brief=True))]


def _speed() -> list[str]:
    articles = [_article(number, sentences=32) for number in range(_ARTICLES)]
    speeds = {name: _articles_per_s(work, articles) for name, work in _summarisers()}
    long = _article(0, sentences=_LONG_SENTENCES)
    started = time.process_time()
    summarize(long, max_chars=_CHARS)
    long_s = time.process_time() - started
    size = statistics.mean(len(article.text) for article in articles)
    return [
        f"| method (articles of {size:.0f} characters, raw text in) | articles/s | ratio to ours |",
        "|---|---|---|",
        *(f"| {name} | {speed:.0f} | {speed / speeds[Method.NEWS]:.2f} |" for name, speed in speeds.items()),
        "",
        f"news, one article of {_LONG_SENTENCES} sentences: {long_s:.2f} s",
    ]


def _articles_per_s(work: Callable[[Document], list[str]], articles: Sequence[Document]) -> float:
    """Return articles a second of this process's time, over at least a second."""
    work(articles[0])  # lazy imports are not the method's
    done, started = 0, time.process_time()
    while (took_s := time.process_time() - started) < _LEAST_S:
        work(articles[done % len(articles)])
        done += 1
    return done / took_s


def _article(number: int, *, sentences: int) -> Document:
    """Write an article whose words recur as in news: a few often, most seldom."""
    rng = random.Random(number)
    names = [f"{first}{last}" for first in ("Kal", "Mor", "Ves", "Tor") for last in ("ina", "bury", "field", "ovska")]
    words = [
        f"{start}{end}" for start in sorted(_STARTS) for end in ("", "ing", "ed", "er", "ment", "s", "ly", "ation")
    ]
    weights = [1 / (rank + 2) for rank in range(len(words))]
    written = []
    for _ in range(sentences):
        body = rng.choices(words, weights, k=rng.randint(6, 16))
        glue = [f"{rng.choice(_GLUE)} {word}" if rng.random() < 0.5 else word for word in body]
        written.append(f"{rng.choice(names)} {' '.join(glue)} in {rng.randint(1990, 2025)}.")
    return Document(text=" ".join(written), title=" ".join(written[1].split()[:8]), lang="en")


_STARTS = word_set(
    """harbour council bridge timber ferry storm market engine school pilot budget vote river hospital teacher farmer
    station border minister factory railway concert museum winter harvest"""
)
_GLUE = sorted(word_set("the a of to and in for with on at from by that which was were has had"))


def _quality(rows: dict[str, list[dict[str, str]]]) -> list[str]:
    lines = [
        f"| ROUGE-1 / ROUGE-2 F1, {_CHARS} characters, first {_MOST_SCORED} | " + " | ".join(rows) + " |",
        "|---|" + "---|" * len(rows),
    ]
    for name, work in _summarisers():
        cells = []
        for read in rows.values():
            scores = [_rouge(row, work(_document(row))) for row in read]
            one, two = (100 * statistics.mean(column) for column in zip(*scores, strict=True))
            cells.append(f"{one:.2f} / {two:.2f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(_MOST_SCORED), strict=False)]


def _document(row: dict[str, str]) -> Document:
    return Document(text=row["text"], title=row.get("title") or "", lang=row["lang"])


_STEMMER = PorterStemmer()


def _tokens(text: str, lang: str) -> list[str]:
    """Split as the reference implementation of ROUGE does for English, with its stemmer; else into words."""
    if lang != "en":
        return re.findall(r"\w+", text.lower())
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [_STEMMER.stem(word) if len(word) > 3 else word for word in found]


def _rouge(row: dict[str, str], sentences: list[str]) -> tuple[float, float]:
    """ROUGE-1 and -2 F1 (Lin, 2004)."""
    reference, candidate = _tokens(row["summary"], row["lang"]), _tokens(" ".join(sentences), row["lang"])
    return _f1(Counter(reference), Counter(candidate)), _f1(Counter(pairwise(reference)), Counter(pairwise(candidate)))


def _f1(reference: Counter[_Gram], candidate: Counter[_Gram]) -> float:
    hits = (reference & candidate).total()
    total = reference.total() + candidate.total()
    return 2 * hits / total if total else 0.0
