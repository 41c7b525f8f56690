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
    sets = sets[limits.keep(sets)]
    full = limits.full(sets)
    scorer = _Scorer(reading, expected, choices, pool)
    if brief or full.any():
        sets = sets if brief else sets[full]
        return _numbers(pool, sets[scorer.score(sets).argmax()])
    return _numbers(pool, _lengthen(sets, limits, scorer))


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
        self.budget = budget
        # Sentences are joined by one space.
        self._chars = (chars + 1).astype(np.float32)
        self._words = words.astype(np.float32)

    def keep(self, sets: Floats) -> NDArray[np.bool_]:
        """Say which sets keep within the budget."""
        budget = self.budget
        kept = np.ones(len(sets), np.bool_)
        if budget.chars is not None:
            kept &= sets @ self._chars <= budget.chars + 1
        if budget.words is not None:
            kept &= sets @ self._words <= budget.words
        if budget.sentences is not None:
            kept &= sets.sum(1) <= budget.sentences
        return kept

    def full(self, sets: Floats) -> NDArray[np.bool_]:
        """Say which sets use the budget up."""
        used = self.used(sets)
        filled: NDArray[np.bool_] = used >= 1.0
        return filled

    def used(self, sets: Floats) -> Floats:
        """Say how much of what counts as using the budget up each set uses; 1 and more is all."""
        budget = self.budget
        used = np.zeros(len(sets), np.float32)
        if budget.chars is not None:
            used = np.maximum(used, (sets @ self._chars - 1.0) / (USED_UP * budget.chars))
        if budget.words is not None:
            used = np.maximum(used, (sets @ self._words) / (USED_UP * budget.words))
        if budget.sentences is not None:
            used = np.maximum(used, sets.sum(1) / np.float32(budget.sentences))
        return used


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
        self._before = np.repeat(np.arange(MOST_TIMES, dtype=np.float32), [len(found) for found in columns])
        self._gain = np.concatenate([expected.terms[found, times] for times, found in enumerate(columns)])
        self._counts = counts[:, np.concatenate(columns)]
        pairs = _table(member[reading.sentence[reading.pair_places]], reading.pair_at, size, len(reading.pair_keys))
        np.minimum(pairs, 1.0, out=pairs)
        holders = pairs.sum(0)
        worth += pairs @ np.where(holders == 1.0, expected.pairs, 0.0)
        shared = np.flatnonzero(holders > 1.0)
        self._pairs = pairs[:, shared]
        self._pair_gain = expected.pairs[shared]
        self._worth = worth
        self._tokens = reading.lengths[pool].astype(np.float32)
        self._leaning = _leaning(choices, pool)

    def score(self, sets: Floats) -> Floats:
        """Give the expected ROUGE-1 plus ROUGE-2 of each set, less what dangles."""
        gain = sets @ self._worth
        # Of each further time that a term could be said: whether the set says it so often.
        counts = sets @ self._counts
        counts -= self._before
        gain += counts.clip(0.0, 1.0, out=counts) @ self._gain
        gain += np.minimum(sets @ self._pairs, 1.0) @ self._pair_gain
        score: Floats = 2.0 * gain / (sets @ self._tokens + USUAL_TOKENS)
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
    while not limits.full(sets).any():
        sets = sets[(-scorer.score(sets)).argsort(kind="stable")[:_BEAM]]
        longer = np.maximum(sets[:, None, :], np.eye(sets.shape[1], dtype=np.float32))
        is_longer = longer.sum(2) > sets.sum(1)[:, None]
        sets = np.unique(longer[is_longer], axis=0)
        sets = sets[limits.keep(sets)]
        if not len(sets):
            break
        reached.append(sets)
    sets = np.concatenate(reached)
    used = limits.used(sets)
    sets = sets[used >= min(1.0, used.max() * _NEARLY)]
    chosen: Floats = sets[scorer.score(sets).argmax()]
    return chosen
