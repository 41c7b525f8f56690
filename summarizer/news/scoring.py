"""What a set of sentences is expected to score against a person's summary.

Expected ROUGE-1 and ROUGE-2 (Lin, 2004): twice the terms and pairs that a reference is expected to share with the set,
over its length and a reference's; less what sentences cost that lean on others left out. Since a term counts once
however many sentences have it, repetition does not pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from summarizer.news.expectation import MOST_TIMES
from summarizer.news.products import product, weighted_rows
from summarizer.news.reading import weighted_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from summarizer.news.expectation import Expectation
    from summarizer.news.reading import Reading

    Floats = NDArray[np.float32]
    Ints = NDArray[np.intp]

USUAL_TOKENS = 32.0
"""How long a person's summary usually is: near the mean over the languages that were measured."""

PAIR_WEIGHT = 2.0
"""What a pair counts beside a term.

More than in the sum of both scores, for pairs tell better which sentence a summary was drawn from: held out, English,
Vietnamese and Russian gain 0.2 to 0.3 points of ROUGE-2 and some ROUGE-1; French loses 0.15 of ROUGE-1.
"""
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


class Worth:
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
        once = self.pairs * (reading.pair_counts == 1)
        self.alone = (
            weighted_counts(reading.held, self.terms.take(self.times * len(reading.counts) + reading.held_term), size)
            + weighted_counts(reading.sentence.take(reading.pair_places), once.take(reading.pair_at), size)
            + weighted_counts(reading.again, self.pairs.take(reading.again_pair), size)
        )


class Scorer:
    """Expected scores of sets of sentences from the pool.

    Attributes:
        tokens: the length of each sentence.
        alone: what each is expected to share with a reference, less what it costs to dangle.
        overlap: what each two gain less together than apart: size × size.
    """

    def __init__(self, reading: Reading, worth: Worth, choices: Choices, pool: Ints) -> None:
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
        places = counts.astype(np.intp)
        places *= len(self._column)
        places += self._column
        said: Floats = self._worth.take(places).sum(1)
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
