"""Sentences that point back: without the one before them they hang in the air."""

from __future__ import annotations

import re
from functools import lru_cache

from summarizer.text.tables import LANGUAGES_KEPT, read_words

# Openings, by language, of sentences that continue the one before. Whole words.
_PARTS = re.compile(r"['’-]")
_FIRST_WORD = re.compile(r"\W*([\w'’-]+)")


def points_back(text: str, lang: str, start: int = 0, end: int | None = None) -> bool:
    """Whether a sentence opens with a word that leans on the sentence before it.

    Args:
        text: what the sentence stands in.
        lang: ISO 639-1.
        start: where it begins.
        end: where it ends; ``None``: with the text.
    """
    first = _FIRST_WORD.match(text, start, len(text) if end is None else end)
    if not first:
        return False
    word, pointers = first[1].lower(), read_words("pointers", lang)
    return word in pointers or (not word.isalpha() and _PARTS.split(word, maxsplit=1)[0] in pointers)


@lru_cache(LANGUAGES_KEPT)
def pointing_words(lang: str) -> frozenset[str]:
    """Give the words, lower case and without marks, that a sentence which :func:`points_back` can begin with."""
    return frozenset(_PARTS.split(pointer, maxsplit=1)[0] for pointer in read_words("pointers", lang))
