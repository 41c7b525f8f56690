"""The set of sentences that is expected to score best against a person's summary.

Of every set of a few sentences out of a pool, the one with the highest expected ROUGE-1 and ROUGE-2 (Lin, 2004) is
taken: twice the terms and pairs that a reference is expected to share with it, over its length and a reference's.
Since a term counts once however many sentences have it, repetition does not pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from summarizer.expectation import MOST_TIMES
from summarizer.products import product, weighted_rows
from summarizer.reading import weighted_counts
from summarizer.selection import USED_UP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from summarizer.expectation import Expectation
    from summarizer.reading import Reading
    from summarizer.selection import Budget

    Floats = NDArray[np.float32]
    Ints = NDArray[np.intp]

USUAL_TOKENS = 36.0
"""How long a person's summary usually is: the mean over the languages that were measured."""

# Where nothing uses a budget up, a set that uses nearly as much as any may still be better.
_NEARLY = 0.95

# The sentences to choose from: the article's first, and those that promise most for their length.
_POOL = 16
_LEAD = 3
# Keeps the shortest sentences from looking best.
_EXTRA_TOKENS = 8.0

# Up to this many sentences all sets are tried; beyond, only the best so many are each made one longer.
_ALL_SETS = 4
_BEAM = 40

# What a sentence costs that points back to one that is left out, in expected ROUGE-1 plus ROUGE-2; and the article's
# first that names nothing: "It was a slow Thursday night" opens a story and sums up none.
_DANGLING = 0.05
_VAGUE_OPENING = 0.035


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The sentences of an article as a budget sees them; S of each.

    Args:
        chars: their lengths in code points.
        words: their lengths in words; zeros where no budget counts them.
        places: their numbers among all sentences of the text, those left out included.
        points_back: says whether the sentence of a number leans on the one before it.
    """

    chars: Sequence[int]
    words: Sequence[int]
    places: Sequence[int]
    points_back: Callable[[int], bool]


def best_set(reading: Reading, expected: Expectation, choices: Choices, budget: Budget, *, brief: bool) -> list[int]:
    """Choose sentences; return their numbers in the article's order.

    Args:
        reading: the article.
        expected: what a summary of it is expected to hold.
        choices: its sentences.
        budget: what to keep within.
        brief: stop wherever the expected score is highest rather than use the budget up.
    """
    chars, words = np.array(choices.chars), np.array(choices.words)
    pool = _pool(reading, expected, _fitting(chars, words, budget))
    if not len(pool):
        return []
    limits = _Limits(budget, chars[pool], words[pool])
    sets = _all_sets(len(pool))
    measures = limits.measure(sets)
    kept = limits.keep(measures)
    full = kept & (limits.used(measures) >= 1.0)
    scorer = _Scorer(reading, expected, choices, pool)
    if brief or full.any():
        sets = sets[kept if brief else full]
        return _numbers(pool, sets[scorer.score(sets).argmax()])
    return _numbers(pool, _lengthen(sets[kept], limits, scorer))


def _numbers(pool: Ints, members: Floats) -> list[int]:
    found: list[int] = pool[members > 0].tolist()
    return found


def _fitting(chars: Ints, words: Ints, budget: Budget) -> Ints:
    fits = np.ones(len(chars), np.bool_)
    if budget.chars is not None:
        fits &= chars <= budget.chars
    if budget.words is not None:
        fits &= words <= budget.words
    return np.flatnonzero(fits)


def _pool(reading: Reading, expected: Expectation, fitting: Ints) -> Ints:
    if len(fitting) <= _POOL:
        return fitting
    promise = weighted_counts(reading.sentence, expected.terms[:, 0][reading.tokens], len(reading.lengths))
    promise = promise / (reading.lengths + _EXTRA_TOKENS)
    promise = promise[fitting]
    promise[:_LEAD] = np.inf
    return np.sort(fitting[(-promise).argsort(kind="stable")[:_POOL]])


@cache
def _all_sets(size: int) -> Floats:
    """Give every set of up to :data:`_ALL_SETS` out of ``size`` sentences: a row each, 1 for its members."""
    members = [chosen for many in range(1, min(_ALL_SETS, size) + 1) for chosen in combinations(range(size), many)]
    sets = np.zeros((len(members), size), np.float32)
    for row, chosen in enumerate(members):
        sets[row, chosen] = 1.0
    return sets


class _Limits:
    """The budget, for sets of sentences from the pool."""

    def __init__(self, budget: Budget, chars: Ints, words: Ints) -> None:
        self._budget = budget
        # Sentences are joined by one space.
        self._sizes = np.stack([np.ones(len(chars)), chars + 1, words], axis=1).astype(np.float32)

    def measure(self, sets: Floats) -> Floats:
        """Give the sentences, code points and words of each set: a row each."""
        return product(sets, self._sizes) - np.array([0.0, 1.0, 0.0], np.float32)

    def keep(self, measures: Floats) -> NDArray[np.bool_]:
        """Say which sets keep within the budget."""
        kept = np.ones(len(measures), np.bool_)
        for most, measure in zip(self._most(), measures.T, strict=True):
            if most is not None:
                kept &= measure <= most
        return kept

    def used(self, measures: Floats) -> Floats:
        """Say how much of what counts as using the budget up each set uses; 1 and more is all."""
        used = np.zeros(len(measures), np.float32)
        for most, enough, measure in zip(self._most(), (1.0, USED_UP, USED_UP), measures.T, strict=True):
            if most is not None:
                np.maximum(used, measure / np.float32(enough * most), out=used)
        return used

    def _most(self) -> tuple[int | None, int | None, int | None]:
        return self._budget.sentences, self._budget.chars, self._budget.words


class _Scorer:
    """Expected scores of sets of sentences from the pool."""

    def __init__(self, reading: Reading, expected: Expectation, choices: Choices, pool: Ints) -> None:
        size = len(pool)
        member = np.full(len(reading.lengths), -1)
        member[pool] = np.arange(size)
        counts = _table(member[reading.sentence], reading.tokens, size, len(reading.counts))
        totals = counts.sum(0)
        # What stands in one sentence only adds up; what several share is counted set by set.
        worth = counts @ np.where(totals == 1.0, expected.terms[:, 0], 0.0)
        shared = np.flatnonzero(totals > 1.0)
        columns = [shared[totals[shared] > times] for times in range(MOST_TIMES)]
        pairs = _table(member[reading.sentence[reading.pair_places]], reading.pair_at, size, len(reading.pair_keys))
        np.minimum(pairs, 1.0, out=pairs)
        holders = pairs.sum(0)
        worth += pairs @ np.where(holders == 1.0, expected.pairs, 0.0)
        both = np.flatnonzero(holders > 1.0)
        # One column for each further time that a term could be said, and for each pair.
        self._counts = np.concatenate([counts[:, np.concatenate(columns)], pairs[:, both]], axis=1)
        self._before = np.repeat(
            np.array([*range(MOST_TIMES), 0], np.float32), [*(len(found) for found in columns), len(both)]
        )
        self._gain = np.concatenate(
            [*(expected.terms[found, times] for times, found in enumerate(columns)), expected.pairs[both]]
        )
        self._sums = np.stack([worth, reading.lengths[pool]], axis=1).astype(np.float32)
        self._leaning = _leaning(choices, pool)

    def score(self, sets: Floats) -> Floats:
        """Give the expected ROUGE-1 plus ROUGE-2 of each set, less what dangles."""
        gain, tokens = product(sets, self._sums).T
        counts = product(sets, self._counts)
        counts -= self._before
        gain = gain + weighted_rows(counts.clip(0.0, 1.0, out=counts), self._gain)
        score: Floats = 2.0 * gain / (tokens + USUAL_TOKENS)
        for one, before, cost in self._leaning:
            score -= cost * (sets[:, one] if before is None else sets[:, one] * (1.0 - sets[:, before]))
        return score


def _table(members: Ints, items: Ints, size: int, width: int) -> Floats:
    """Count items by member of the pool: size × width."""
    inside = members >= 0
    keys = members[inside] * width + items[inside]
    return np.bincount(keys, minlength=size * width).reshape(size, width).astype(np.float32)


def _leaning(choices: Choices, pool: Ints) -> list[tuple[int, int | None, float]]:
    """Give the members that lean on a sentence before, with it if it is a member too, and what they cost without."""
    members = {choices.places[number]: member for member, number in enumerate(pool.tolist())}
    return [
        (member, members.get(place - 1), _DANGLING if place else _VAGUE_OPENING)
        for place, member in members.items()
        if choices.points_back(int(pool[member]))
    ]


def _lengthen(sets: Floats, limits: _Limits, scorer: _Scorer) -> Floats:
    """Add sentence after sentence to the best sets until one uses the budget up, or nothing more fits."""
    reached = [sets]
    while not (limits.used(limits.measure(sets)) >= 1.0).any():
        sets = sets[(-scorer.score(sets)).argsort(kind="stable")[:_BEAM]]
        longer = np.maximum(sets[:, None, :], np.eye(sets.shape[1], dtype=np.float32))
        is_longer = longer.sum(2) > sets.sum(1)[:, None]
        sets = np.unique(longer[is_longer], axis=0)
        sets = sets[limits.keep(limits.measure(sets))]
        if not len(sets):
            break
        reached.append(sets)
    sets = np.concatenate(reached)
    used = limits.used(limits.measure(sets))
    sets = sets[used >= min(1.0, used.max() * _NEARLY)]
    chosen: Floats = sets[scorer.score(sets).argmax()]
    return chosen
