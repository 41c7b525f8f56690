"""What is known of each term, and of each pair of terms, of an article: numbers that mean the same in any language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from summarizer.news.reading import weighted_counts

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
_SHORT_CHARS = 2

# Texts are measured against one of so many tokens and sentences.
_USUAL_TOKENS = 500.0
_USUAL_SENTENCES = 20.0


class SentenceTraits:
    """How central, frequent and promised the terms of each sentence are.

    Args:
        reading: the article.

    Attributes:
        spread: T, how many sentences have each term.
        counts: T, how often each occurs.
        log_counts: T, the logarithm of these.
        content: T, whether each says something by itself.
        covers: 4 × S, 0 to 1: how many other sentences share a sentence's terms; how often these occur; how many
            are in the first sentence; how many of the headline's it has.
        lengths: S, in tokens.
        share: S, what of a sentence one token is.
        near_top: S, 1 for the first, falling.
        depth: S, rising from 0 to 1.
    """

    def __init__(self, reading: Reading) -> None:
        tokens, sentence, size = reading.tokens, reading.sentence, len(reading.lengths)
        # numpy computes several times faster with single floats than with integers.
        self.spread = np.bincount(reading.held_term).astype(np.float32)
        self.counts = reading.counts.astype(np.float32)
        self.log_counts = np.log1p(self.counts)
        self.content = content = 1.0 - reading.stop
        self.in_lead_sentence = np.zeros(len(content), np.float32)
        self.in_lead_sentence[tokens[: reading.lengths[0]]] = 1.0
        frequency = content * self.log_counts

        def total(weights: Floats) -> Floats:
            return weighted_counts(sentence, weights.take(tokens), size)

        self.lengths = reading.lengths.astype(np.float32)
        self.share = 1.0 / np.maximum(self.lengths, 1.0)
        self.covers = np.zeros((4, size), np.float32)
        self.covers[0] = total(content - content / self.spread)
        self.covers[1] = total(frequency) / (float(frequency.max(initial=0.0)) or 1.0)
        self.covers[2] = total(content * self.in_lead_sentence)
        self.covers /= np.maximum(total(content), 1.0)
        if reading.has_title:
            self.covers[3] = total(content * reading.in_title) / np.count_nonzero(reading.in_title)
        places = np.arange(size, dtype=np.float32)
        self.near_top = 1.0 / np.sqrt(places + 1.0)
        self.depth = places * np.float32(1.0 / size)


def term_features(reading: Reading, traits: SentenceTraits) -> NDArray[np.float32]:
    """Describe each term: a row for each of :data:`TERM_FEATURES`, a column for each term."""
    counts, sentences, total = traits.counts, len(reading.lengths), len(reading.tokens)
    first, at = reading.first.astype(np.float32), reading.held.take(reading.held_groups)
    starts = reading.starts.astype(np.float32)
    of_sentences = np.zeros((7, sentences), np.float32)
    of_sentences[0] = traits.near_top
    of_sentences[1] = traits.depth
    for number in range(min(_LEAD_SENTENCES, sentences)):
        of_sentences[2 + number, number] = 1.0
    of_sentences[5] = np.log1p(traits.lengths)
    of_sentences[6] = reading.in_first_paragraph
    last = reading.held.take(_ends(reading.held_groups, len(reading.held)))
    rows = (
        traits.log_counts,
        np.log1p(traits.spread),
        traits.depth.take(last),
        first * (1.0 / total),
        counts * (100.0 / total),
        traits.spread * (1.0 / sentences),
        reading.in_title,
        float(reading.has_title),
        traits.in_lead_sentence,
        np.log1p(np.bincount(reading.tokens[: reading.lengths[:_LEAD_SENTENCES].sum()], minlength=len(counts))),
        reading.digit,
        reading.stop,
        reading.leaning,
        reading.word_chars * 0.125,
        reading.word_chars <= _SHORT_CHARS,
        reading.capitals,
        ~reading.inner,
        math.log(total / _USUAL_TOKENS),
        math.log(sentences / _USUAL_SENTENCES),
        counts == 1,
        traits.content * reading.in_title,
        reading.capitals * (at < _LEAD_SENTENCES),
        (first - starts.take(at)) * traits.share.take(at),
    )
    described = np.empty((len(TERM_FEATURES), len(counts)), np.float32)
    described[:7] = of_sentences.take(at, axis=1)
    described[7:11] = np.maximum.reduceat(traits.covers.take(reading.held, axis=1), reading.held_groups, axis=1)
    _fill(described[11:], rows)
    return described


def pair_features(reading: Reading, traits: SentenceTraits, logits: Floats) -> NDArray[np.float32]:
    """Describe each pair: a row for each of :data:`PAIR_FEATURES`, a column for each pair.

    Args:
        reading: the article.
        traits: of its sentences.
        logits: T, of the probability that a reference has the term.
    """
    size, sentences = len(reading.counts), len(reading.lengths)
    once = 1.0 / traits.counts
    at = reading.sentence.take(reading.pair_first)
    left, right = reading.tokens.take(reading.pair_first), reading.tokens.take(reading.pair_first + 1)
    of_terms = np.empty((5, size), np.float32)
    _fill(of_terms, (logits, reading.stop, reading.capitals, reading.digit, traits.log_counts))
    probability = 1.0 / (1.0 + np.exp(-logits))
    worth = weighted_counts(reading.sentence, probability.take(reading.tokens), sentences)
    worth *= traits.share
    of_sentences = np.zeros((10, sentences), np.float32)
    of_sentences[0] = traits.near_top
    of_sentences[1] = traits.depth
    of_sentences[2, 0] = 1.0
    of_sentences[3, :_LEAD_SENTENCES] = 1.0
    of_sentences[4] = reading.in_first_paragraph
    of_sentences[5] = worth
    of_sentences[6] = worth - worth.mean()
    of_sentences[7:] = traits.covers[[0, 2, 3]]
    described = np.empty((len(PAIR_FEATURES), len(left)), np.float32)
    of_left, of_right = described[:5], described[5:10]
    of_left[:] = of_terms.take(left, axis=1)
    of_right[:] = of_terms.take(right, axis=1)
    described[10:20] = of_sentences.take(at, axis=1)
    found = reading.pair_counts.astype(np.float32)
    rows = (
        np.log1p(found),
        np.minimum(of_left[0], of_right[0]),
        np.maximum(of_left[0], of_right[0]),
        found * once.take(left),
        found * once.take(right),
        found > 1,
        reading.pair_in_title,
        reading.in_title.take(left) * reading.in_title.take(right) if reading.has_title else 0.0,
        of_left[1] * of_right[1],
        of_left[2] * of_right[2],
        float(reading.has_title),
    )
    _fill(described[20:], rows)
    return described


def _ends(groups: NDArray[np.intp], total: int) -> NDArray[np.intp]:
    """Give where each group ends: the place of its last member."""
    ends = np.empty_like(groups)
    ends[:-1] = groups[1:]
    ends[-1] = total
    ends -= 1
    return ends


def _fill(matrix: NDArray[np.float32], rows: tuple[NDArray[Any] | float, ...]) -> None:
    for number, row in enumerate(rows):
        matrix[number] = row
