"""An article as numbers: which term stands where, and what is known of each term."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from summarizer.text.terms import cased_words, cased_words_between
from summarizer.text.vocabulary import CAPITAL, DIGIT, LENGTH_SHIFT, STOP, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning.report import Piece
    from summarizer.text.vocabulary import Vocabulary

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float32]

_WORD_BITS = 63
_NO_TERMS = np.zeros(0, np.intp)


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
        first: T, the place at which each term first occurs.
        held: the sentences that hold each term, those of the first term first, in the text's order.
        held_term: for each of these, the term.
        held_counts: for each of these, how often it has the term.
        held_groups: T, where the sentences of each term begin in ``held``.
        digit: T, whether it holds a digit.
        stop: T, whether it says little by itself.
        leaning: T, how much a summary leans to it in this language; 0 where nothing is known.
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
        again: the sentences that hold each pair that occurs more than once, as in ``held``.
        again_pair: for each of these, the pair.
        pair_in_title: P, whether the headline has it.
    """

    terms: Ints
    tokens: Ints
    sentence: Ints
    lengths: Ints
    starts: Ints
    counts: Ints
    first: Ints
    held: Ints
    held_term: Ints
    held_counts: Ints
    held_groups: Ints
    digit: Floats
    stop: Floats
    leaning: Floats
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
    again: Ints
    again_pair: Ints
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
    found_terms = _distinct(words.term.take(word_at).astype(np.intp))
    tokens, counts, order = found_terms.at, found_terms.counts, found_terms.order
    size = len(counts)
    first = order[found_terms.groups]
    # A term is what the first of its words is.
    kind = kinds[first]
    starts = lengths.cumsum() - lengths
    opening = starts[lengths > 0]
    inner = counts - np.bincount(tokens[opening], minlength=size)
    capital = (kinds & CAPITAL).astype(np.bool_)
    capital[opening] = False
    sentence = np.arange(len(found)).repeat(lengths)
    held = sentence[order]
    held_at, held_groups = _runs(found_terms, held)
    places = (sentence[1:] == sentence[:-1]).nonzero()[0]
    pairs = _distinct(tokens[places] * size + tokens[places + 1])
    again, again_pair = _recurring(pairs, sentence[places])
    headline = term_numbers(title, lang, words) if title else _NO_TERMS
    in_title, pair_in_title = _in_title(headline, found_terms.keys, pairs.keys)
    return Reading(
        terms=found_terms.keys,
        tokens=tokens,
        sentence=sentence,
        lengths=lengths,
        starts=starts,
        counts=counts,
        first=first,
        held=held[held_at],
        held_term=found_terms.number[held_at],
        held_counts=_gaps(held_at, total),
        held_groups=held_groups,
        digit=((kind & DIGIT) != 0).astype(np.float32),
        stop=((kind & STOP) != 0).astype(np.float32),
        leaning=words.leaning[word_at[first]],
        word_chars=(kind >> LENGTH_SHIFT).astype(np.float32),
        capitals=np.bincount(tokens[capital], minlength=size).astype(np.float32) / np.maximum(inner, 1),
        inner=inner > 0,
        in_title=in_title,
        has_title=bool(in_title.any()),
        in_first_paragraph=_in_first_paragraph(text, pieces),
        pair_keys=pairs.keys,
        pair_first=places[pairs.order[pairs.groups]],
        pair_counts=pairs.counts,
        pair_at=pairs.at,
        pair_places=places,
        again=again,
        again_pair=again_pair,
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


class _Distinct(NamedTuple):
    """Keys, sorted and grouped.

    Args:
        keys: the distinct ones, ascending.
        order: the places sorted by key, then in order.
        groups: where each distinct key begins in ``order``.
        number: which of the distinct keys stands at each place in ``order``.
        at: which stands at each place.
        counts: how often each occurs.
    """

    keys: Ints
    order: Ints
    groups: Ints
    number: Ints
    at: Ints
    counts: Ints


def _distinct(keys: Ints) -> _Distinct:
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
    groups = is_new.nonzero()[0]
    counts = _gaps(groups, total)
    number = np.arange(len(groups)).repeat(counts)
    at = np.empty(total, np.intp)
    at[order] = number
    return _Distinct(ordered[groups], order, groups, number, at, counts)


def _gaps(begins: Ints, total: int) -> Ints:
    """Give the distance from each beginning to the next, and from the last to the end."""
    gaps = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=gaps[:-1])
    gaps[-1:] = total - begins[-1:]
    return gaps


def _runs(found: _Distinct, sentence: Ints) -> tuple[Ints, Ints]:
    """Find where another key or another sentence begins in ``found.order``, and which of these begin each key.

    Args:
        found: the keys.
        sentence: of each place in ``found.order``.
    """
    is_new = np.ones(len(sentence), np.bool_)
    np.not_equal(sentence[1:], sentence[:-1], out=is_new[1:])
    is_new[found.groups] = True
    return is_new.nonzero()[0], is_new.cumsum()[found.groups] - 1


def _recurring(found: _Distinct, sentence: Ints) -> tuple[Ints, Ints]:
    """Give the sentences that hold each key that occurs more than once, and the keys.

    Args:
        found: the keys.
        sentence: of each place.
    """
    recurs = (found.counts.take(found.number) > 1).nonzero()[0]
    held, number = sentence.take(found.order.take(recurs)), found.number.take(recurs)
    is_new = np.ones(len(held), np.bool_)
    is_new[1:] = (held[1:] != held[:-1]) | (number[1:] != number[:-1])
    return held[is_new], number[is_new]


def _in_title(headline: Ints, terms: Ints, pair_keys: Ints) -> tuple[Floats, Floats]:
    """Say which terms, and which pairs, the headline has."""
    in_title, pair_in_title = np.zeros(len(terms), np.float32), np.zeros(len(pair_keys), np.float32)
    if len(headline):
        local = find_terms(terms, headline)
        in_title[local[local >= 0]] = 1.0
        together = (local[1:] >= 0) & (local[:-1] >= 0)
        if len(pair_keys):
            at = find_terms(pair_keys, (local[:-1] * len(terms) + local[1:])[together])
            pair_in_title[at[at >= 0]] = 1.0
    return in_title, pair_in_title


def _in_first_paragraph(text: str, pieces: Sequence[Piece]) -> NDArray[np.bool_]:
    line_end = text.find("\n", pieces[0].start)
    if line_end < 0:
        return np.zeros(len(pieces), np.bool_)
    return np.array([piece.start for piece in pieces]) < line_end
