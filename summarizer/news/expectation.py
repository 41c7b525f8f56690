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
from threading import local
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

# Of a matrix no more numbers are kept than two dozen articles of the usual length need.
_MOST_KEPT = 1 << 19

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

    def logits(self, features: Floats, bounds: Sequence[int] | None = None, out: Floats | None = None) -> Floats:
        """Judge what each column of ``features`` describes: a row for each output.

        Args:
            features: a row for each feature.
            bounds: where the columns of each article begin, and one beyond the last; ``None``: of one article. Each
                article has its own products, for larger ones might round otherwise.
            out: room for a row for each of ``inputs``; what is returned stands in it.
        """
        hidden = self.output.shape[1]
        found = _by_article(self.inputs, features, bounds, out)
        found += self.bias
        inner, judged = found[:hidden], found[hidden:]
        np.maximum(inner, 0.0, out=inner)
        judged += _by_article(self.output, inner, bounds)
        return judged


def _by_article(weights: Floats, columns: Floats, bounds: Sequence[int] | None, out: Floats | None = None) -> Floats:
    found = np.empty((len(weights), columns.shape[1]), np.float32) if out is None else out
    for begin, end in pairwise(bounds or (0, columns.shape[1])):
        product(weights, columns[:, begin:end], out=found[:, begin:end])
    return found


class _Room(local):
    """Room for the largest matrices, kept for the next articles.

    Given back to the system and asked for anew, it is emptied each time, which takes as long as to fill it.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Floats] = {}

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """Give a matrix, with anything in it, that is free until the next of that name is asked for."""
        size = rows * columns
        if size > _MOST_KEPT:
            return np.empty((rows, columns), np.float32)
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            self._kept[name] = kept = np.empty(size, np.float32)
        return kept[:size].reshape(rows, columns)


_room = _Room()


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
    traits = SentenceTraits(reading)
    of_terms, of_pairs = _networks()["terms"], _networks()["pairs"]
    terms, pairs = len(reading.terms), len(reading.pair_left)
    described = term_features(reading, traits, _room.matrix("terms", len(TERM_FEATURES), terms))
    found = _room.matrix("of terms", len(of_terms.inputs), terms)
    logits = of_terms.logits(described, reading.term_at.tolist(), found)
    described = pair_features(reading, traits, logits[0], _room.matrix("pairs", len(PAIR_FEATURES), pairs))
    found = _room.matrix("of pairs", len(of_pairs.inputs), pairs)
    judged = of_pairs.logits(described, reading.pair_at.tolist(), found)
    likely = _probability(logits)
    for once, again in pairwise(likely):
        np.minimum(once, again, out=again)
    return Expectation(terms=likely, pairs=_probability(judged[0]))


def _probability(logits: Floats) -> Floats:
    odds = np.negative(logits)
    with np.errstate(over="ignore"):  # 1 by infinity is 0, as it should be
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
