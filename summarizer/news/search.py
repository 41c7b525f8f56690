"""The set of sentences that is expected to score best against a person's summary, out of all that a budget allows."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from summarizer.news.expectation import expect
from summarizer.news.products import product
from summarizer.news.reading import read_article
from summarizer.news.scoring import DANGLING, ENGLISH_DANGLING, USUAL_TOKENS, Choices, Scorer, Worth
from summarizer.selection import USED_UP
from summarizer.text.dangling import points_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning.report import Piece
    from summarizer.document import Document
    from summarizer.news.expectation import Expectation
    from summarizer.news.reading import Reading
    from summarizer.selection import Budget, Sizes

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


def search_article(
    document: Document, pieces: Sequence[Piece], lang: str, sizes: Sizes, budget: Budget, *, brief: bool
) -> list[int]:
    """Choose sentences of an article; return their numbers in its order, none where it has no words.

    Args:
        document: the article.
        pieces: its sentences.
        lang: ISO 639-1.
        sizes: how long these are.
        budget: what to keep within.
        brief: stop wherever the expected score is highest rather than use the budget up.
    """
    text = document.text
    reading = read_article(text, document.title, pieces, lang)
    if reading is None:
        return []
    choices = Choices(
        chars=sizes.chars,
        words=sizes.words,
        places=[piece.place for piece in pieces],
        pointing=[
            number
            for number in reading.may_point.nonzero()[0].tolist()
            if points_back(text, lang, pieces[number].start, pieces[number].end)
        ],
        quotations=_quotations(pieces),
        broken=[number for number, piece in enumerate(pieces) if piece.is_broken],
        dangling=ENGLISH_DANGLING if lang == "en" else DANGLING,
    )
    return best_set(reading, expect(reading), choices, budget, brief=brief)


def _quotations(pieces: Sequence[Piece]) -> list[range]:
    """Give the numbers of the sentences of each quotation that goes over several and has all its parts."""
    return [
        range(number, number + piece.stretch[1] - piece.stretch[0] + 1)
        for number, piece in enumerate(pieces)
        if piece.stretch and not piece.is_broken and piece.stretch[0] == piece.place
    ]


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
    members = _likely(scorer, [limit.within(pool) for limit in limits], brief=brief)
    best = members[scorer.score(members).argmax()]
    found: list[int] = pool[best > 0].tolist()
    return found


class _Limit(NamedTuple):
    """A limit that the budget sets: what each sentence uses of it, how much there is, and what counts as used up."""

    sizes: Floats
    most: float
    enough: float

    def within(self, pool: Ints) -> _Limit:
        return _Limit(self.sizes.take(pool), self.most, self.enough)


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
    return fits.nonzero()[0]


def _pool(reading: Reading, worth: Worth, fitting: Ints) -> Ints:
    if len(fitting) <= _POOL:
        return fitting
    promise = (worth.alone / (reading.lengths + _EXTRA_TOKENS)).take(fitting)
    promise[:_LEAD] = np.inf
    pool = fitting.take((-promise).argsort(kind="stable")[:_POOL])
    pool.sort()
    return pool


class _Sets:
    """Sets of sentences, whether or not they keep within the budget; m of each.

    Args:
        bits: m, with the bit of each member set.
        gain: m, the estimated gain.
        tokens: m, their lengths.
        sizes: m, what they use of each limit.
        limits: the budget's.

    Attributes:
        estimates: m, the estimated score.
        kept: m, whether the budget is kept.
        full: m, whether it is kept and used up.
    """

    def __init__(
        self, bits: Ints, gain: Floats, tokens: Floats, sizes: Sequence[Floats], limits: Sequence[_Limit]
    ) -> None:
        self.bits, self.gain, self.tokens, self.sizes, self._limits = bits, gain, tokens, sizes, limits
        self.estimates = _estimates(gain, tokens)
        self.kept = sizes[0] <= limits[0].most
        self.full = sizes[0] >= limits[0].enough
        for size, limit in zip(sizes[1:], limits[1:], strict=True):
            self.kept &= size <= limit.most
            self.full |= size >= limit.enough
        self.full &= self.kept

    def used(self) -> Floats:
        """Give how much is used of the limit that comes closest; nothing where the budget is not kept."""
        used = [size / np.float32(limit.enough) for size, limit in zip(self.sizes, self._limits, strict=True)]
        return np.where(self.kept, np.maximum.reduce(used), np.float32(0.0))

    def best(self, wanted: NDArray[np.bool_], many: int) -> Ints:
        """Find those, out of the sets that are wanted, that are estimated best."""
        rows = wanted.nonzero()[0]
        return rows.take(_highest(self.estimates.take(rows), many)) if len(rows) > many else rows


def _estimates(gain: Floats, tokens: Floats) -> Floats:
    estimates: Floats = gain / (tokens + np.float32(USUAL_TOKENS))
    return estimates


def _highest(values: Floats, many: int) -> Ints:
    return np.negative(values).argpartition(many)[:many]


def _members(bits: Ints, size: int) -> Floats:
    """Give a row for each set, 1 for its members."""
    return ((bits[:, None] >> np.arange(size)) & 1).astype(np.float32)


def _likely(scorer: Scorer, limits: Sequence[_Limit], *, brief: bool) -> Floats:
    """Give the sets, as rows of members, that are estimated best of those that use up enough of the budget."""
    size = len(scorer.tokens)
    levels = [_small(scorer, limits)]
    for many in range(min(_ALL_SETS, size), size):
        if many >= _MOST_BRIEF and (brief or any(sets.full.any() for sets in levels)):
            break
        longer = _longer(levels[-1], many, scorer, limits, brief=brief)
        if longer is None:
            break
        levels.append(longer)
    wanted = [sets.kept if brief else sets.full for sets in levels]
    if not any(one.any() for one in wanted):
        used = [sets.used() for sets in levels]
        enough = _NEARLY * max(float(one.max(initial=0.0)) for one in used)
        wanted = [one >= enough for one in used]
    best = [sets.best(one, _SCORED) for sets, one in zip(levels, wanted, strict=True)]
    bits = np.concatenate([sets.bits.take(rows) for sets, rows in zip(levels, best, strict=True)])
    if len(bits) > _SCORED:
        estimates = np.concatenate([sets.estimates.take(rows) for sets, rows in zip(levels, best, strict=True)])
        bits = bits.take(_highest(estimates, _SCORED))
    return _members(bits, size)


def _small(scorer: Scorer, limits: Sequence[_Limit]) -> _Sets:
    """Give every set of up to three sentences; those of the most sentences last."""
    size = len(scorer.tokens)
    first_two, first_last, second_last, last, bits = _small_sets(size)

    def padded(values: Floats) -> Floats:
        # One more that is nothing fills sets of fewer.
        longer = np.zeros(size + 1, np.float32)
        longer[:-1] = values
        return longer

    def summed(values: Floats) -> Floats:
        each = padded(values)
        sums: Floats = np.add.outer(each, each).take(first_two)
        sums += each.take(last)
        return sums

    alone = padded(scorer.alone)
    overlap = np.zeros((size + 1, size + 1), np.float32)
    overlap[:-1, :-1] = scorer.overlap
    gain = (np.add.outer(alone, alone) - overlap).take(first_two)
    # What a last sentence adds to one of two others, with half of what it gains alone for each.
    added = np.float32(0.5) * alone - overlap
    gain += added.take(first_last)
    gain += added.take(second_last)
    return _Sets(bits, gain, summed(scorer.tokens), [summed(limit.sizes) for limit in limits], limits)


def _longer(sets: _Sets, many: int, scorer: Scorer, limits: Sequence[_Limit], *, brief: bool) -> _Sets | None:
    """Add each sentence to each of the sets of ``many`` that are estimated best; ``None`` where none has room."""
    size = len(scorer.tokens)
    begin = len(sets.bits) - comb(size, many) if many <= _ALL_SETS else 0
    rows = (sets.kept[begin:] if brief else sets.kept[begin:] > sets.full[begin:]).nonzero()[0]
    rows += begin
    if not len(rows):
        return None
    if len(rows) > _LENGTHENED:
        rows = rows.take(_highest(sets.estimates.take(rows), _LENGTHENED))
    bits = sets.bits.take(rows)
    members = _members(bits, size)
    gain = sets.gain.take(rows)[:, None] + scorer.alone
    gain -= product(members, scorer.overlap)
    tokens = sets.tokens.take(rows)[:, None] + scorer.tokens
    sizes = [used.take(rows)[:, None] + limit.sizes for used, limit in zip(sets.sizes, limits, strict=True)]
    room = members == 0.0
    for used, limit in zip(sizes, limits, strict=True):
        room &= used <= limit.most
    best = room.ravel().nonzero()[0]
    if len(best) > _LONGER:
        best = best.take(_highest(_estimates(gain, tokens).take(best), _LONGER))
    longer = bits[:, None] | (1 << np.arange(size))
    # A set may be reached from each of its members.
    once = dict(zip(longer.take(best).tolist(), best.tolist(), strict=True))
    best = np.fromiter(once.values(), np.intp, len(once))
    return _Sets(longer.take(best), gain.take(best), tokens.take(best), [used.take(best) for used in sizes], limits)


@cache
def _small_sets(size: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Give every set of up to three sentences out of ``size``; a fourth that is nothing, ``size``, fills sets of fewer.

    Returns:
        Where a set's first two, its first and last, and its second and last stand in a flat table of sentence by
        sentence; which is the last; and the bits of its members: m of each.
    """
    nothing, most = size, min(_ALL_SETS, size)
    levels = [list(combinations(range(size), many)) for many in range(1, most + 1)]
    filled = [chosen + (nothing,) * (_ALL_SETS - len(chosen)) for level in levels for chosen in level]
    first, second, last = np.array(filled).T
    width = size + 1
    bits = np.bitwise_or.reduce(np.left_shift(1, np.array(filled)), axis=1) & ((1 << size) - 1)
    return first * width + second, first * width + last, second * width + last, np.ascontiguousarray(last), bits
