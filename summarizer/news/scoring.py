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
    from collections.abc import Sequence

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
# … and one with a part of a quotation whose rest is left out. At 0.01 a fifth of Russian summaries have one, at this
# a seventh, at no language's cost beyond 0.06; a hundredth more costs Russian and Vietnamese 0.1 to 0.3 of ROUGE.
BROKEN = 0.02
ENGLISH_BROKEN = 0.05
# … and each without the opening, in a text of so few that all of them lean on it: "The repair costs four millions" says
# nothing to who has not read of what.
UNOPENED = 0.05
# … and a caption, a question or a heading that ends in dots: half as many captions in the Daily Mail, a tenth of the
# questions elsewhere, and no measurable loss.
_WEAK = 0.04
FEW_SENTENCES = 6
# … and in shared tokens, for estimates: half of what stands under the line of a usual score.
_COST_TOKENS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The sentences of an article as a budget sees them; S of each.

    Args:
        chars: their lengths in characters as a person counts them.
        words: their lengths in words; zeros where no budget counts them.
        places: their numbers among all sentences of the text, those left out included.
        pointing: numbers of the sentences that lean on the one before them.
        quotations: numbers of the sentences that share a quotation, which is broken by some without the others.
        broken: numbers of the sentences with a quotation or bracket that no other makes whole.
        dangling: what a sentence costs that points back to one left out.
        weak: numbers of the sentences that tell little.
        parted: what a sentence costs with a part of a quotation whose rest is left out.
    """

    chars: Sequence[int]
    words: Sequence[int]
    places: Sequence[int]
    pointing: Sequence[int] = ()
    quotations: Sequence[range] = ()
    broken: Sequence[int] = ()
    dangling: float = DANGLING
    weak: Sequence[int] = ()
    parted: float = BROKEN


class Worth:
    """What the terms and pairs of each sentence are expected to share with a reference.

    Attributes:
        items: (1 + :data:`MOST_TIMES`) × I, what an item is worth said never, once, twice, …; pairs count once, by
            their weight.
        times: for each of the reading's ``held``, how often it says the item, as far as that counts.
        held: for each of these, what that is worth.
        alone: S, what each sentence is worth.
    """

    def __init__(self, reading: Reading, expected: Expectation) -> None:
        terms, items = len(reading.terms), len(reading.item_counts)
        self.items = np.zeros((MOST_TIMES + 1, items), np.float32)
        for times, likely in enumerate(expected.terms):
            np.add(self.items[times, :terms], likely, out=self.items[times + 1, :terms])
        np.multiply(expected.pairs, np.float32(PAIR_WEIGHT), out=self.items[1:, terms:])
        self.times = np.minimum(reading.held_times, MOST_TIMES)
        self.held = self.items.take(self.times * items + reading.held_item)
        self.alone = weighted_counts(reading.held, self.held, len(reading.lengths)).astype(np.float32)


class Repeated:
    """What several sentences of an article say, for sets of these say it twice; of some articles.

    Args:
        reading: the articles.
        worth: of their sentences.
        pools: of each article, the sentences to choose from.

    Attributes:
        pools: as given.
        begins: A + 1, where the sentences of each article begin.
        tokens: S, the length of each sentence.
        alone: S, what each is worth.
        counts: a row for each member of a pool, a column for each item: how often the member says it.
        worth: 1 + :data:`MOST_TIMES` rows, as :attr:`Worth.items`.
        said: whether each member says each item.
        lost: what an item said by another member as well is worth less the second time than the first.
        unshared: S, what is worth in each sentence that no other says.
        bounds: A + 1, where the columns of each article begin, and one beyond the last.
    """

    def __init__(self, reading: Reading, worth: Worth, pools: Sequence[Ints]) -> None:
        self.pools, self.alone = pools, worth.alone
        self.begins: list[int] = reading.sentence_at.tolist()
        self.tokens = reading.lengths.astype(np.float32)
        several = reading.item_spread > 1
        columns = several.nonzero()[0]
        if len(pools) == 1:
            self.bounds = [0, len(columns)]
        else:
            # Terms and then pairs of the first article, those of the second, …
            article = reading.token_at.searchsorted(reading.item_first.take(columns), side="right") - 1
            columns = columns.take(article.argsort(kind="stable"))
            self.bounds = [0, *np.bincount(article, minlength=len(pools)).cumsum().tolist()]
        width, sizes = len(columns), list(map(len, pools))
        shared = several.take(reading.held_item).nonzero()[0]
        holder = reading.held.take(shared)
        size = max(sizes)
        # A last row takes what sentences outside the pools hold.
        member = np.full(len(reading.lengths), size)
        for pool in pools:
            member[pool] = np.arange(len(pool))
        at = member.take(holder)
        at *= width
        column_of = np.empty(len(several), np.intp)
        column_of[columns] = np.arange(width)
        at += column_of.take(reading.held_item.take(shared))
        counts = np.zeros((size + 1, width), np.float32)
        counts.ravel()[at] = worth.times.take(shared)
        self.counts = counts[:-1]
        self.worth = worth.items.take(columns, axis=1)
        self.said = np.minimum(self.counts, 1.0)
        self.lost = self.said * (2.0 * self.worth[1] - self.worth[2])
        said_alone = weighted_counts(holder, worth.held.take(shared), len(reading.lengths))
        self.unshared: Floats = (worth.alone - said_alone).astype(np.float32)


class Scorer:
    """Expected scores of sets of sentences from an article's pool.

    Args:
        repeated: what articles say more than once.
        article: which of them.
        choices: its sentences.

    Attributes:
        tokens: the length of each sentence.
        alone: what each is expected to share with a reference, less what it costs to dangle.
        overlap: what each two gain less together than apart: size × size.
    """

    def __init__(self, repeated: Repeated, article: int, choices: Choices) -> None:
        pool, own = repeated.pools[article], slice(*repeated.bounds[article : article + 2])
        size = len(pool)
        self.tokens = repeated.tokens.take(pool)
        self.alone = repeated.alone.take(pool)
        self._counts = repeated.counts[:size, own]
        self._column = np.arange(own.start, own.stop)
        self._worth = repeated.worth
        self.overlap = product(repeated.lost[:size, own], repeated.said[:size, own].T)
        # The gain of a set is what its sentences gain alone, less what they say twice.
        self._unshared = repeated.unshared.take(pool)
        self._leaning, self._eased = _leaning(choices, pool - repeated.begins[article])
        self.alone -= _COST_TOKENS * self._leaning
        self.overlap -= _COST_TOKENS * (self._eased + self._eased.T)

    def score(self, sets: Floats) -> Floats:
        """Give the expected ROUGE-1 plus ROUGE-2 of each set, less what dangles."""
        gain = weighted_rows(sets, self._unshared)
        gain += self._said(product(sets, self._counts))
        score: Floats = 2.0 * gain / (weighted_rows(sets, self.tokens) + USUAL_TOKENS)
        score -= weighted_rows(sets, self._leaning)
        score += (product(sets, self._eased) * sets).sum(1)
        return score

    def _said(self, counts: Floats) -> Floats:
        """Sum, for each row, what the shared items said so often are worth."""
        places = np.minimum(counts, MOST_TIMES).astype(np.intp)
        places *= self._worth.shape[1]
        places += self._column
        said: Floats = self._worth.take(places).sum(1)
        return said


def _leaning(choices: Choices, pool: Ints) -> tuple[Floats, Floats]:
    """Say what members of the pool cost that lean on other sentences.

    Returns:
        What each costs where these are left out; and, in the row of another member, what of that it spares them.
    """
    numbers = pool.tolist()
    costs, eased = [0.0] * len(numbers), np.zeros((len(numbers), len(numbers)), np.float32)
    member_at = {choices.places[number]: member for member, number in enumerate(numbers)}
    member_of = {number: member for member, number in enumerate(numbers)}
    for number in choices.pointing:
        if number in member_of:
            member, place = member_of[number], choices.places[number]
            costs[member] = cost = choices.dangling if place else _VAGUE_OPENING
            if (before := member_at.get(place - 1)) is not None:
                eased[before, member] = cost
    if choices.quotations or choices.broken:
        # Each part of a quotation leans on those next to it.
        steps = [(number, number + 1) for numbers in choices.quotations for number in numbers[:-1]]
        partners = [*steps, *((after, before) for before, after in steps), *((number, -1) for number in choices.broken)]
        for number, partner in partners:
            if number in member_of:
                costs[member_of[number]] += choices.parted
                if partner in member_of:
                    eased[member_of[partner], member_of[number]] += choices.parted
    for number in choices.weak:
        if number in member_of:
            costs[member_of[number]] += _WEAK
    opening = member_at.get(0)
    if len(choices.places) <= FEW_SENTENCES and opening is not None and not costs[opening]:
        for member in range(len(numbers)):
            if member != opening:
                costs[member] += UNOPENED
                eased[opening, member] += UNOPENED
    return np.array(costs, np.float32), eased
