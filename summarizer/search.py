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
from summarizer.products import product
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
_POOL = 28
_LEAD = 3
# Keeps the shortest sentences from looking best.
_EXTRA_TOKENS = 8.0

# Every set of up to three sentences is estimated, and the best so many of these made one longer; the best so many
# estimates of all are then scored. What cannot be filled this way is made longer step by step.
_ALL_SETS = 3
_LENGTHENED = 16
_SCORED = 32
_MOST_BRIEF = 4

# A set's members packed into one number.
_PLACE_BITS = 6

# What a sentence costs that points back to one that is left out, in expected ROUGE-1 plus ROUGE-2; and the article's
# first that names nothing: "It was a slow Thursday night" opens a story and sums up none.
_DANGLING = 0.035
_VAGUE_OPENING = 0.035
# … and in shared tokens, for estimates: half of what stands under the line of a usual score.
_COST_TOKENS = 50.0


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
    limits = _limits(choices, budget)
    pool = _pool(reading, expected, _fitting(limits, len(choices.chars)))
    if not len(pool):
        return []
    scorer = _Scorer(reading, expected, choices, pool)
    levels = _levels(scorer, [limit.within(pool) for limit in limits], brief=brief)
    most = max(float(level.used.max()) for level in levels)
    enough = 0.0 if brief else 1.0 if most >= 1.0 else most * _NEARLY
    sets = _best([(level, np.flatnonzero(level.used >= enough)) for level in levels], len(pool))
    best = sets[scorer.score(sets).argmax()]
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


def _pool(reading: Reading, expected: Expectation, fitting: Ints) -> Ints:
    if len(fitting) <= _POOL:
        return fitting
    promise = weighted_counts(reading.sentence, expected.terms[:, 0][reading.tokens], len(reading.lengths))
    promise = promise / (reading.lengths + _EXTRA_TOKENS)
    promise = promise[fitting]
    promise[:_LEAD] = np.inf
    return np.sort(fitting[(-promise).argsort(kind="stable")[:_POOL]])


@dataclass(frozen=True, slots=True)
class _Level:
    """Sets of as many sentences, all within the budget; m of each.

    Args:
        members: m × sentences, rising.
        sums: the estimated gain, the tokens, and what is used of each limit: a row each, m columns.
        used: how much is used of the limit that comes closest; 1 and more counts as used up.
    """

    members: Ints
    sums: Floats
    used: Floats

    def score(self) -> Floats:
        score: Floats = self.sums[0] / (self.sums[1] + USUAL_TOKENS)
        return score


def _best(found: list[tuple[_Level, Ints]], size: int) -> Floats:
    """Give the sets that are estimated best, of those of each level: a row each, 1 for its members."""
    scores = np.concatenate([level.score()[rows] for level, rows in found])
    best = _highest(scores, _SCORED)
    sets = np.zeros((len(best), size), np.float32)
    begin = filled = 0
    for level, rows in found:
        own = rows[best[(best >= begin) & (best < begin + len(rows))] - begin]
        sets[np.arange(filled, filled + len(own))[:, None], level.members[own]] = 1.0
        begin, filled = begin + len(rows), filled + len(own)
    return sets


def _highest(values: Floats, many: int) -> Ints:
    if len(values) <= many:
        return np.arange(len(values))
    return np.argpartition(-values, many)[:many]


def _levels(scorer: _Scorer, limits: Sequence[_Limit], *, brief: bool) -> list[_Level]:
    """Gather sets of one sentence, two, and so on, until there are enough that use the budget up."""
    ones = np.stack([scorer.alone, scorer.tokens, *(limit.sizes for limit in limits)])
    size = len(scorer.tokens)
    overlap = scorer.overlap.ravel()
    sums, levels = ones, []
    for many, (members, before, last, meeting) in enumerate(_small_sets(size), 1):
        if many > 1:
            sums = sums.take(before, axis=1) + ones.take(last, axis=1)
            for met in meeting:
                sums[0] -= overlap.take(met)
        levels.append(_within(members, sums, limits))
    while (many := levels[-1].members.shape[1]) < size and len(levels[-1].used):
        if many >= _MOST_BRIEF and (brief or any(len(level.used) and level.used.max() >= 1.0 for level in levels)):
            break
        levels.append(_longer(levels[-1], ones, scorer.overlap, limits, brief=brief))
    return [level for level in levels if len(level.used)]


def _within(members: Ints, sums: Floats, limits: Sequence[_Limit]) -> _Level:
    kept = np.ones(len(members), np.bool_)
    used = np.zeros(len(members), np.float32)
    for limit, sizes in zip(limits, sums[2:], strict=True):
        kept &= sizes <= limit.most
        np.maximum(used, sizes * np.float32(1.0 / limit.enough), out=used)
    rows = np.flatnonzero(kept)
    return _Level(members.take(rows, axis=0), sums.take(rows, axis=1), used.take(rows))


def _longer(level: _Level, ones: Floats, overlap: Floats, limits: Sequence[_Limit], *, brief: bool) -> _Level:
    """Add each sentence to each of the sets that are estimated best."""
    size = ones.shape[1]
    rows = np.arange(len(level.used)) if brief else np.flatnonzero(level.used < 1.0)
    rows = rows[_highest(level.score()[rows], _LENGTHENED)]
    members = level.members[rows]
    taken = np.zeros((len(rows), size), np.float32)
    taken[np.arange(len(rows))[:, None], members] = 1.0
    sums = level.sums[:, rows][:, :, None] + ones[:, None, :]
    sums[0] -= taken @ overlap
    set_row, last = np.nonzero(taken == 0.0)
    longer = np.sort(np.concatenate([members[set_row], last[:, None]], axis=1), axis=1)
    # A set may be reached from each of its members.
    _, first = np.unique(longer @ (1 << np.arange(longer.shape[1]) * _PLACE_BITS), return_index=True)
    return _within(longer[first], sums[:, set_row[first], last[first]], limits)


@cache
def _small_sets(size: int) -> list[tuple[Ints, Ints, Ints, list[Ints]]]:
    """Give every set of one sentence, of two, and so on, out of ``size``.

    Returns:
        For each number of sentences: the members of each set, rising; which set of one less it continues; with which
        sentence; and where in a flat table of size × size this one meets each of the others.
    """
    levels = []
    numbers: dict[tuple[int, ...], int] = {}
    for many in range(1, min(_ALL_SETS, size) + 1):
        sets = list(combinations(range(size), many))
        members = np.array(sets, np.intp)
        before = np.array([numbers.get(chosen[:-1], 0) for chosen in sets], np.intp)
        last = np.ascontiguousarray(members[:, -1])
        meeting = [np.ascontiguousarray(members[:, one] * size + last) for one in range(many - 1)]
        levels.append((members, before, last, meeting))
        numbers = {chosen: number for number, chosen in enumerate(sets)}
    return levels


class _Scorer:
    """Expected scores of sets of sentences from the pool.

    Attributes:
        tokens: the length of each sentence.
        alone: what each is expected to share with a reference.
        overlap: what each two gain less together than apart, half of it known: size × size.
    """

    def __init__(self, reading: Reading, expected: Expectation, choices: Choices, pool: Ints) -> None:
        size = len(pool)
        member = np.full(len(reading.lengths), -1)
        member[pool] = np.arange(size)
        counts = _table(member[reading.sentence], reading.tokens, size, len(reading.counts))
        np.minimum(counts, MOST_TIMES, out=counts)
        pairs = _table(member[reading.sentence[reading.pair_places]], reading.pair_at, size, len(reading.pair_keys))
        np.minimum(pairs, 1, out=pairs)
        # What a term is worth by how often it is said.
        worth = np.zeros((len(reading.counts), MOST_TIMES + 1), np.float32)
        np.cumsum(expected.terms, axis=1, out=worth[:, 1:])
        row = np.arange(len(worth)) * (MOST_TIMES + 1)
        self.tokens = reading.lengths[pool].astype(np.float32)
        self.alone = worth.ravel().take(counts + row).sum(1) + pairs @ expected.pairs
        shared = np.flatnonzero((counts > 0).sum(0) > 1)
        both = np.flatnonzero(pairs.sum(0) > 1)
        self._worth = worth[shared].ravel()
        self._row = np.arange(len(shared)) * (MOST_TIMES + 1)
        self._counts = counts[:, shared].astype(np.float32)
        self._pairs = pairs[:, both].astype(np.float32)
        self._pair_worth = expected.pairs[both]
        said = np.minimum(self._counts, 1.0)
        less = expected.terms[shared, 0] - expected.terms[shared, 1]
        self.overlap = product(said * less, said.T) + product(self._pairs * self._pair_worth, self._pairs.T)
        # The gain of a set is what its sentences gain alone, less what they say twice.
        self._alone = self.alone - _worth_of(self._counts, self._worth, self._row) - self._pairs @ self._pair_worth
        self._leaning = _leaning(choices, pool)
        for one, before, cost in self._leaning:
            gain = cost * _COST_TOKENS
            self.alone[one] -= gain
            if before is not None:
                self.overlap[one, before] -= gain
                self.overlap[before, one] -= gain

    def score(self, sets: Floats) -> Floats:
        """Give the expected ROUGE-1 plus ROUGE-2 of each set, less what dangles."""
        counts = np.minimum(product(sets, self._counts), MOST_TIMES)
        pairs = np.minimum(product(sets, self._pairs), 1.0)
        gain = sets @ self._alone + _worth_of(counts, self._worth, self._row) + pairs @ self._pair_worth
        score: Floats = 2.0 * gain / (sets @ self.tokens + USUAL_TOKENS)
        for one, before, cost in self._leaning:
            score -= cost * (sets[:, one] if before is None else sets[:, one] * (1.0 - sets[:, before]))
        return score


def _worth_of(counts: Floats, worth: Floats, row: Ints) -> Floats:
    """Look up what terms are worth that are said so often, and sum them by set."""
    total: Floats = worth.take(counts.astype(np.intp) + row).sum(1)
    return total


def _table(members: Ints, items: Ints, size: int, width: int) -> Ints:
    """Count items by member of the pool: size × width."""
    inside = members >= 0
    keys = members[inside] * width + items[inside]
    return np.bincount(keys, minlength=size * width).reshape(size, width)


def _leaning(choices: Choices, pool: Ints) -> list[tuple[int, int | None, float]]:
    """Give the members that lean on a sentence before, with it if it is a member too, and what they cost without."""
    members = {choices.places[number]: member for member, number in enumerate(pool.tolist())}
    return [
        (member, members.get(place - 1), _DANGLING if place else _VAGUE_OPENING)
        for place, member in members.items()
        if choices.points_back(int(pool[member]))
    ]
