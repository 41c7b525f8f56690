"""The set of sentences that is expected to score best against a person's summary, out of all that a budget allows."""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from summarizer.news.expectation import expect
from summarizer.news.products import product
from summarizer.news.reading import has_words, read_articles
from summarizer.news.scoring import (
    BROKEN,
    DANGLING,
    ENGLISH_BROKEN,
    ENGLISH_DANGLING,
    USUAL_TOKENS,
    Choices,
    Repeated,
    Scorer,
    Worth,
)
from summarizer.selection import USED_UP
from summarizer.text.dangling import points_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning.report import Piece
    from summarizer.news.cleaned import Cleaned
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


def search_articles(
    articles: Sequence[Cleaned], lang: str, sizes: Sequence[Sizes], budget: Budget, *, brief: bool
) -> list[list[int]]:
    """Choose sentences of each article; give their numbers in its order, none where it has no words.

    Args:
        articles: in one language.
        lang: ISO 639-1.
        sizes: how long the sentences of each are.
        budget: what to keep within.
        brief: stop wherever the expected score is highest rather than use the budget up.
    """
    found: list[list[int]] = [[] for _ in articles]
    read = [number for number, article in enumerate(articles) if has_words(article)]
    if not read:
        return found
    reading = read_articles([articles[number] for number in read], lang)
    pointing = reading.may_point.nonzero()[0]
    bounds = pointing.searchsorted(reading.sentence_at).tolist()
    choices = []
    for place, number in enumerate(read):
        text, pieces = articles[number].text, articles[number].pieces
        own = (pointing[bounds[place] : bounds[place + 1]] - reading.sentence_at[place]).tolist()
        choices.append(
            Choices(
                chars=sizes[number].chars,
                words=sizes[number].words,
                places=[piece.place for piece in pieces],
                pointing=[one for one in own if points_back(text, lang, pieces[one].start, pieces[one].end)],
                quotations=_quotations(pieces),
                broken=[one for one, piece in enumerate(pieces) if piece.is_broken],
                dangling=ENGLISH_DANGLING if lang == "en" else DANGLING,
                parted=ENGLISH_BROKEN if lang == "en" else BROKEN,
                weak=[one for one, piece in enumerate(pieces) if piece.is_weak],
            )
        )
    for number, best in zip(read, best_sets(reading, expect(reading), choices, budget, brief=brief), strict=True):
        found[number] = best
    return found


def _quotations(pieces: Sequence[Piece]) -> list[range]:
    """Give the numbers of the sentences of each quotation that goes over several and has all its parts."""
    return [
        range(number, number + piece.stretch[1] - piece.stretch[0] + 1)
        for number, piece in enumerate(pieces)
        if piece.stretch and not piece.is_broken and piece.stretch[0] == piece.place
    ]


def best_sets(
    reading: Reading, expected: Expectation, choices: Sequence[Choices], budget: Budget, *, brief: bool
) -> list[list[int]]:
    """Choose sentences of each article; give their numbers in its order.

    Args:
        reading: the articles.
        expected: what a summary of each is expected to hold.
        choices: the sentences of each.
        budget: what to keep within.
        brief: stop wherever the expected score is highest rather than use the budget up.
    """
    worth = Worth(reading, expected)
    limits = [_limits(one, budget) for one in choices]
    promise = worth.alone / (reading.lengths + _EXTRA_TOKENS)
    begins = reading.sentence_at.tolist()
    pools = [
        begin + _pool(promise[begin:end], _fitting(own, end - begin))
        for own, (begin, end) in zip(limits, pairwise(begins), strict=True)
    ]
    repeated = Repeated(reading, worth, pools)
    found: list[list[int]] = []
    for article, (one, own, pool) in enumerate(zip(choices, limits, pools, strict=True)):
        if not len(pool):
            found.append([])
            continue
        numbers = pool - begins[article]
        scorer = Scorer(repeated, article, one)
        members = _likely(scorer, [limit.within(numbers) for limit in own], brief=brief)
        best = members[scorer.score(members).argmax()]
        found.append(numbers[best > 0].tolist())
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


def _pool(promise: Floats, fitting: Ints) -> Ints:
    if len(fitting) <= _POOL:
        return fitting
    promise = promise.take(fitting)
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
