"""Words, and the terms that stand for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"\w+")
_WIDE_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_ASCII_GAPS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
_WIDE_SCRIPTS = frozenset({"zh", "ja"})

# Words are told apart by so many letters, which joins most inflected forms in any alphabet (truncation; McNamee and
# Mayfield, 2004, found it on a level with stemmers for retrieval in European languages) and needs no stemmer.
_TERM_CHARS = 6


def words(text: str, lang: str) -> list[str]:
    """Give the lower-case words of a text; in Chinese and Japanese overlapping pairs of characters."""
    if lang not in _WIDE_SCRIPTS:
        return _WORD.findall(text.lower())
    found: list[str] = []
    for run in _WIDE_RUN.findall(text.lower()):
        if run[0] >= "\u3040" and len(run) > 1:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            found.append(run)
    return found


def cased_words(text: str, lang: str) -> list[str]:
    """Give the words of a text as they are written; in Chinese and Japanese as :func:`words` does."""
    return words(text, lang) if lang in _WIDE_SCRIPTS else _WORD.findall(text)


def cased_words_between(text: str, bounds: Iterable[tuple[int, int]], lang: str) -> list[list[str]]:
    """Give the :func:`cased_words` between each two bounds of a text."""
    if lang not in _WIDE_SCRIPTS and text.isascii():
        # The same words in a third of the time.
        spaced = text.translate(_ASCII_GAPS)
        return [spaced[start:end].split() for start, end in bounds]
    return [cased_words(text[start:end], lang) for start, end in bounds]


def terms(found: list[str], stop: frozenset[str]) -> list[str]:
    """Give those of a text's words that carry meaning, cut to their beginnings.

    Args:
        found: the text's :func:`words`.
        stop: words to leave out, lower case.
    """
    return [word[:_TERM_CHARS] for word in found if word not in stop and len(word) > 1]


def count_words(text: str, lang: str) -> int:
    """Count words as a person would: between white space; in Chinese and Japanese each character is one."""
    if lang not in _WIDE_SCRIPTS:
        return len(text.split())
    return sum(len(run) if run[0] >= "\u3040" else 1 for run in _WIDE_RUN.findall(text))
