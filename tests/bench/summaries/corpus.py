"""Articles with summaries that people wrote: a folder of JSON lines, or the small corpus of our own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from summarizer import Document

OWN = Path(__file__).parents[2] / "summarizer" / "corpus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An article and what people made of it.

    Args:
        document: the article.
        references: one summary or several.
    """

    document: Document
    references: tuple[str, ...]


def list_files(folder: Path | None) -> list[Path]:
    """List a corpus's files, by name; ``None`` for our own. They may stand in a folder ``summaries`` of it."""
    inner = OWN if folder is None else folder / "summaries" if (folder / "summaries").is_dir() else folder
    files = sorted(inner.glob("*.jsonl"))
    if not files:
        raise SystemExit(f"{inner} holds no *.jsonl")
    return files


@lru_cache(2)
def read_examples(path: Path, most: int | None = None) -> tuple[Example, ...]:
    """Read the first so many rows of a file: ``lang``, ``title``, ``text`` and ``summary``.

    A summary is a text, or a list of its lines, or a list of such lists, which are several summaries.
    """
    with path.open(encoding="utf-8") as lines:
        return tuple(_example(json.loads(line)) for line in islice(lines, most))


def _example(row: dict[str, object]) -> Example:
    summary = row["summary"]
    if isinstance(summary, str):
        references: tuple[str, ...] = (summary,)
    elif isinstance(summary, list) and summary and isinstance(summary[0], list):
        references = tuple("\n".join(lines) for lines in summary)
    elif isinstance(summary, list):
        references = ("\n".join(summary),)
    else:
        raise TypeError(f"a summary is {type(summary).__name__}")
    document = Document(text=str(row["text"]), title=str(row.get("title") or ""), lang=str(row.get("lang") or "en"))
    return Example(document=document, references=references)
