"""What the classic methods count: the words of each sentence, without stop words, stemmed as sumy stems them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from sumy.nlp.stemmers import Stemmer, null_stemmer

from summarizer.text.stopwords import stop_words
from summarizer.text.tables import LANGUAGES_KEPT
from summarizer.text.terms import TERM_CHARS, cased_words_between, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

# Languages whose stemmers sumy has, by the names that it knows them by.
_STEMMED = {
    "ar": "arabic",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "uk": "ukrainian",
}

# sumy asks for further packages for these; words cut to their beginnings meet as well (see summarizer.text.terms).
_CUT = frozenset({"el", "pl"})

# Stemming is most of what the vectorised methods would do; articles share most of their words.
_STEMS_KEPT = 1 << 15


@lru_cache(LANGUAGES_KEPT)
def stemmer(lang: str) -> Callable[[str], str]:
    """Give the function by which sumy stems a language, with a memory; lower case alone where it has none."""
    if lang in _CUT:
        return lambda word: word[:TERM_CHARS]
    stem: Callable[[str], str] = Stemmer(_STEMMED[lang]) if lang in _STEMMED else null_stemmer
    return lru_cache(_STEMS_KEPT)(stem)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each sentence holds each term: a row for each term of each sentence, in the order of sentences.

    Args:
        rows: the number of the sentence.
        terms: the number of the term.
        times: how often, as floats.
        lengths: one for each sentence: how many words it has that count, repeated ones too.
        size: how many terms there are.
    """

    rows: NDArray[np.intp]
    terms: NDArray[np.intp]
    times: NDArray[np.float64]
    lengths: NDArray[np.intp]
    size: int


def read_words(text: str, bounds: Sequence[tuple[int, int]], lang: str) -> list[list[str]]:
    """Give the lower-case words of each sentence."""
    if text.isascii():
        found, ends = cased_words_between(text.lower(), bounds, lang)
        return [found[begin:end] for begin, end in pairwise((0, *ends))]
    return [words(text[start:end], lang) for start, end in bounds]


def stems_by_word(found: Sequence[Sequence[str]], lang: str) -> dict[str, str | None]:
    """Give the stem of each word that occurs; ``None`` for stop words."""
    stop, stem = stop_words(lang), stemmer(lang)
    return {word: None if word in stop else stem(word) for word in dict.fromkeys(chain.from_iterable(found))}


def count_terms(found: Sequence[Sequence[str]], term_of: Mapping[str, str | None]) -> Counts:
    """Count the terms of sentences.

    Args:
        found: the words of each sentence.
        term_of: the term that a word stands for; ``None`` where it does not count.
    """
    numbers: dict[str, int] = {}
    number_of = {word: -1 if term is None else numbers.setdefault(term, len(numbers)) for word, term in term_of.items()}
    flat = np.fromiter(map(number_of.__getitem__, chain.from_iterable(found)), np.intp)
    at = np.repeat(np.arange(len(found)), np.fromiter(map(len, found), np.intp, len(found)))
    kept = flat >= 0
    flat, at = flat[kept], at[kept]
    size = max(len(numbers), 1)
    keys, times = np.unique(at * size + flat, return_counts=True)
    rows, terms = np.divmod(keys, size)
    return Counts(rows, terms, times.astype(np.float64), np.bincount(at, minlength=len(found)), size)


def best_first(scores: NDArray[np.float64]) -> list[int]:
    """Give the numbers of the sentences by score; equal ones, and those without a number, in their own order."""
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order


def as_one(scores: NDArray[Any], texts: Sequence[str]) -> NDArray[Any]:
    """Give equal sentences the score of the last of them, as sumy does, which files scores under the sentence."""
    last = {text: number for number, text in enumerate(texts)}
    return scores if len(last) == len(texts) else scores[[last[text] for text in texts]]


def sum_equal(scores: NDArray[np.float64], texts: Sequence[str]) -> NDArray[np.float64]:
    """Give equal sentences the sum of their scores, as sumy's Reduction does, which adds up under the sentence."""
    if len(set(texts)) == len(texts):
        return scores
    sums: dict[str, float] = {}
    for text, score in zip(texts, scores.tolist(), strict=True):
        sums[text] = sums.get(text, 0.0) + score
    return np.array([sums[text] for text in texts])
