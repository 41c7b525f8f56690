"""The set of sentences that is expected to score best against a person's summary, out of all that a budget allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from summarizer.news.products import product
from summarizer.news.scoring import USUAL_TOKENS, Scorer, Worth
from summarizer.selection import USED_UP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.news.expectation import Expectation
    from summarizer.news.reading import Reading
    from summarizer.news.scoring import Choices
    from summarizer.selection import Budget

    Floats = NDArray[np.float32]
    Ints = NDArray[np.intp]

# Where nothing uses a budget up, a set that uses nearly as much as any may still be better.
_NEARLY = 0.95

# The sentences to choose from: the article's first, and those that promise most for their length.
_POOL = 24
_LEAD = 3
# Keeps the shortest sentences from looking best.
_EXTRA_TOKENS = 8.0

# Every set of up to three sentences is estimated, and the best so many of these made one longer; the best so many
# estimates of all are then scored. What cannot be filled this way is made longer step by step.
_ALL_SETS = 3
_LENGTHENED = 8
_LONGER = 32
_SCORED = 16
_MOST_BRIEF = 4


def best_set(reading: Reading, expected: Expectation, choices: Choices, budget: Budget, *, brief: bool) -> list[int]:
    """Choose sentences; return their numbers in the article's order.

    Args:
        reading: the article.
        expected: what a summary of it is expected to hold.
        choices: its sentences.
        budget: what to keep within.
        brief: stop wherever the expected score is highest rather than use the budget up.
    """
    limits = _limits(choices, budget)
    worth = Worth(reading, expected)
    pool = _pool(reading, worth, _fitting(limits, len(choices.chars)))
    if not len(pool):
        return []
    scorer = Scorer(reading, worth, choices, pool)
    sets = _sets(scorer, [limit.within(pool) for limit in limits], brief=brief)
    enough = 0.0 if brief else 1.0 if (most := float(sets.used.max())) >= 1.0 else most * _NEARLY
    likely = sets.pick((sets.used >= enough).nonzero()[0])
    members = likely.pick(_highest(likely.score(), _SCORED)).members(len(pool))
    best = members[scorer.score(members).argmax()]
    found: list[int] = pool[best > 0].tolist()
    return found


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit that the budget sets: what each sentence uses of it, how much there is, and what counts as used up."""

    sizes: Floats
    most: float
    enough: float

    def within(self, pool: Ints) -> _Limit:
        return _Limit(self.sizes[pool], self.most, self.enough)


def _limits(choices: Choices, budget: Budget) -> list[_Limit]:
    limits = []
    if budget.chars is not None:
        # Sentences are joined by one space: one for each but the first.
        sizes = np.array(choices.chars, np.float32) + 1.0
        limits.append(_Limit(sizes, budget.chars + 1.0, budget.chars * USED_UP + 1.0))
    if budget.words is not None:
        limits.append(_Limit(np.array(choices.words, np.float32), budget.words, budget.words * USED_UP))
    if budget.sentences is not None:
        limits.append(_Limit(np.ones(len(choices.chars), np.float32), budget.sentences, budget.sentences))
    return limits


def _fitting(limits: Sequence[_Limit], sentences: int) -> Ints:
    fits = np.ones(sentences, np.bool_)
    for limit in limits:
        fits &= limit.sizes <= limit.most
    return np.flatnonzero(fits)


def _pool(reading: Reading, worth: Worth, fitting: Ints) -> Ints:
    if len(fitting) <= _POOL:
        return fitting
    promise = (worth.alone / (reading.lengths + _EXTRA_TOKENS))[fitting]
    promise[:_LEAD] = np.inf
    return np.sort(fitting[(-promise).argsort(kind="stable")[:_POOL]])


@dataclass(frozen=True, slots=True)
class _Sets:
    """Sets of sentences that keep within the budget; m of each.

    Args:
        bits: m, with the bit of each member set.
        sums: the estimated gain, the tokens, and what is used of each limit: a row each, m columns.
        used: how much is used of the limit that comes closest; 1 and more counts as used up.
    """

    bits: Ints
    sums: Floats
    used: Floats

    def pick(self, rows: Ints) -> _Sets:
        return _Sets(self.bits.take(rows), self.sums.take(rows, axis=1), self.used.take(rows))

    def score(self) -> Floats:
        score: Floats = self.sums[0] / (self.sums[1] + USUAL_TOKENS)
        return score

    def members(self, size: int) -> Floats:
        """Give a row for each set, 1 for its members."""
        return ((self.bits[:, None] >> np.arange(size)) & 1).astype(np.float32)


def _highest(values: Floats, many: int) -> Ints:
    if len(values) <= many:
        return np.arange(len(values))
    return np.argpartition(-values, many)[:many]


def _sets(scorer: Scorer, limits: Sequence[_Limit], *, brief: bool) -> _Sets:
    """Gather sets of one sentence, two, and so on, until there are enough that use the budget up."""
    ones = np.stack([scorer.alone, scorer.tokens, *(limit.sizes for limit in limits)])
    size = len(scorer.tokens)
    small, largest = _small(ones, scorer.overlap, limits)
    found = [small]
    for many in range(min(_ALL_SETS, size), size):
        if many >= _MOST_BRIEF and (brief or any((sets.used >= 1.0).any() for sets in found)):
            break
        if not len(largest.used):
            break
        largest = _longer(largest, ones, scorer.overlap, limits, brief=brief)
        found.append(largest)
    return _Sets(
        np.concatenate([sets.bits for sets in found]),
        np.concatenate([sets.sums for sets in found], axis=1),
        np.concatenate([sets.used for sets in found]),
    )


def _small(ones: Floats, overlap: Floats, limits: Sequence[_Limit]) -> tuple[_Sets, _Sets]:
    """Give every set of up to three sentences that keeps within the budget; and those of the most sentences alone."""
    size = ones.shape[1]
    # One more that is nothing fills sets of fewer.
    padded = np.zeros((len(ones), size + 1), np.float32)
    padded[:, :-1] = ones
    met = np.zeros((size + 1, size + 1), np.float32)
    met[:-1, :-1] = overlap
    twos = padded[:, :, None] + padded[:, None, :]
    twos[0] -= met
    twos, met = twos.reshape(len(ones), -1), met.ravel()
    places, bits, begin = _small_sets(size)
    sizes = [twos[row].take(places[0]) + padded[row].take(places[3]) for row in range(2, len(ones))]
    rows = _keep(sizes, limits).nonzero()[0]
    first_two, first_last, second_last, last = places.take(rows, axis=1)
    sums = twos.take(first_two, axis=1)
    sums += padded.take(last, axis=1)
    sums[0] -= met.take(first_last)
    sums[0] -= met.take(second_last)
    sets = _Sets(bits.take(rows), sums, _used(sums[2:], limits))
    return sets, sets.pick(np.arange(np.searchsorted(rows, begin), len(rows)))


def _keep(sizes: Sequence[Floats] | Floats, limits: Sequence[_Limit]) -> NDArray[np.bool_]:
    kept = sizes[0] <= limits[0].most
    for size, limit in zip(sizes[1:], limits[1:], strict=True):
        kept &= size <= limit.most
    return kept


def _used(sizes: Floats, limits: Sequence[_Limit]) -> Floats:
    used: Floats = sizes[0] * np.float32(1.0 / limits[0].enough)
    for size, limit in zip(sizes[1:], limits[1:], strict=True):
        np.maximum(used, size * np.float32(1.0 / limit.enough), out=used)
    return used


def _longer(sets: _Sets, ones: Floats, overlap: Floats, limits: Sequence[_Limit], *, brief: bool) -> _Sets:
    """Add each sentence to each of the sets that are estimated best."""
    size = ones.shape[1]
    if not brief:
        sets = sets.pick((sets.used < 1.0).nonzero()[0])
    sets = sets.pick(_highest(sets.score(), _LENGTHENED))
    members = sets.members(size)
    sums = sets.sums[:, :, None] + ones[:, None, :]
    sums[0] -= product(members, overlap)
    bits = sets.bits[:, None] | np.left_shift(1, np.arange(size))
    free = (members == 0.0).ravel().nonzero()[0]
    sums = sums.reshape(len(sums), -1).take(free, axis=1)
    rows = _keep(sums[2:], limits).nonzero()[0]
    sums = sums.take(rows, axis=1)
    longer = _Sets(bits.ravel().take(free.take(rows)), sums, _used(sums[2:], limits))
    longer = longer.pick(_highest(longer.score(), _LONGER))
    # A set may be reached from each of its members.
    return longer.pick(np.unique(longer.bits, return_index=True)[1])


@cache
def _small_sets(size: int) -> tuple[Ints, Ints, int]:
    """Give every set of up to three sentences out of ``size``; a fourth that is nothing, ``size``, fills sets of fewer.

    Returns:
        4 × m: where a set's first two, its first and last, and its second and last stand in a flat table of sentence
        by sentence, and which is the last; m: the bits of its members; and where those of the most sentences begin.
    """
    nothing, most = size, min(_ALL_SETS, size)
    levels = [list(combinations(range(size), many)) for many in range(1, most + 1)]
    filled = [chosen + (nothing,) * (_ALL_SETS - len(chosen)) for level in levels for chosen in level]
    first, second, last = np.array(filled).T
    width = size + 1
    bits = np.bitwise_or.reduce(np.left_shift(1, np.array(filled)), axis=1) & ((1 << size) - 1)
    places = np.stack([first * width + second, first * width + last, second * width + last, last])
    return places, bits, len(filled) - len(levels[-1])
