"""How likely a person's summary is to say each term and pair of terms of an article.

Two small networks judge from features that know no language; ``python -m tests.bench.train_summaries`` writes their
weights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from summarizer.news.features import PAIR_FEATURES, TERM_FEATURES, SentenceTraits, pair_features, term_features
from summarizer.news.products import product

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.news.reading import Reading

    Floats = NDArray[np.float32]

WEIGHTS_FILE = "weights.json"

MOST_TIMES = 4
"""A summary is expected to say a term so often at most."""


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer of rectifiers, and a straight way past it.

    Args:
        inputs: (H + outputs) × features: those into the hidden layer, then those past it.
        bias: (H + outputs) × 1.
        output: outputs × H.
    """

    inputs: Floats
    bias: Floats
    output: Floats

    def logits(self, features: Floats, bounds: Sequence[int] | None = None) -> Floats:
        """Judge what each column of ``features`` describes: a row for each output.

        Args:
            features: a row for each feature.
            bounds: where the columns of each article begin, and one beyond the last; ``None``: of one article. Each
                article has its own products, for larger ones might round otherwise.
        """
        hidden = self.output.shape[1]
        found = _by_article(self.inputs, features, bounds)
        found += self.bias
        inner, judged = found[:hidden], found[hidden:]
        np.maximum(inner, 0.0, out=inner)
        judged += _by_article(self.output, inner, bounds)
        return judged


def _by_article(weights: Floats, columns: Floats, bounds: Sequence[int] | None) -> Floats:
    if bounds is None or len(bounds) <= 2:
        return product(weights, columns)
    found = np.empty((len(weights), columns.shape[1]), np.float32)
    for begin, end in pairwise(bounds):
        product(weights, columns[:, begin:end], out=found[:, begin:end])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a summary of each article is expected to hold.

    Args:
        terms: :data:`MOST_TIMES` × T, the probability that it has the term at least once, twice, …; falling.
        pairs: P, the probability that it has the pair.
    """

    terms: Floats
    pairs: Floats


def expect(reading: Reading) -> Expectation:
    """Say what a person's summary of each article is likely to hold."""
    networks = _networks()
    traits = SentenceTraits(reading)
    logits = networks["terms"].logits(term_features(reading, traits), reading.term_at.tolist())
    pairs = networks["pairs"].logits(pair_features(reading, traits, logits[0]), reading.pair_at.tolist())
    terms = _probability(logits)
    for once, again in pairwise(terms):
        np.minimum(once, again, out=again)
    return Expectation(terms=terms, pairs=_probability(pairs[0]))


def _probability(logits: Floats) -> Floats:
    odds = np.negative(logits)
    np.exp(odds, out=odds)
    odds += 1.0
    return np.reciprocal(odds, out=odds)


@cache
def _networks() -> dict[str, Network]:
    stored = json.loads((files(__package__) / WEIGHTS_FILE).read_text(encoding="utf-8"))
    return {
        name: read_network(stored[name], features)
        for name, features in (("terms", TERM_FEATURES), ("pairs", PAIR_FEATURES))
    }


def read_network(stored: dict[str, Any], features: tuple[str, ...]) -> Network:
    """Put a stored network's weights, kept by the feature's name, into the order of ``features``."""
    inputs = np.array([stored["features"][name] for name in features], np.float32).T
    bias = np.array([*stored["hidden_bias"], *stored["output_bias"]], np.float32)[:, None]
    return Network(np.ascontiguousarray(inputs), bias, np.array(stored["output"], np.float32))
