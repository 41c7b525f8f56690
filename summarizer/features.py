"""What is known of each term, and of each pair of terms, of an article: numbers that mean the same in any language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from summarizer.reading import weighted_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from summarizer.reading import Reading

    Floats = NDArray[np.floating]

TERM_FEATURES = (
    "count",
    "spread",
    "near_top",
    "first_sentence",
    "last_sentence",
    "first_place",
    "share",
    "spread_share",
    "in_title",
    "has_title",
    "in_lead_sentence",
    "count_in_lead",
    "in_first_paragraph",
    "digit",
    "stop",
    "length",
    "short",
    "capitals",
    "never_inside",
    "best_centrality",
    "best_frequency",
    "best_title_cover",
    "best_lead_cover",
    "text_length",
    "sentences",
    "once",
    "from_first",
    "from_second",
    "from_third",
    "content_in_title",
    "capitals_in_lead",
    "sentence_length",
    "place_in_sentence",
)
"""The rows of :func:`term_features`."""

PAIR_FEATURES = (
    "count",
    "left",
    "right",
    "weaker",
    "stronger",
    "share_of_left",
    "share_of_right",
    "recurs",
    "in_title",
    "both_in_title",
    "left_stop",
    "right_stop",
    "both_stop",
    "left_capitals",
    "right_capitals",
    "both_capitals",
    "left_digit",
    "right_digit",
    "near_top",
    "from_first",
    "sentence",
    "from_lead",
    "sentence_worth",
    "sentence_worth_above_mean",
    "centrality",
    "title_cover",
    "lead_cover",
    "left_count",
    "right_count",
    "has_title",
    "in_first_paragraph",
)
"""The rows of :func:`pair_features`."""

_LEAD_SENTENCES = 3
_SHORT_CHARS = 2

# Texts are measured against one of so many tokens and sentences.
_USUAL_TOKENS = 500.0
_USUAL_SENTENCES = 20.0


class SentenceTraits:
    """How central, frequent and promised the terms of each sentence are: S numbers each, 0 to 1.

    Args:
        reading: the article.
    """

    def __init__(self, reading: Reading) -> None:
        tokens, sentence, size = reading.tokens, reading.sentence, len(reading.lengths)
        self.spread = np.bincount(reading.held_term)
        self.lead_counts = np.bincount(tokens[: reading.lengths[:_LEAD_SENTENCES].sum()], minlength=len(reading.counts))
        self.in_lead_sentence = np.bincount(tokens[: reading.lengths[0]], minlength=len(reading.counts)) > 0
        content = 1.0 - reading.stop
        self.content_in_title = content * reading.in_title
        self.log_counts = np.log1p(reading.counts)

        def total(weights: Floats) -> Floats:
            return weighted_counts(sentence, weights[tokens], size)

        content_tokens = np.maximum(total(content), 1.0)
        frequency = content * self.log_counts
        self.centrality = total(content * (1.0 - 1.0 / self.spread)) / content_tokens
        self.frequency = total(frequency) / (content_tokens * (float(frequency.max(initial=0.0)) or 1.0))
        promised = max(int(np.count_nonzero(reading.in_title)), 1)
        self.title_cover = total(self.content_in_title) / promised if reading.has_title else np.zeros(size)
        self.lead_cover = total(content * self.in_lead_sentence) / content_tokens

    def best(self, of_sentences: Floats, reading: Reading) -> Floats:
        """Give for each term the highest number among its sentences."""
        return np.maximum.reduceat(of_sentences[reading.held], reading.held_groups)


def term_features(reading: Reading, traits: SentenceTraits) -> NDArray[np.float32]:
    """Describe each term: a row for each of :data:`TERM_FEATURES`, a column for each term."""
    counts, sentences, total = reading.counts, len(reading.lengths), len(reading.tokens)
    first = reading.first
    at = reading.held[reading.held_groups]
    last_at = reading.held[reading.held_groups + traits.spread - 1]
    rows = (
        traits.log_counts,
        np.log1p(traits.spread),
        1.0 / np.sqrt(1.0 + at),
        at / sentences,
        last_at / sentences,
        first / total,
        counts * (100.0 / total),
        traits.spread / sentences,
        reading.in_title,
        float(reading.has_title),
        traits.in_lead_sentence,
        np.log1p(traits.lead_counts),
        reading.in_first_paragraph[at],
        reading.digit,
        reading.stop,
        reading.word_chars / 8.0,
        reading.word_chars <= _SHORT_CHARS,
        reading.capitals,
        ~reading.inner,
        traits.best(traits.centrality, reading),
        traits.best(traits.frequency, reading),
        traits.best(traits.title_cover, reading),
        traits.best(traits.lead_cover, reading),
        math.log(total / _USUAL_TOKENS),
        math.log(sentences / _USUAL_SENTENCES),
        counts == 1,
        at == 0,
        at == 1,
        at == 2,
        traits.content_in_title,
        reading.capitals * (at < _LEAD_SENTENCES),
        np.log1p(reading.lengths)[at],
        (first - reading.starts[at]) / reading.lengths[at],
    )
    return _stack(rows, len(counts))


def pair_features(reading: Reading, traits: SentenceTraits, logits: Floats) -> NDArray[np.float32]:
    """Describe each pair: a row for each of :data:`PAIR_FEATURES`, a column for each pair.

    Args:
        reading: the article.
        traits: of its sentences.
        logits: T, of the probability that a reference has the term.
    """
    size, counts, sentences = len(reading.counts), reading.counts, len(reading.lengths)
    left, right = np.divmod(reading.pair_keys, size)
    at = reading.sentence[reading.pair_first]
    left_logit, right_logit = logits[left], logits[right]
    probability = 1.0 / (1.0 + np.exp(-logits))
    worth = weighted_counts(reading.sentence, probability[reading.tokens], sentences) / np.maximum(reading.lengths, 1)
    left_stop, right_stop = reading.stop[left], reading.stop[right]
    left_capitals, right_capitals = reading.capitals[left], reading.capitals[right]
    found = reading.pair_counts
    rows = (
        np.log1p(found),
        left_logit,
        right_logit,
        np.minimum(left_logit, right_logit),
        np.maximum(left_logit, right_logit),
        found / counts[left],
        found / counts[right],
        found > 1,
        reading.pair_in_title,
        reading.in_title[left] * reading.in_title[right],
        left_stop,
        right_stop,
        left_stop * right_stop,
        left_capitals,
        right_capitals,
        left_capitals * right_capitals,
        reading.digit[left],
        reading.digit[right],
        1.0 / np.sqrt(1.0 + at),
        at == 0,
        at / sentences,
        at < _LEAD_SENTENCES,
        worth[at],
        (worth - worth.mean())[at],
        traits.centrality[at],
        traits.title_cover[at],
        traits.lead_cover[at],
        traits.log_counts[left],
        traits.log_counts[right],
        float(reading.has_title),
        reading.in_first_paragraph[at],
    )
    return _stack(rows, len(reading.pair_keys))


def _stack(rows: tuple[NDArray[Any] | float, ...], columns: int) -> NDArray[np.float32]:
    stacked = np.empty((len(rows), columns), np.float32)
    for number, row in enumerate(rows):
        stacked[number] = row
    return stacked
