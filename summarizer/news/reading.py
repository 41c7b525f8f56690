"""An article as numbers: which term stands where, and what is known of each term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from summarizer.text.terms import WIDE_SCRIPTS, cased_words, cased_words_between
from summarizer.text.tokens import find_tokens
from summarizer.text.vocabulary import CAPITAL, POINTER, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning.report import Piece
    from summarizer.text.vocabulary import Vocabulary

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float32]

# Keys and places are sorted as one number of so many bits.
_WORD_BITS = 63
_NO_TERMS = np.zeros(0, np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The terms of an article's sentences, and the pairs of terms that follow each other in a sentence.

    n tokens, T terms, S sentences, P pairs. Terms and pairs are items, I = T + P of them: the terms first, then the
    pairs by their first and their second term.

    Args:
        terms: T, ascending: the number of each term in the language's vocabulary.
        tokens: n, the term at each place, sentence after sentence.
        sentence: n, the sentence of each place.
        lengths: S, in tokens.
        starts: S, the place at which each sentence begins.
        is_filled: whether every sentence has a token.
        may_point: S, whether the sentence opens with what may be a word that leans on the one before.
        item_counts: I, how often each item occurs.
        item_first: I, the place at which each item, or its first term, first occurs.
        item_spread: I, how many sentences hold each item.
        held: the sentences that hold each item, those of the first item first, in the text's order.
        held_item: for each of these, the item.
        held_times: for each of these, how often it has the item.
        held_groups: I, where the sentences of each item begin in ``held``.
        traits: T × 5, what each term is by itself; see :class:`summarizer.vocabulary.Vocabulary`.
        capitals: T, the share of its occurrences inside sentences that are capitalised.
        inner: T, whether it occurs other than as a sentence's first word.
        in_title: T, whether the headline has it.
        has_title: whether the headline shares any term with the article.
        in_first_paragraph: S, whether the sentence stands in the first of several lines.
        pair_left: P, the first term of each pair.
        pair_right: P, the second.
        pair_in_title: P, whether the headline has it.
    """

    terms: Ints
    tokens: Ints
    sentence: Ints
    lengths: Ints
    starts: Ints
    is_filled: bool
    may_point: NDArray[np.bool_]
    item_counts: Ints
    item_first: Ints
    item_spread: Ints
    held: Ints
    held_item: Ints
    held_times: Ints
    held_groups: Ints
    traits: Floats
    capitals: Floats
    inner: NDArray[np.bool_]
    in_title: Floats
    has_title: bool
    in_first_paragraph: NDArray[np.bool_]
    pair_left: Ints
    pair_right: Ints
    pair_in_title: Floats

    @property
    def counts(self) -> Ints:
        """T, how often each term occurs."""
        return self.item_counts[: len(self.terms)]

    @property
    def pair_counts(self) -> Ints:
        """P, how often each pair occurs."""
        return self.item_counts[len(self.terms) :]

    @property
    def pair_keys(self) -> Ints:
        """P, ascending: first term times T plus second term."""
        return self.pair_left * len(self.terms) + self.pair_right

    @property
    def digit(self) -> Floats:
        """T, 1 for a term that holds a digit."""
        return self.traits[:, 0]

    @property
    def stop(self) -> Floats:
        """T, 1 for a term that says little by itself."""
        return self.traits[:, 1]


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
    word_at, sentence = _words(text, pieces, lang, words)
    if not len(word_at):
        return None
    lengths = np.bincount(sentence, minlength=len(pieces))
    starts = lengths.cumsum()
    starts -= lengths
    places = (sentence[1:] == sentence[:-1]).nonzero()[0]
    items = _items(words.term.take(word_at), places, sentence, len(words.terms).bit_length())
    tokens, size = items.tokens, len(items.terms)
    first = items.first[:size]
    is_filled = bool(lengths.all())
    opening = starts if is_filled else starts.take(lengths.nonzero()[0])
    inner = items.counts[:size] - np.bincount(tokens.take(opening), minlength=size)
    kinds = words.kind.take(word_at)
    may_point = (kinds.take(starts, mode="clip") & POINTER).astype(np.bool_)
    capital = kinds & CAPITAL
    capital[opening] = 0
    left_at = items.first[size:]
    left, right = tokens.take(left_at), tokens.take(left_at + 1)
    headline = term_numbers(title, lang, words) if title else _NO_TERMS
    in_title, pair_in_title = _in_title(headline, items.terms, left, right)
    return Reading(
        terms=items.terms,
        tokens=tokens,
        sentence=sentence,
        lengths=lengths,
        starts=starts,
        is_filled=is_filled,
        may_point=may_point,
        item_counts=items.counts,
        item_first=items.first,
        item_spread=items.spread,
        held=items.held,
        held_item=items.held_item,
        held_times=items.held_times,
        held_groups=items.held_groups,
        # A term is what the first of its words is.
        traits=words.traits.take(word_at.take(first), axis=0),
        capitals=np.bincount(tokens.take(capital.nonzero()[0]), minlength=size).astype(np.float32)
        / np.maximum(inner, 1),
        inner=inner > 0,
        in_title=in_title,
        has_title=bool(len(headline)) and bool(in_title.any()),
        in_first_paragraph=_in_first_paragraph(text, pieces),
        pair_left=left,
        pair_right=right,
        pair_in_title=pair_in_title,
    )


def _words(text: str, pieces: Sequence[Piece], lang: str, words: Vocabulary) -> tuple[Ints, Ints]:
    """Give the number of each word of some sentences, and the sentence that it stands in."""
    if lang not in WIDE_SCRIPTS:
        bounds = np.array([piece[:2] for piece in pieces], np.intp).ravel()
        if tokens := find_tokens(text, bounds):
            return words.number(text, tokens), tokens.sentence
    found, ends = cased_words_between(text, [piece[:2] for piece in pieces], lang)
    numbers = np.fromiter(map(words.__getitem__, found), np.intp, len(found))
    return numbers, np.arange(len(pieces)).repeat(np.diff(ends, prepend=0))


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


class _Items(NamedTuple):
    """The items of an article, as :class:`Reading` has them."""

    terms: Ints
    tokens: Ints
    counts: Ints
    first: Ints
    spread: Ints
    held: Ints
    held_item: Ints
    held_times: Ints
    held_groups: Ints


def _items(numbers: NDArray[np.int32], places: Ints, sentence: Ints, bits: int) -> _Items:
    """Group the places of an article by term and by pair, and within these by sentence: one sort for both.

    Args:
        numbers: n, the number of the term at each place.
        places: of the first terms of pairs.
        sentence: n, the sentence of each place.
        bits: how many a term's number has at most.
    """
    tokens_total, total = len(numbers), len(numbers) + len(places)
    keys = np.empty(total, np.int64)
    keys[:tokens_total] = numbers
    # Above the key of any term.
    left = keys.take(places)
    left += 1
    left <<= bits
    left |= keys.take(places + 1)
    keys[tokens_total:] = left
    place = np.concatenate([np.arange(tokens_total), places])
    ordered, order = _sorted(keys, 2 * bits + 1)
    held_at = sentence.take(place.take(order))
    # Where an item, and where an item or a sentence, begins; and one beyond the last.
    is_item = np.ones(total + 1, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_item[1:-1])
    is_held = is_item.copy()
    is_held[1:-1] |= held_at[1:] != held_at[:-1]
    bounds = is_held.nonzero()[0]
    opens = is_item.take(bounds)
    groups = opens.nonzero()[0]
    items, begins = bounds.take(groups), bounds[:-1]
    counts, spread = items[1:] - items[:-1], groups[1:] - groups[:-1]
    each = np.arange(len(counts))
    tokens = np.empty(tokens_total, np.intp)
    tokens[order[:tokens_total]] = each.repeat(counts)[:tokens_total]
    return _Items(
        terms=ordered.take(items[: int(items.searchsorted(tokens_total))]),
        tokens=tokens,
        counts=counts,
        first=place.take(order.take(items[:-1])),
        spread=spread,
        held=held_at.take(begins),
        held_item=each.repeat(spread),
        held_times=bounds[1:] - begins,
        held_groups=groups[:-1],
    )


def _sorted(keys: NDArray[np.int64], bits: int) -> tuple[NDArray[np.int64], Ints]:
    """Sort keys of so many bits; give also the places they stood at, those of one key in order."""
    shift = len(keys).bit_length()
    if bits + shift > _WORD_BITS:
        order = keys.argsort(kind="stable")
        return keys[order], order
    # Key and place in one number sort several times faster than places by key.
    packed = keys << shift
    packed |= np.arange(len(keys))
    packed.sort()
    return packed >> shift, packed & ((1 << shift) - 1)


def _in_title(headline: Ints, terms: Ints, left: Ints, right: Ints) -> tuple[Floats, Floats]:
    """Say which terms, and which pairs of them, the headline has."""
    in_title, pair_in_title = np.zeros(len(terms), np.float32), np.zeros(len(left), np.float32)
    if len(headline):
        local = find_terms(terms, headline)
        in_title[local[local >= 0]] = 1.0
        together = (local[1:] >= 0) & (local[:-1] >= 0)
        if len(left):
            size = len(terms)
            at = find_terms(left * size + right, (local[:-1] * size + local[1:])[together])
            pair_in_title[at[at >= 0]] = 1.0
    return in_title, pair_in_title


def _in_first_paragraph(text: str, pieces: Sequence[Piece]) -> NDArray[np.bool_]:
    line_end = text.find("\n", pieces[0].start)
    if line_end < 0:
        return np.zeros(len(pieces), np.bool_)
    return np.array([piece.start < line_end for piece in pieces])
