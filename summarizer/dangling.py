"""Sentences that point back: without the one before them they hang in the air."""

from __future__ import annotations

import re

from summarizer.tables import read_words

# Openings, by language, of sentences that continue the one before. Whole words.
_PARTS = re.compile(r"['’-]")
_FIRST_WORD = re.compile(r"\W*([\w'’-]+)")


def points_back(sentence: str, lang: str) -> bool:
    """Whether a sentence opens with a word that leans on the sentence before it."""
    first = _FIRST_WORD.match(sentence)
    if not first:
        return False
    word, pointers = first.group(1).lower(), read_words("pointers", lang)
    return word in pointers or (not word.isalpha() and _PARTS.split(word, maxsplit=1)[0] in pointers)
