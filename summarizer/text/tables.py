"""The word lists that ship with the package: text files of lines under headings in brackets."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

LANGUAGES_KEPT = 64
"""Of how many languages what was made of their tables is kept; more than have tables, and callers may name any."""

# Of each language there are some eight lists.
_LISTS_KEPT = 8 * LANGUAGES_KEPT


@cache
def read_table(name: str) -> dict[str, tuple[str, ...]]:
    """Read ``words/name.txt``: the lines under each heading; ``#`` starts a comment line."""
    table: dict[str, list[str]] = {}
    heading = ""
    for line in (files("summarizer") / "words" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            heading = line[1:-1]
        elif line and not line.startswith("#"):
            table.setdefault(heading, []).append(line)
    return {heading: tuple(lines) for heading, lines in table.items()}


@lru_cache(_LISTS_KEPT)
def read_words(name: str, heading: str) -> frozenset[str]:
    """Read the words under one heading of ``words/name.txt``; none where it has no such heading."""
    return frozenset(word for line in read_table(name).get(heading, ()) for word in line.split())
