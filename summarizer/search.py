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

USUAL_TOKENS = 32.0
"""How long a person's summary usually is: near the mean over the languages that were measured."""

PAIR_WEIGHT = 2.0
"""What a pair counts beside a term.

More than in the sum of both scores, for pairs tell better which sentence a summary was drawn from: held out, English,
Vietnamese and Russian gain 0.2 to 0.3 points of ROUGE-2 and some ROUGE-1; French loses 0.15 of ROUGE-1.
"""

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


DANGLING = 0.03
"""What a sentence costs that points back to one that is left out, in expected ROUGE-1 plus ROUGE-2."""

ENGLISH_DANGLING = 0.05
"""The same in English, whose pointers leave least doubt; there 2.8 % of summaries of three sentences dangle."""

# … and the article's first that names nothing: "It was a slow Thursday night" opens a story and sums up none.
_VAGUE_OPENING = 0.05
# … and one with a part of a quotation whose rest is left out. Each hundredth more costs Russian and Vietnamese about
# 0.1 of ROUGE-1 and -2.
_BROKEN = 0.01
# … and in shared tokens, for estimates: half of what stands under the line of a usual score.
_COST_TOKENS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The sentences of an article as a budget sees them; S of each.

    Args:
        chars: their lengths in characters as a person counts them.
        words: their lengths in words; zeros where no budget counts them.
        places: their numbers among all sentences of the text, those left out included.
        points_back: says whether the sentence of a number leans on the one before it.
        quotations: numbers of the sentences that share a quotation, which is broken by some without the others.
        broken: numbers of the sentences with a quotation or bracket that no other makes whole.
        dangling: what a sentence costs that points back to one left out.
    """

    chars: Sequence[int]
    words: Sequence[int]
    places: Sequence[int]
    points_back: Callable[[int], bool]
    quotations: Sequence[range] = ()
    broken: Sequence[int] = ()
    dangling: float = DANGLING


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
    worth = _Worth(reading, expected)
    pool = _pool(reading, worth, _fitting(limits, len(choices.chars)))
    if not len(pool):
        return []
    scorer = _Scorer(reading, worth, choices, pool)
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


class _Worth:
    """What the terms and pairs of each sentence are expected to share with a reference.

    Attributes:
        terms: (1 + :data:`MOST_TIMES`) × T, what a term is worth said never, once, twice, …
        times: for each of the reading's ``held``, how often it says the term, as far as that counts.
        pairs: P, what each pair is worth, by its weight.
        alone: S, what each sentence is worth.
    """

    def __init__(self, reading: Reading, expected: Expectation) -> None:
        self.terms = np.zeros((MOST_TIMES + 1, len(reading.counts)), np.float32)
        np.cumsum(expected.terms.T, axis=0, out=self.terms[1:])
        self.pairs = expected.pairs * np.float32(PAIR_WEIGHT)
        self.times = np.minimum(reading.held_counts, MOST_TIMES)
        size = len(reading.lengths)
        once = np.where(reading.pair_counts == 1, self.pairs, 0.0)
        self.alone = (
            weighted_counts(reading.held, self.terms[self.times, reading.held_term], size)
            + weighted_counts(reading.sentence.take(reading.pair_places), once.take(reading.pair_at), size)
            + weighted_counts(reading.again, self.pairs.take(reading.again_pair), size)
        )


def _pool(reading: Reading, worth: _Worth, fitting: Ints) -> Ints:
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


def _sets(scorer: _Scorer, limits: Sequence[_Limit], *, brief: bool) -> _Sets:
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


class _Scorer:
    """Expected scores of sets of sentences from the pool.

    Attributes:
        tokens: the length of each sentence.
        alone: what each is expected to share with a reference, less what it costs to dangle.
        overlap: what each two gain less together than apart: size × size.
    """

    def __init__(self, reading: Reading, worth: _Worth, choices: Choices, pool: Ints) -> None:
        size = len(pool)
        member = np.full(len(reading.lengths), -1)
        member[pool] = np.arange(size)
        self.tokens = reading.lengths[pool].astype(np.float32)
        self.alone = worth.alone[pool].astype(np.float32)
        self._counts, shared = _shared(
            member.take(reading.held), reading.held_term, worth.times, size, len(reading.counts)
        )
        self._pairs, both = _shared(
            member.take(reading.again), reading.again_pair, np.ones(1, np.intp), size, len(worth.pairs)
        )
        self._worth = worth.terms.take(shared, axis=1)
        self._column = np.arange(len(shared))
        self._pair_worth = worth.pairs[both]
        # Of a term in both of two sentences, the second is worth less than the first.
        said = np.minimum(self._counts, 1.0)
        self.overlap = product(said * (2.0 * self._worth[1] - self._worth[2]), said.T)
        self.overlap += product(self._pairs * self._pair_worth, self._pairs.T)
        # The gain of a set is what its sentences gain alone, less what they say twice.
        self._alone = self.alone - self._said(self._counts, self._pairs)
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
        gain = weighted_rows(sets, self._alone) + self._said(counts, np.minimum(product(sets, self._pairs), 1.0))
        score: Floats = 2.0 * gain / (weighted_rows(sets, self.tokens) + USUAL_TOKENS)
        for one, before, cost in self._leaning:
            score -= cost * (sets[:, one] if before is None else sets[:, one] * (1.0 - sets[:, before]))
        return score

    def _said(self, counts: Floats, pairs: Floats) -> Floats:
        """Sum, for each row, what the shared terms said so often, and the shared pairs, are worth."""
        said: Floats = self._worth[counts.astype(np.intp), self._column].sum(1)
        return said + weighted_rows(pairs, self._pair_worth)


def _shared(member: Ints, item: Ints, times: Ints, size: int, width: int) -> tuple[Floats, Ints]:
    """Count what several members of the pool hold.

    Args:
        member: of each holding, or -1.
        item: of each holding, below ``width``.
        times: how often it has it; one number for all, or one for each holding.
        size: how many members there are.
        width: how many items.

    Returns:
        A row for each member and a column for each item that more than one holds; and those items.
    """
    inside = (member >= 0).nonzero()[0]
    item = item.take(inside)
    several = np.bincount(item, minlength=width) > 1
    rows = several.take(item).nonzero()[0]
    item, inside = item.take(rows), inside.take(rows)
    columns = several.nonzero()[0]
    counts = np.zeros((size, len(columns)), np.float32)
    counts[member.take(inside), (several.cumsum() - 1).take(item)] = times.take(inside, mode="clip")
    return counts, columns


def _leaning(choices: Choices, pool: Ints) -> list[tuple[int, int | None, float]]:
    """Give the members that lean on another sentence, with it if it is a member too, and what they cost without."""
    members = {choices.places[number]: member for member, number in enumerate(pool.tolist())}
    leaning = [
        (member, members.get(place - 1), choices.dangling if place else _VAGUE_OPENING)
        for place, member in members.items()
        if choices.points_back(int(pool[member]))
    ]
    if choices.quotations or choices.broken:
        member_of = {number: member for member, number in enumerate(pool.tolist())}
        # Each part of a quotation leans on those next to it.
        steps = [(number, number + 1) for numbers in choices.quotations for number in numbers[:-1]]
        partners = [*steps, *((after, before) for before, after in steps), *((number, -1) for number in choices.broken)]
        leaning += [
            (member_of[number], member_of.get(partner), _BROKEN) for number, partner in partners if number in member_of
        ]
    return leaning
