"""An article as numbers: which term stands where, and what is known of each term."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np

from summarizer.stemming import stem
from summarizer.stopwords import stop_words
from summarizer.terms import cased_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning import Piece

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float32]

# What a word is packs into one number: its length above three flags.
_CAPITAL, _DIGIT, _STOP, _LENGTH_SHIFT = 1, 2, 4, 3
_LONGEST_WORD = 14

# The words of a language met before need not be read again; bounded, for some texts invent them.
_REMEMBERED_WORDS = 50_000

# Below this, term numbers fit 16 bits, which numpy sorts in linear time.
_SMALL = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The terms of an article's sentences; n tokens, T terms, S sentences, P pairs.

    Args:
        tokens: n, the term at each place, sentence after sentence.
        sentence: n, the sentence of each place.
        lengths: S, in tokens.
        starts: S, the place at which each sentence begins.
        counts: T, how often each term occurs.
        order: n, the places sorted by term, then in the text's order.
        groups: T, where each term begins in ``order``.
        digit: T, whether it holds a digit.
        stop: T, whether it says little by itself.
        word_chars: T, its length in letters, cut at 14.
        capitals: T, the share of its occurrences inside sentences that are capitalised.
        inner: T, whether it occurs other than as a sentence's first word.
        in_title: T, whether the headline has it.
        has_title: whether the headline shares any term with the article.
        in_first_paragraph: S, whether the sentence stands in the first of several lines.
        pair_keys: P, ascending: first term times T plus second term, of terms that follow each other in a sentence.
        pair_first: P, the place of a pair's first term where it first occurs.
        pair_counts: P, how often each pair occurs.
        pair_at: for each two places that follow each other in a sentence, their pair.
        pair_places: the first of those two places.
        pair_in_title: P, whether the headline has it.
    """

    tokens: Ints
    sentence: Ints
    lengths: Ints
    starts: Ints
    counts: Ints
    order: Ints
    groups: Ints
    digit: Floats
    stop: Floats
    word_chars: Floats
    capitals: Floats
    inner: NDArray[np.bool_]
    in_title: Floats
    has_title: bool
    in_first_paragraph: NDArray[np.bool_]
    pair_keys: Ints
    pair_first: Ints
    pair_counts: Ints
    pair_at: Ints
    pair_places: Ints
    pair_in_title: Floats


@cache
def _word_reader(lang: str) -> Callable[[str], tuple[str, int]]:
    """Give what turns a word as written into its term and what it is."""
    stop = stop_words(lang)

    @lru_cache(_REMEMBERED_WORDS)
    def read_word(written: str) -> tuple[str, int]:
        word = written.lower()
        kind = min(len(word), _LONGEST_WORD) << _LENGTH_SHIFT
        if written[0] != word[0]:
            kind |= _CAPITAL
        if not word.isalpha() and any(map(str.isdigit, word)):
            kind |= _DIGIT
        if word in stop or len(word) < 2:
            kind |= _STOP
        return (stem(word) if lang == "en" else word), kind

    return read_word


def term_of(word: str, lang: str) -> str:
    """Give the term that a word as written stands for."""
    return _word_reader(lang)(word)[0]


def read_article(text: str, title: str, pieces: Sequence[Piece], lang: str) -> Reading | None:
    """Read the sentences of an article and its headline; ``None`` where no sentence has a word.

    Args:
        text: the article.
        title: its headline, or an empty string.
        pieces: its sentences.
        lang: ISO 639-1.
    """
    read_word = _word_reader(lang)
    found = [cased_words(text[piece.start : piece.end], lang) for piece in pieces]
    written = [word for words in found for word in words]
    if not written:
        return None
    distinct = dict.fromkeys(written)
    terms, kinds_of_words = zip(*map(read_word, distinct), strict=True)
    numbers: dict[str, int] = {}
    term_of_word = np.array([numbers.setdefault(term, len(numbers)) for term in terms])
    word_number = dict(zip(distinct, range(len(distinct)), strict=True))
    word_at = np.fromiter(map(word_number.__getitem__, written), np.intp, len(written))
    tokens = term_of_word[word_at]
    size, total = len(numbers), len(tokens)
    lengths = np.array([len(words) for words in found])
    starts = lengths.cumsum() - lengths
    counts = np.bincount(tokens, minlength=size)
    kinds = np.array(kinds_of_words)
    # Assigned backwards, so that a term is what the first of its words is.
    kind = np.empty(size, np.intp)
    kind[term_of_word[::-1]] = kinds[::-1]
    inside = np.ones(total, np.bool_)
    inside[starts[lengths > 0]] = False
    inner = np.bincount(tokens[inside], minlength=size)
    capital = np.bincount(tokens[inside & ((kinds & _CAPITAL) != 0)[word_at]], minlength=size)
    sentence = np.repeat(np.arange(len(found)), lengths)
    headline = [numbers.get(read_word(word)[0], -1) for word in cased_words(title, lang)]
    in_title = np.zeros(size, np.float32)
    in_title[[term for term in headline if term >= 0]] = 1.0
    places = np.flatnonzero(sentence[1:] == sentence[:-1])
    keys, first, at, pair_counts = _distinct_pairs(tokens[places] * size + tokens[places + 1])
    return Reading(
        tokens=tokens,
        sentence=sentence,
        lengths=lengths,
        starts=starts,
        counts=counts,
        order=_sorted_places(tokens, size),
        groups=counts.cumsum() - counts,
        digit=((kind & _DIGIT) != 0).astype(np.float32),
        stop=((kind & _STOP) != 0).astype(np.float32),
        word_chars=(kind >> _LENGTH_SHIFT).astype(np.float32),
        capitals=(capital / np.maximum(inner, 1)).astype(np.float32),
        inner=inner > 0,
        in_title=in_title,
        has_title=bool(in_title.any()),
        in_first_paragraph=_in_first_paragraph(text, pieces),
        pair_keys=keys,
        pair_first=places[first],
        pair_counts=pair_counts,
        pair_at=at,
        pair_places=places,
        pair_in_title=_among(keys, [a * size + b for a, b in pairwise(headline) if a >= 0 and b >= 0]),
    )


def weighted_counts(numbers: Ints, weights: NDArray[np.floating], size: int) -> NDArray[np.floating]:
    """Sum weights by the number, below ``size``, that each belongs to."""
    # numpy's own types know this function only for whole numbers.
    return cast("NDArray[np.floating]", np.bincount(numbers, weights=weights, minlength=size))


def _sorted_places(values: Ints, size: int) -> Ints:
    """Sort places by value, equal ones in order."""
    return (values.astype(np.uint16) if size < _SMALL else values).argsort(kind="stable")


def _distinct_pairs(keys: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Give distinct keys, where each first occurs, which of them stands at each place, and how often each does."""
    order = keys.argsort(kind="stable")
    ordered = keys[order]
    is_new = np.ones(len(keys), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    begins = np.flatnonzero(is_new)
    at = np.empty(len(keys), np.intp)
    at[order] = is_new.cumsum() - 1
    return ordered[begins], order[begins], at, np.diff(begins, append=len(keys))


def _among(keys: Ints, wanted: list[int]) -> Floats:
    found = np.zeros(len(keys), np.float32)
    if wanted and len(keys):
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found[at[keys[at] == wanted]] = 1.0
    return found


def _in_first_paragraph(text: str, pieces: Sequence[Piece]) -> NDArray[np.bool_]:
    line_end = text.find("\n", pieces[0].start)
    if line_end < 0:
        return np.zeros(len(pieces), np.bool_)
    return np.array([piece.start for piece in pieces]) < line_end
