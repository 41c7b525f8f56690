"""The telling words of a title, and what the forms of a word have in common."""

from __future__ import annotations

import re

from summarizer.text.stemming import stem
from summarizer.text.stopwords import stop_words
from summarizer.text.terms import cased_words

_TERM_CHARS = 6
_WORD = re.compile(r"\w+")


def keyword_of(word: str) -> str:
    """Give what the forms of one word have in common; empty for what is no word.

    English inflection is taken off, of other words the first six letters count (see ``terms``), so that a key can be
    made of a word whose language nobody knows.
    """
    match = _WORD.search(word.lower())
    if match is None:
        return ""
    return (stem(match[0]) if match[0].isascii() else match[0])[:_TERM_CHARS]


def keywords(title: str, lang: str) -> dict[str, str]:
    """Map the keys of a title's telling words, in their order, to the words as they are written."""
    stop = stop_words(lang)
    found: dict[str, str] = {}
    for word in cased_words(title, lang):
        if word.lower() in stop or len(word) < 2 or word.isdecimal():
            continue
        found.setdefault(keyword_of(word), word)
    return found
