"""SumBasic and KL as sumy computes them, one sentence after the other, without weighing every sentence each time."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from summarizer.classic.words import count_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Divergences this close may be one number summed in two orders.
_TIED = 1e-10
_MOST_TIED = 50

# Nobody asks for more sentences than this; those that are as good as equal then keep the article's order.
_EXACT_ROUNDS = 200


def sum_basic(sentences: Sequence[Sequence[str]]) -> list[int]:
    """Order sentences by SumBasic (Nenkova and Vanderwende, 2005).

    A word's probability is squared when a sentence with it is taken, so that what a sentence is worth only falls: one
    whose worth of long ago is below another's worth of now need not be weighed again.

    Args:
        sentences: the stems of each, stop words left out.
    """
    counted = Counter(stem for sentence in sentences for stem in sentence)
    total = counted.total()
    probability = {stem: times / total for stem, times in counted.items()}

    def worth(number: int) -> float:
        stems = sentences[number]
        return sum([probability[stem] for stem in stems]) / len(stems) if stems else 0.0

    waiting = [(-worth(number), number, 0) for number in range(len(sentences))]
    heapq.heapify(waiting)
    order: list[int] = []
    while waiting:
        _, number, weighed_at = waiting[0]
        if weighed_at < len(order):
            heapq.heapreplace(waiting, (-worth(number), number, len(order)))
            continue
        heapq.heappop(waiting)
        order.append(number)
        for stem in sentences[number]:
            probability[stem] *= probability[stem]
    return order


def least_divergence(contents: Sequence[Sequence[str]], lengths: Sequence[int]) -> list[int]:
    """Order sentences by the KL method (Haghighi and Vanderwende, 2009), as sumy understands it.

    Each time the sentence is taken with which the summary's words diverge least from the article's. The divergence is
    a sum over the words of both; it is kept for the summary, and for each sentence how it differs from that, which
    changes only where a word of the sentence last taken stands.

    Args:
        contents: the words of each sentence, stop words left out.
        lengths: how many words each has with them.
    """
    total = len(contents)
    counts = count_terms(contents, {word: word for words in contents for word in words})
    rows, terms, times = counts.rows, counts.terms, counts.times
    share = np.bincount(terms, times, counts.size) / max(times.sum(), 1.0)
    logs = np.log(np.where(share > 0, share, 1.0))
    by_term = np.argsort(terms, kind="stable")
    starts = np.searchsorted(terms[by_term], np.arange(counts.size + 1))
    bounds = np.searchsorted(rows, np.arange(total + 1))

    said = np.zeros(counts.size)
    part = share[terms] * (logs[terms] - np.log(times))
    mass = share[terms]
    parts, masses = np.bincount(rows, part, total), np.bincount(rows, mass, total)
    sizes = counts.lengths.astype(np.float64)
    left = np.zeros(total)
    base, base_mass, spoken = 0.0, 0.0, 0
    exact = _Divergence(contents)
    order: list[int] = []
    for _ in range(total):
        divergences = left + base + parts + (base_mass + masses) * np.log(np.maximum(sizes + spoken, 1.0))
        number = int(divergences.argmin())
        tied = np.flatnonzero(divergences <= divergences[number] + _TIED)
        if len(order) >= _EXACT_ROUNDS:
            number = int(tied[0])
        elif 1 < len(tied) <= _MOST_TIED:
            number = min(tied.tolist(), key=lambda one: exact(one, spoken))
        order.append(number)
        left[number] = np.inf
        if len(order) < _EXACT_ROUNDS:
            exact.take(number)
        spoken += lengths[number]

        taken = slice(bounds[number], bounds[number + 1])
        words, before = terms[taken], said[terms[taken]]
        said[words] = after = before + times[taken]
        weight, is_new = share[words], before == 0
        base += float((weight * (logs[words] - np.log(after))).sum())
        base -= float((weight * (logs[words] - np.log(np.where(is_new, 1.0, before))))[~is_new].sum())
        base_mass += float(weight[is_new].sum())
        met = by_term[_ranges(starts[words], starts[words + 1])]
        new_part = share[terms[met]] * (np.log(said[terms[met]]) - np.log(said[terms[met]] + times[met]))
        np.add.at(parts, rows[met], new_part - part[met])
        np.add.at(masses, rows[met], -mass[met])
        part[met], mass[met] = new_part, 0.0
    return order


class _Divergence:
    """sumy's own sum, in its order, for sentences that are as good as equal."""

    def __init__(self, contents: Sequence[Sequence[str]]) -> None:
        self._contents = contents
        counted = Counter(word for words in contents for word in words)
        total = counted.total()
        self._share = {word: times / total for word, times in counted.items()}
        self._said: Counter[str] = Counter()

    def take(self, number: int) -> None:
        self._said.update(self._contents[number])

    def __call__(self, number: int, spoken: int) -> float:
        joint = Counter(self._contents[number])
        size = float(joint.total() + spoken)
        joint.update(self._said)
        return sum(self._share[word] * math.log(self._share[word] / (times / size)) for word, times in joint.items())


def _ranges(starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give the numbers of several ranges, one range after the other."""
    sizes = ends - starts
    offsets = np.cumsum(sizes)
    numbers: NDArray[np.intp] = np.arange(sizes.sum()) + np.repeat(starts - offsets + sizes, sizes)
    return numbers
