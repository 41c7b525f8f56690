"""Sets of sentences: those out of all that a budget allows that are estimated to score best.

The estimate of a set is what its sentences gain alone, less what each two of them gain less together than apart, over
its length. Every set of up to three sentences is estimated; the best of these are made longer, step by step. Steps are
taken for several articles at once; what stands beside an article changes nothing in its numbers, to the last bit.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from summarizer.news.scoring import MEMBERS, USUAL_TOKENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

# Where nothing uses a budget up, a set that uses nearly as much as any may still be better.
_NEARLY = 0.95

# The best so many of the sets of three are made one longer, and the best so many of these kept; the best so many
# estimates of all are then scored. What cannot be filled this way is made longer step by step.
_ALL_SETS = 3
_LENGTHENED = 8
_LONGER = 32
_SCORED = 16

# The bit of each member. Every set has the first, which is nothing.
_BITS = 1 << np.arange(MEMBERS)
_USUAL = np.float32(USUAL_TOKENS)
_NONE = np.float32(-np.inf)
_UNUSED = np.float32(-1.0)


class Limit(NamedTuple):
    """A limit that the budget sets: what each sentence uses of it, how much there is, and what counts as used up."""

    sizes: Floats
    most: float
    enough: float


class Pools(NamedTuple):
    """The sentences that sets are made of: of A articles, nothing and then at most 24 of each.

    Args:
        sizes: A, how many sentences each has; what stands behind them is none, and fits nowhere.
        tokens: A × :data:`MEMBERS`, their lengths.
        alone: A × MEMBERS, what each is estimated to gain.
        overlap: A × MEMBERS × MEMBERS, what each two gain less together than apart.
        limits: the budget's, with A × MEMBERS sizes.
    """

    sizes: Sequence[int]
    tokens: Floats
    alone: Floats
    overlap: Floats
    limits: Sequence[Limit]


def likely_sets(pools: Pools, *, brief: bool) -> tuple[Floats, Bools]:
    """Find the sets that are estimated best of those that use up enough of the budget.

    Args:
        pools: of some articles.
        brief: whether sets count that use less.

    Returns:
        A × m × MEMBERS, 1 for the members of each set; and A × m, which of these are any.
    """
    small, limits = _Small(pools), pools.limits
    wanted = small.used >= (0.0 if brief else 1.0)
    found, is_filled = small.best(wanted, _SCORED)
    base, _ = small.best(small.is_three if brief else small.is_three > wanted, _LENGTHENED)
    levels: list[tuple[_Sets, Floats]] = []
    while base.are_any():
        longer = _longer(base, pools)
        used = longer.used(limits)
        levels.append((longer, used))
        is_full = used >= 1.0
        is_filled |= is_full.any(axis=1)
        if brief or is_filled.all():
            break
        # Even longer sets are only for articles that none has filled.
        base = longer.only(~(is_full | is_filled[:, None])).best(_LENGTHENED)
    enough = np.zeros(len(is_filled), np.float32)
    if not brief:
        enough += 1.0
        if not is_filled.all():
            # Where nothing uses the budget up, what uses nearly as much as anything counts as well.
            most = np.maximum.reduce([small.most_used(), *(used.max(axis=1) for _, used in levels)])
            np.copyto(enough, np.float32(_NEARLY) * most, where=~is_filled)
            found, _ = small.best(small.used >= enough.take(small.article), _SCORED)
    if levels:
        wanted_too = [level.only(used >= enough[:, None]) for level, used in levels]
        bits = np.concatenate([found.bits, *(level.bits for level in wanted_too)], axis=1)
        estimates = np.concatenate([found.estimates, *(level.estimates for level in wanted_too)], axis=1)
        best = _highest(estimates, _SCORED)
        return _members(bits.take(best)), estimates.take(best) > _NONE
    return _members(found.bits), found.estimates > _NONE


class _Sets(NamedTuple):
    """Sets of sentences that keep within the budget, m of each article, or nothing in their place.

    Args:
        bits: A × m, with the bit of each member set.
        gains: A × m, as estimated.
        estimates: A × m, the estimated score; of nothing the lowest.
        tokens: A × m, their lengths and a reference's.
        sizes: of each limit A × m, what they use.
    """

    bits: Ints
    gains: Floats
    estimates: Floats
    tokens: Floats
    sizes: Sequence[Floats]

    def are_any(self) -> bool:
        """Whether any article has a set."""
        return bool((self.estimates > _NONE).any())

    def only(self, wanted: Bools) -> _Sets:
        """Put nothing in place of the sets that are not wanted."""
        return self._replace(estimates=np.where(wanted, self.estimates, _NONE))

    def best(self, many: int) -> _Sets:
        """Take so many of each article."""
        return self.take(_highest(self.estimates, many))

    def take(self, at: Ints) -> _Sets:
        """Take those at some places of the flat arrays."""
        return _Sets(
            self.bits.take(at),
            self.gains.take(at),
            self.estimates.take(at),
            self.tokens.take(at),
            [size.take(at) for size in self.sizes],
        )

    def used(self, limits: Sequence[Limit]) -> Floats:
        """Say how much each uses of what is enough, by the limit that comes closest; of nothing less than none."""
        return np.where(self.estimates > _NONE, _used(self.sizes, limits), _UNUSED)


class _Small:
    """All sets of up to three sentences that keep within the budget: m, one article's behind another's.

    One more at the end is nothing.

    Attributes:
        article: m + 1, which article each is of.
        is_three: m + 1, whether it has three members.
        used: m + 1, how much it uses, as of :class:`_Sets`.
    """

    def __init__(self, pools: Pools) -> None:
        articles, two = len(pools.sizes), MEMBERS * MEMBERS
        table = _small_sets(max(1, *pools.sizes))
        many = len(table.last)

        # What each two have together.
        each = np.array([pools.tokens, pools.alone, *(limit.sizes for limit in pools.limits)])
        tokens_of_two, alone_of_two, *sizes_of_two = (each[..., None] + each[:, :, None]).reshape(-1, articles, two)
        sizes = [
            of_two.take(table.first_two, axis=1) + limit.sizes.take(table.last, axis=1)
            for of_two, limit in zip(sizes_of_two, pools.limits, strict=True)
        ]
        kept = _keep(sizes, pools.limits).ravel().nonzero()[0]
        self._begins = kept.searchsorted(np.arange(0, articles * many + 1, many)).tolist()
        at = np.zeros(len(kept) + 1, np.intp)
        at[:-1] = kept
        self.article = article = np.zeros(len(at), np.intp)
        for number in range(1, articles):
            article[self._begins[number] : self._begins[number + 1]] = number
        row = at - article * many
        tables = article * two
        first_two = table.first_two.take(row)
        first_two += tables
        # What a third sentence adds to one of two others, with half of what it gains alone for each.
        added = (np.float32(0.5) * pools.alone)[:, None] - pools.overlap
        gains = (alone_of_two - pools.overlap.reshape(articles, two)).take(first_two)
        gains += added.take(tables + table.first_last.take(row))
        gains += added.take(tables + table.second_last.take(row))
        tokens = tokens_of_two.take(first_two)
        tokens += pools.tokens.take(article * MEMBERS + table.last.take(row))
        tokens += _USUAL
        estimates = gains / tokens
        estimates[-1] = _NONE
        sizes = [size.take(at) for size in sizes]
        self.used = _used(sizes, pools.limits)
        self.used[-1] = _UNUSED
        self.is_three = table.is_three.take(row)
        self.is_three[-1] = False
        self._sets = _Sets(table.bits.take(row), gains, estimates, tokens, sizes)

    def best(self, wanted: Bools, many: int) -> tuple[_Sets, Bools]:
        """Take at most so many of each article, out of those that are wanted; say also which articles have any."""
        found = wanted.nonzero()[0]
        against = np.negative(self._sets.estimates.take(found))
        bounds = found.searchsorted(self._begins)
        at = np.full((len(bounds) - 1, many), len(wanted) - 1)
        for own, (begin, end) in zip(at, pairwise(bounds.tolist()), strict=True):
            if end - begin > many:
                own[:] = found[begin:end].take(against[begin:end].argpartition(many)[:many])
            else:
                own[: end - begin] = found[begin:end]
        return self._sets.take(at), bounds[1:] > bounds[:-1]

    def most_used(self) -> Floats:
        """Give what is used by the set of each article that uses most."""
        most = np.zeros(len(self._begins) - 1, np.float32)
        np.maximum.at(most, self.article, self.used)
        return most


class _Table(NamedTuple):
    """Every set of up to three members; the member 0 is nothing, and fills sets of fewer.

    Args:
        first_two: m, where a set's first two stand in a flat table of member by member.
        first_last: m, where its first and last stand there.
        second_last: m, where its second and last do.
        last: m, which is the last.
        is_three: m, whether none is nothing.
        bits: m, with the bit of each member set.
    """

    first_two: Ints
    first_last: Ints
    second_last: Ints
    last: Ints
    is_three: Bools
    bits: Ints


@cache
def _small_sets(size: int) -> _Table:
    """Give every set of up to three of so many sentences."""
    nothing = (0,) * _ALL_SETS
    chosen = [
        (*nothing[many:], *each) for many in range(1, _ALL_SETS + 1) for each in combinations(range(1, size + 1), many)
    ]
    first, second, last = np.array(chosen, np.intp).reshape(-1, _ALL_SETS).T.copy()
    bits = _BITS[first] | _BITS[second] | _BITS[last] | _BITS[0]
    return _Table(first * MEMBERS + second, first * MEMBERS + last, second * MEMBERS + last, last, first > 0, bits)


def _keep(sizes: Sequence[Floats], limits: Sequence[Limit]) -> Bools:
    """Say what keeps within all limits."""
    kept: Bools = sizes[0] <= limits[0].most
    for size, limit in zip(sizes[1:], limits[1:], strict=True):
        kept &= size <= limit.most
    return kept


def _used(sizes: Sequence[Floats], limits: Sequence[Limit]) -> Floats:
    """Say how much is used of what is enough, by the limit that comes closest."""
    used: Floats = sizes[0] / np.float32(limits[0].enough)
    for size, limit in zip(sizes[1:], limits[1:], strict=True):
        np.maximum(used, size / np.float32(limit.enough), out=used)
    return used


def _highest(estimates: Floats, many: int) -> Ints:
    """Give the places in the flat array of so many, the highest of each row."""
    rows, columns = estimates.shape
    best = np.negative(estimates).argpartition(many, axis=1)[:, :many]
    best += np.arange(0, rows * columns, columns)[:, None]
    return best


def _members(bits: Ints) -> Floats:
    """Give 1 for the members of each set."""
    return ((bits[..., None] & _BITS) > 0).astype(np.float32)


def _longer(sets: _Sets, pools: Pools) -> _Sets:
    """Add each sentence to each set; give the best of the sets that are kept."""
    sizes = [size[..., None] + limit.sizes[:, None] for size, limit in zip(sets.sizes, pools.limits, strict=True)]
    bits = sets.bits[..., None] | _BITS
    room = _keep(sizes, pools.limits)
    room &= bits != sets.bits[..., None]
    room &= (sets.estimates > _NONE)[..., None]
    gains = sets.gains[..., None] + pools.alone[:, None]
    gains -= np.matmul(_members(sets.bits), pools.overlap)
    tokens = sets.tokens[..., None] + pools.tokens[:, None]
    estimates = np.where(room, gains / tokens, _NONE)
    flat = len(bits), -1
    best = _highest(estimates.reshape(flat), _LONGER)
    # A set may be reached from each of its members.
    found = bits.take(best)
    order = found.argsort(axis=1, kind="stable")
    order += np.arange(0, best.size, _LONGER)[:, None]
    best = best.take(order)
    taken = [size.take(best) for size in sizes]
    found, estimates = bits.take(best), estimates.take(best)
    estimates[:, 1:][found[:, 1:] == found[:, :-1]] = _NONE
    return _Sets(found, gains.take(best), estimates, tokens.take(best), taken)
