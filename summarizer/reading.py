"""An article as numbers: which term stands where, and what is known of each term."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, cast

import numpy as np

from summarizer.terms import cased_words, cased_words_between
from summarizer.vocabulary import CAPITAL, DIGIT, LENGTH_SHIFT, STOP, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning import Piece
    from summarizer.vocabulary import Vocabulary

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float32]

_WORD_BITS = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The terms of an article's sentences; n tokens, T terms, S sentences, P pairs.

    Args:
        terms: T, ascending: the number of each term in the language's vocabulary.
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

    terms: Ints
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


def read_article(
    text: str, title: str, pieces: Sequence[Piece], lang: str, words: Vocabulary | None = None
) -> Reading | None:
    """Read the sentences of an article and its headline; ``None`` where no sentence has a word.

    Args:
        text: the article.
        title: its headline, or an empty string.
        pieces: its sentences.
        lang: ISO 639-1.
        words: whose numbers of terms to use; ``None``: the language's.
    """
    words = vocabulary(lang) if words is None else words
    found = cased_words_between(text, [(piece.start, piece.end) for piece in pieces], lang)
    lengths = np.array(list(map(len, found)))
    total = int(lengths.sum())
    if not total:
        return None
    word_at = np.fromiter(map(words.__getitem__, chain.from_iterable(found)), np.intp, total)
    kinds = words.kind[word_at]
    terms, order, groups, tokens, counts = _distinct(words.term[word_at].astype(np.intp))
    size = len(terms)
    # A term is what the first of its words is.
    kind = kinds[order[groups]]
    starts = lengths.cumsum() - lengths
    inside = np.ones(total, np.bool_)
    inside[starts[lengths > 0]] = False
    inner = np.bincount(tokens[inside], minlength=size)
    capital = np.bincount(tokens[inside & ((kinds & CAPITAL) != 0)], minlength=size)
    sentence = np.arange(len(found)).repeat(lengths)
    headline = term_numbers(title, lang, words)
    places = np.flatnonzero(sentence[1:] == sentence[:-1])
    keys, pair_order, pair_groups, pair_at, pair_counts = _distinct(tokens[places] * size + tokens[places + 1])
    in_title = np.zeros(size, np.float32)
    pair_in_title = np.zeros(len(keys), np.float32)
    if len(headline):
        local = find_terms(terms, headline)
        in_title[local[local >= 0]] = 1.0
        together = (local[1:] >= 0) & (local[:-1] >= 0)
        pair_in_title[np.isin(keys, (local[:-1] * size + local[1:])[together])] = 1.0
    return Reading(
        terms=terms,
        tokens=tokens,
        sentence=sentence,
        lengths=lengths,
        starts=starts,
        counts=counts,
        order=order,
        groups=groups,
        digit=((kind & DIGIT) != 0).astype(np.float32),
        stop=((kind & STOP) != 0).astype(np.float32),
        word_chars=(kind >> LENGTH_SHIFT).astype(np.float32),
        capitals=(capital / np.maximum(inner, 1)).astype(np.float32),
        inner=inner > 0,
        in_title=in_title,
        has_title=bool(in_title.any()),
        in_first_paragraph=_in_first_paragraph(text, pieces),
        pair_keys=keys,
        pair_first=places[pair_order[pair_groups]],
        pair_counts=pair_counts,
        pair_at=pair_at,
        pair_places=places,
        pair_in_title=pair_in_title,
    )


def term_numbers(text: str, lang: str, words: Vocabulary) -> Ints:
    """Give the numbers of the terms of a text, one for each of its words."""
    found = cased_words(text, lang)
    numbers = np.fromiter(map(words.__getitem__, found), np.intp, len(found))
    return words.term[numbers].astype(np.intp)


def find_terms(terms: Ints, numbers: Ints) -> Ints:
    """Find numbers of terms among an article's; -1 for those that it does not have."""
    at = np.minimum(np.searchsorted(terms, numbers), len(terms) - 1)
    return np.where(terms[at] == numbers, at, -1)


def weighted_counts(numbers: Ints, weights: NDArray[np.floating], size: int) -> NDArray[np.floating]:
    """Sum weights by the number, below ``size``, that each belongs to."""
    # numpy's own types know this function only for whole numbers.
    return cast("NDArray[np.floating]", np.bincount(numbers, weights=weights, minlength=size))


def _distinct(keys: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Sort and group keys.

    Returns:
        The distinct keys; the places sorted by key, then in order; where each key begins among these; which of the
        distinct keys stands at each place; how often each does.
    """
    total = len(keys)
    bits = total.bit_length()
    if total and int(keys.max()).bit_length() + bits < _WORD_BITS:
        # Key and place in one number sort several times faster than places by key.
        packed = (keys << bits) | np.arange(total)
        packed.sort()
        ordered, order = packed >> bits, packed & ((1 << bits) - 1)
    else:
        order = keys.argsort(kind="stable")
        ordered = keys[order]
    is_new = np.ones(total, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    groups = np.flatnonzero(is_new)
    counts = np.empty_like(groups)
    np.subtract(groups[1:], groups[:-1], out=counts[:-1])
    counts[-1:] = total - groups[-1:]
    at = np.empty(total, np.intp)
    at[order] = np.arange(len(groups)).repeat(counts)
    return ordered[groups], order, groups, at, counts


def _in_first_paragraph(text: str, pieces: Sequence[Piece]) -> NDArray[np.bool_]:
    line_end = text.find("\n", pieces[0].start)
    if line_end < 0:
        return np.zeros(len(pieces), np.bool_)
    return np.array([piece.start for piece in pieces]) < line_end
