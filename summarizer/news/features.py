"""What is known of each term, and of each pair of terms, of articles: numbers that mean the same in any language."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from summarizer.news.reading import Reading

    Floats = NDArray[np.floating]

TERM_FEATURES = (
    # of the sentence where the term first stands
    "near_top",
    "first_sentence",
    "from_first",
    "from_second",
    "from_third",
    "sentence_length",
    "in_first_paragraph",
    # the best of the sentences that have it
    "best_centrality",
    "best_frequency",
    "best_lead_cover",
    "best_title_cover",
    # of itself
    "count",
    "spread",
    "last_sentence",
    "first_place",
    "share",
    "spread_share",
    "in_title",
    "has_title",
    "in_lead_sentence",
    "count_in_lead",
    "digit",
    "stop",
    "leaning",
    "length",
    "short",
    "capitals",
    "never_inside",
    "text_length",
    "sentences",
    "once",
    "content_in_title",
    "capitals_in_lead",
    "place_in_sentence",
)
"""The rows of :func:`term_features`."""

_OF_TERMS = ("", "_stop", "_capitals", "_digit", "_count")

PAIR_FEATURES = (
    *(f"left{name}" for name in _OF_TERMS),
    *(f"right{name}" for name in _OF_TERMS),
    # of the sentence where the pair first stands
    "near_top",
    "sentence",
    "from_first",
    "from_lead",
    "in_first_paragraph",
    "sentence_worth",
    "sentence_worth_above_mean",
    "centrality",
    "lead_cover",
    "title_cover",
    # of itself
    "count",
    "weaker",
    "stronger",
    "share_of_left",
    "share_of_right",
    "recurs",
    "in_title",
    "both_in_title",
    "both_stop",
    "both_capitals",
    "has_title",
)
"""The rows of :func:`pair_features`."""

_LEAD_SENTENCES = 3
_EACH_OF_LEAD = np.eye(_LEAD_SENTENCES, dtype=np.float32)

# Divides nothing where there is nothing.
_LEAST = np.float32(1e-30)

# What depends on the number of sentences alone is kept for so many numbers.
_KEPT_SIZES = 64

# Texts are measured against one of so many tokens and sentences.
_USUAL_TOKENS = 500.0
_USUAL_SENTENCES = 20.0


class SentenceTraits:
    """How central, frequent and promised the terms of each sentence are.

    Args:
        reading: the articles.

    Attributes:
        of_lead: the terms at the places of each article's first sentences.
        has_title: A, whether the headline shares any term with the article.
        is_titled: whether any does.
        spread: T, how many sentences have each term.
        counts: T, how often each occurs.
        log_counts: T, the logarithm of these.
        content: T, whether each says something by itself.
        in_lead_sentence: T, whether the first sentence has it.
        covers: 4 × S, 0 to 1: how many other sentences share a sentence's terms; how often these occur; how many
            are in the first sentence; how many of the headline's it has.
        lengths: S, in tokens.
        starts: S, the place at which each begins.
        share: S, what of a sentence one token is.
        by_place: 6 × S: 1 for an article's first, falling; rising from 0 to 1; whether it is the first, the second,
            the third; whether it is any of these.
    """

    def __init__(self, reading: Reading) -> None:
        terms, begins = len(reading.terms), reading.sentence_at[:-1]
        sentences = reading.sentence_at[1:] - begins
        # numpy computes several times faster with single floats than with integers.
        self.spread = reading.item_spread[:terms].astype(np.float32)
        self.counts = reading.counts.astype(np.float32)
        self.log_counts = np.log1p(self.counts)
        self.content = content = 1.0 - reading.stop
        self.is_titled = bool(reading.in_title.any())
        self.in_lead_sentence = np.zeros(terms, np.float32)
        openings, self.of_lead = _leads(reading)
        self.in_lead_sentence[openings] = 1.0
        frequency = content * self.log_counts
        weights = np.empty((5 if self.is_titled else 4, terms), np.float32)
        weights[0] = content
        np.subtract(content, content / self.spread, out=weights[1])
        weights[2] = frequency
        np.multiply(content, self.in_lead_sentence, out=weights[3])
        if self.is_titled:
            np.multiply(content, reading.in_title, out=weights[4])
        totals = _totals(reading, weights)
        self.lengths = reading.lengths.astype(np.float32)
        self.starts = reading.starts.astype(np.float32)
        self.share = 1.0 / np.maximum(self.lengths, 1.0)
        self.covers = np.zeros((4, len(self.lengths)), np.float32)
        self.covers[:3] = totals[1:4]
        # Where all of an article says little, there is nothing to divide.
        most = np.maximum(np.maximum.reduceat(frequency, reading.term_at[:-1]), _LEAST)
        np.divide(totals[2], most.repeat(sentences), out=self.covers[1], casting="same_kind")
        self.covers /= np.maximum(totals[0], 1.0)
        self.has_title = np.zeros(len(sentences), np.bool_)
        if self.is_titled:
            titles = np.add.reduceat(reading.in_title, reading.term_at[:-1])
            self.has_title = titles > 0.0
            self.covers[3] = totals[4] / np.maximum(titles, 1.0).repeat(sentences)
        parts = list(map(_by_place, sentences.tolist()))
        self.by_place = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _leads(reading: Reading) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the terms at the places of each article's first sentence, and of its first three."""
    tokens, starts, lengths = reading.tokens, reading.starts, reading.lengths
    openings, leads = [], []
    for begin, end in pairwise(reading.sentence_at.tolist()):
        start, last = int(starts[begin]), min(begin + _LEAD_SENTENCES, end) - 1
        openings.append(tokens[start : start + int(lengths[begin])])
        leads.append(tokens[start : int(starts[last]) + int(lengths[last])])
    return (openings[0], leads[0]) if len(leads) == 1 else (np.concatenate(openings), np.concatenate(leads))


@lru_cache(_KEPT_SIZES)
def _by_place(sentences: int) -> NDArray[np.float32]:
    places = np.arange(sentences, dtype=np.float32)
    table = np.zeros((6, sentences), np.float32)
    table[0] = 1.0 / np.sqrt(places + 1.0)
    table[1] = places * np.float32(1.0 / sentences)
    table[2:5, :_LEAD_SENTENCES] = _EACH_OF_LEAD[:, :sentences]
    table[5, :_LEAD_SENTENCES] = 1.0
    return table


def term_features(
    reading: Reading, traits: SentenceTraits, out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Describe each term: a row for each of :data:`TERM_FEATURES`, a column for each term; in ``out`` if given."""
    terms = len(reading.terms)
    groups, spread = reading.held_groups[:terms], reading.item_spread[:terms]
    held = reading.held[: int(groups[-1] + spread[-1])]
    at = held.take(groups)
    of_sentences = np.empty((7, len(reading.lengths)), np.float32)
    of_sentences[:5] = traits.by_place[:5]
    np.log1p(traits.lengths, out=of_sentences[5])
    of_sentences[6] = reading.in_first_paragraph
    first = reading.item_first[:terms].astype(np.float32)

    described = np.empty((len(TERM_FEATURES), terms), np.float32) if out is None else out
    _take_columns(of_sentences, at, described[:7])
    np.maximum.reduceat(traits.covers.take(held, axis=1), groups, axis=1, out=described[7:11])
    (
        count,
        log_spread,
        last_sentence,
        first_place,
        share,
        spread_share,
        in_title,
        has_title,
        in_lead_sentence,
        count_in_lead,
    ) = described[11:21]
    count[:] = traits.log_counts
    np.log1p(traits.spread, out=log_spread)
    traits.by_place[1].take(held.take(groups + (spread - 1)), out=last_sentence, mode="clip")
    in_title[:] = reading.in_title
    in_lead_sentence[:] = traits.in_lead_sentence
    count_in_lead[:] = np.log1p(np.bincount(traits.of_lead, minlength=terms))
    described[21:26] = reading.traits.T
    (
        capitals,
        never_inside,
        text_length,
        text_sentences,
        once,
        content_in_title,
        capitals_in_lead,
        place_in_sentence,
    ) = described[26:]
    capitals[:] = reading.capitals
    never_inside[:] = ~reading.inner
    once[:] = traits.counts == 1.0
    np.multiply(traits.content, reading.in_title, out=content_in_title)
    capitals_in_lead[:] = reading.capitals * traits.by_place[5].take(at)
    np.subtract(first, traits.starts.take(at), out=place_in_sentence)
    place_in_sentence *= traits.share.take(at)
    for article, (begin, end) in enumerate(pairwise(reading.term_at.tolist())):
        # What each article's size and headline say.
        place = int(reading.token_at[article])
        total = int(reading.token_at[article + 1]) - place
        sentences = int(reading.sentence_at[article + 1] - reading.sentence_at[article])
        own = slice(begin, end)
        if place:
            first[own] -= place
        np.multiply(first[own], 1.0 / total, out=first_place[own])
        np.multiply(traits.counts[own], 100.0 / total, out=share[own])
        np.multiply(traits.spread[own], 1.0 / sentences, out=spread_share[own])
        has_title[own] = traits.has_title[article]
        text_length[own] = math.log(total / _USUAL_TOKENS)
        text_sentences[own] = math.log(sentences / _USUAL_SENTENCES)
    return described


def pair_features(
    reading: Reading, traits: SentenceTraits, logits: Floats, out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Describe each pair: a row for each of :data:`PAIR_FEATURES`, a column for each pair.

    Args:
        reading: the articles.
        traits: of their sentences.
        logits: T, of the probability that a reference has the term.
        out: where to write; ``None``: into a new matrix.
    """
    terms, begins = len(reading.terms), reading.sentence_at[:-1]
    sentences = reading.sentence_at[1:] - begins
    at = reading.sentence.take(reading.item_first[terms:])
    left, right = reading.pair_left, reading.pair_right
    # Beside the features of both terms, what once in a text is to how often they occur.
    of_terms = np.empty((6, terms), np.float32)
    of_terms[0] = logits
    of_terms[1] = reading.stop
    of_terms[2] = reading.capitals
    of_terms[3] = reading.digit
    of_terms[4] = traits.log_counts
    np.divide(1.0, traits.counts, out=of_terms[5])
    worth = _totals(reading, 1.0 / (1.0 + np.exp(-logits))[None])[0]
    worth *= traits.share
    of_sentences = np.empty((10, len(worth)), np.float32)
    of_sentences[:3] = traits.by_place[:3]
    of_sentences[3] = traits.by_place[5]
    of_sentences[4] = reading.in_first_paragraph
    of_sentences[5] = worth
    mean = np.add.reduceat(worth, begins) / sentences
    np.subtract(worth, mean.repeat(sentences), out=of_sentences[6])
    of_sentences[7] = traits.covers[0]
    of_sentences[8:] = traits.covers[2:]

    described = np.empty((len(PAIR_FEATURES), len(left)), np.float32) if out is None else out
    of_left, of_right = described[:5], described[5:10]
    _take_columns(of_terms[:5], left, of_left)
    _take_columns(of_terms[:5], right, of_right)
    _take_columns(of_sentences, at, described[10:20])
    counts = reading.pair_counts.astype(np.float32)
    (
        count,
        weaker,
        stronger,
        share_of_left,
        share_of_right,
        recurs,
        in_title,
        both_in_title,
        both_stop,
        both_capitals,
        has_title,
    ) = described[20:]
    np.log1p(counts, out=count)
    np.minimum(of_left[0], of_right[0], out=weaker)
    np.maximum(of_left[0], of_right[0], out=stronger)
    np.multiply(counts, of_terms[5].take(left), out=share_of_left)
    np.multiply(counts, of_terms[5].take(right), out=share_of_right)
    recurs[:] = counts > 1.0
    in_title[:] = reading.pair_in_title
    both_in_title[:] = reading.in_title.take(left) * reading.in_title.take(right) if traits.is_titled else 0.0
    np.multiply(of_left[1], of_right[1], out=both_stop)
    np.multiply(of_left[2], of_right[2], out=both_capitals)
    has_title[:] = traits.has_title.repeat(np.diff(reading.pair_at)) if traits.is_titled else 0.0
    return described


def _totals(reading: Reading, weights: Floats) -> Floats:
    """Sum weights of terms, one row for each kind of weight, over the tokens of each sentence."""
    at_tokens = weights.take(reading.tokens, axis=1)
    if reading.is_filled:
        return np.add.reduceat(at_tokens, reading.starts, axis=1, dtype=np.float64)
    totals = np.zeros((len(weights), len(reading.lengths)))
    filled = reading.lengths.nonzero()[0]
    totals[:, filled] = np.add.reduceat(at_tokens, reading.starts.take(filled), axis=1, dtype=np.float64)
    return totals


def _take_columns(matrix: NDArray[np.float32], columns: NDArray[np.intp], out: NDArray[np.float32]) -> None:
    # In any other mode numpy writes to a copy first.
    matrix.take(columns, axis=1, out=out, mode="clip")
