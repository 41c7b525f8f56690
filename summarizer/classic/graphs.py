"""LexRank, TextRank and Reduction as sumy computes them, by matrices instead of loops over pairs of sentences.

Up to :data:`HELD` sentences the last steps are sumy's own operations on the same numbers in the same order, so that
scores that tie there tie here. Beyond, no matrix of all pairs is held: LexRank walks over it in bands of rows and keeps
a bit for each pair; the other two need sums over pairs alone, which go by the lengths that sentences have.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from summarizer.classic.words import Counts

    Floats = NDArray[np.float64]
    Bits = NDArray[np.uint8]

HELD: Final = 1000
"""Matrices of all pairs of so many sentences are held in memory."""

# sumy's settings.
_LEXRANK_THRESHOLD = 0.1
_LEXRANK_EPSILON = 0.1
_TEXTRANK_EPSILON = 1e-4
_DAMPING = 0.85
_NEVER_ZERO = 1e-7

# A term in more than a tenth of the sentences costs less as a column of a matrix, a rarer one as pairs of sentences.
_COMMON_SHARE = 0.1
_MOST_CELLS = 4_000_000
_MOST_PAIRS = 2_000_000
_BAND = 256


def lexrank(counts: Counts, *, held: int = HELD) -> Floats:
    """Rate sentences by LexRank (Erkan and Radev, 2004) with sumy's threshold, weights and early stop."""
    total = len(counts.lengths)
    most = np.ones(total)
    np.maximum.at(most, counts.rows, counts.times)
    frequency = np.bincount(counts.terms, minlength=counts.size)
    rarity = np.array([math.log(total / (1 + times)) for times in range(int(frequency.max(initial=0)) + 1)])
    weights = counts.times / most[counts.rows] * rarity[frequency[counts.terms]]
    squares = np.bincount(counts.rows, weights * weights, total)
    lengths = np.sqrt(np.where(squares > 0, squares, np.inf))
    unit = weights / lengths[counts.rows]
    if total <= held:
        linked = _products(counts, unit) > _LEXRANK_THRESHOLD
        matrix = linked / np.maximum(linked.sum(axis=1, keepdims=True), 1)
        return _walk(matrix.T.dot, total)
    return _walk(_banded(counts, unit, total), total)


def textrank(counts: Counts, *, held: int = HELD) -> Floats:
    """Rate sentences by TextRank (Mihalcea and Tarau, 2004) with sumy's normalisation, damping and stop."""
    total = len(counts.lengths)
    if total <= held:
        weights = _overlaps(counts, alone=1.0)
        weights /= weights.sum(axis=1)[:, np.newaxis] + _NEVER_ZERO
        matrix = np.full((total, total), (1.0 - _DAMPING) / total) + _DAMPING * weights
        return _settle(matrix.T.dot, total)
    overlap = _overlap_sums(counts, alone=1.0)
    degrees = overlap(np.ones(total)) + _NEVER_ZERO
    return _settle(
        lambda ranks: (1.0 - _DAMPING) / total * ranks.sum() + _DAMPING * overlap(ranks / degrees),
        total,
    )


def reduction(counts: Counts, *, held: int = HELD) -> Floats:
    """Rate sentences by what they share with all others, as sumy's Reduction does."""
    total = len(counts.lengths)
    if total <= held:
        weights = _overlaps(counts, alone=0.0)
        np.fill_diagonal(weights, 0.0)
        # The running sum adds one after the other, as sumy does; a plain sum adds in another order.
        return np.cumsum(weights, axis=1)[:, -1]
    return _overlap_sums(counts, alone=0.0, own=False)(np.ones(total))


def _products(counts: Counts, values: Floats) -> Floats:
    """Multiply the rows of a sparse matrix, whose cells are filled as ``counts`` says, with each other: n × n."""
    total = len(counts.lengths)
    recurs = np.bincount(counts.terms, minlength=counts.size) > 1
    # A term of one sentence meets nothing but itself; the others are columns, some at a time.
    column = np.where(recurs, np.cumsum(recurs) - 1, -1)[counts.terms]
    alone = column < 0
    product = np.zeros((total, total))
    np.fill_diagonal(product, np.bincount(counts.rows[alone], values[alone] ** 2, total))
    width = max(_MOST_CELLS // total, 1)
    for begin in range(0, int(recurs.sum()), width):
        taken = (column >= begin) & (column < begin + width)
        dense = np.zeros((total, min(width, int(recurs.sum()) - begin)))
        dense[counts.rows[taken], column[taken] - begin] = values[taken]
        product += dense @ dense.T
    return product


def _bands(counts: Counts, values: Floats) -> Iterator[tuple[int, int, Floats]]:
    """Give bands of the matrix of :func:`_products`, with the numbers of their first row and of that after the last.

    Args:
        counts: which cells are filled.
        values: what stands in them.
    """
    total = len(counts.lengths)
    frequency = np.bincount(counts.terms, minlength=counts.size)
    ranked = np.argsort(-frequency, kind="stable")
    columns = int((frequency > total * _COMMON_SHARE).sum())
    columns = min(columns, max(_MOST_CELLS // total, 1))
    place = np.empty(counts.size, np.intp)
    place[ranked] = np.arange(counts.size)
    at = place[counts.terms]
    common = at < columns
    dense = np.zeros((total, columns))
    dense[counts.rows[common], at[common]] = values[common]

    # What is left, by term: each cell meets all cells of its term.
    rare = ~common
    by_term = np.flatnonzero(rare)[np.argsort(counts.terms[rare], kind="stable")]
    starts = np.zeros(counts.size + 1, np.intp)
    starts[1:] = np.cumsum(np.bincount(counts.terms[by_term], minlength=counts.size))
    mates, mate_values = counts.rows[by_term], values[by_term]
    rare_rows, rare_terms, rare_values = counts.rows[rare], counts.terms[rare], values[rare]
    meetings = starts[rare_terms + 1] - starts[rare_terms]
    work = np.concatenate(([0], np.cumsum(np.bincount(rare_rows, meetings, total))))
    bounds = np.searchsorted(rare_rows, np.arange(total + 1))
    first = 0
    while first < total:
        last = int(np.searchsorted(work, work[first] + _MOST_PAIRS, side="right")) - 1
        last = min(max(last, first + 1), first + _BAND, total)
        part = dense[first:last] @ dense.T
        cells = slice(bounds[first], bounds[last])
        sizes = meetings[cells]
        if sizes.sum():
            ends = np.cumsum(sizes)
            met = np.arange(ends[-1]) + np.repeat(starts[rare_terms[cells]] - ends + sizes, sizes)
            where = np.repeat((rare_rows[cells] - first) * total, sizes) + mates[met]
            shared = np.repeat(rare_values[cells], sizes) * mate_values[met]
            part += np.bincount(where, shared, part.size).reshape(part.shape)
        yield first, last, part
        first = last


def _banded(counts: Counts, unit: Floats, total: int) -> Callable[[Floats], Floats]:
    """Give the step of LexRank's walk over a matrix of which a bit for each pair is kept."""
    bits: list[tuple[int, int, Bits]] = []
    degrees = np.ones(total)
    for first, last, part in _bands(counts, unit):
        linked = part > _LEXRANK_THRESHOLD
        degrees[first:last] = np.maximum(linked.sum(axis=1), 1)
        bits.append((first, last, np.packbits(linked, axis=1)))

    def step(ranks: Floats) -> Floats:
        shares = ranks / degrees
        moved = np.zeros(total)
        for first, last, packed in bits:
            moved += shares[first:last] @ np.unpackbits(packed, axis=1, count=total)
        return moved

    return step


def _overlaps(counts: Counts, *, alone: float) -> Floats:
    """Count the words that pairs of sentences share, over the sum of the logarithms of their lengths: n × n.

    Args:
        counts: the sentences' words.
        alone: what a word that is shared counts where both sentences have one word only, and the sum is zero.
    """
    shared = _products(counts, counts.times)
    logs = _logarithms(counts)
    sums = logs[:, None] + logs[None, :]
    return np.where(sums > 0, shared / np.where(sums > 0, sums, 1.0), alone * shared)


def _overlap_sums(counts: Counts, *, alone: float, own: bool = True) -> Callable[[Floats], Floats]:
    """Give a function that multiplies the matrix of :func:`_overlaps` with a vector, without the matrix.

    A cell is a product of rows over a number that depends on the two lengths alone, and sentences have few lengths: so
    the rows of each length are summed first, and each sentence meets those sums.

    Args:
        counts: the sentences' words.
        alone: see :func:`_overlaps`.
        own: whether the diagonal counts.
    """
    total = len(counts.lengths)
    logs = _logarithms(counts)
    found, kind = np.unique(logs, return_inverse=True)
    sums = found[:, None] + found[None, :]
    inverse = np.where(sums > 0, 1.0 / np.where(sums > 0, sums, 1.0), alone)
    squares = np.bincount(counts.rows, counts.times**2, total) * inverse[kind, kind]
    # Terms of one sentence alone meet nothing but themselves.
    frequency = np.bincount(counts.terms, minlength=counts.size)
    kept = frequency[counts.terms] > 1
    rows, times = counts.rows[kept], counts.times[kept]
    terms = (np.cumsum(frequency > 1) - 1)[counts.terms[kept]]
    size = int((frequency > 1).sum())
    within = np.bincount(rows, times**2, total) * inverse[kind, kind]
    diagonal = squares - within if own else -within
    cells = kind[rows] * size + terms

    def multiply(vector: Floats) -> Floats:
        gathered = np.bincount(cells, vector[rows] * times, len(found) * size).reshape(len(found), size)
        met = (inverse @ gathered).ravel()[cells] * times
        return np.bincount(rows, met, total) + diagonal * vector

    return multiply


def _logarithms(counts: Counts) -> Floats:
    """Give the logarithm of each sentence's length; of no words, zero."""
    table = np.array([math.log(max(length, 1)) for length in range(int(counts.lengths.max(initial=0)) + 1)])
    return table[counts.lengths]


def _walk(step: Callable[[Floats], Floats], total: int) -> Floats:
    ranks, change = np.array([1.0 / total] * total), 1.0
    while change > _LEXRANK_EPSILON:
        moved = step(ranks)
        moved /= _length(moved)
        change = _length(moved - ranks)
        ranks = moved
    return ranks


def _settle(step: Callable[[Floats], Floats], total: int) -> Floats:
    ranks, change = np.array([1.0 / total] * total), 1.0
    while change > _TEXTRANK_EPSILON:
        moved = step(ranks)
        change = _length(moved - ranks)
        ranks = moved
    return ranks


def _length(vector: Floats) -> float:
    """Give the Euclidean norm; as ``numpy.linalg.norm`` does, which takes longer to find out that this is a vector."""
    return math.sqrt(vector.dot(vector))
