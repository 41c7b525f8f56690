"""Sentences that point back: without the one before them they hang in the air."""

from __future__ import annotations

import re
from functools import lru_cache

from summarizer.text.tables import LANGUAGES_KEPT, read_words

# Openings, by language, of sentences that continue the one before. Whole words; this joins two.
_JOINT = "_"
_PARTS = re.compile(r"['’-]")
_FIRST_WORD = re.compile(r"\W*([\w'’-]+)")
_SECOND_WORD = re.compile(r" ([\w'’-]+)")


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
    if word in pointers or (not word.isalpha() and _PARTS.split(word, maxsplit=1)[0] in pointers):
        return True
    following = _of_two(lang).get(word)
    second = _SECOND_WORD.match(text, first.end()) if following else None
    return bool(following and second and second[1].lower() in following)


@lru_cache(LANGUAGES_KEPT)
def pointing_words(lang: str) -> frozenset[str]:
    """Give the words, lower case and without marks, that a sentence which :func:`points_back` can begin with."""
    return frozenset(
        _PARTS.split(pointer.partition(_JOINT)[0], maxsplit=1)[0] for pointer in read_words("pointers", lang)
    )


@lru_cache(LANGUAGES_KEPT)
def _of_two(lang: str) -> dict[str, frozenset[str]]:
    """Give the pointers that are made of two words: by the first, what may follow it."""
    pairs = [pointer.split(_JOINT) for pointer in read_words("pointers", lang) if _JOINT in pointer]
    return {first: frozenset(second for one, second in pairs if one == first) for first, _ in pairs}
