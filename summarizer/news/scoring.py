"""What a set of sentences is expected to score against a person's summary.

Expected ROUGE-1 and ROUGE-2 (Lin, 2004): twice the terms and pairs that a reference is expected to share with the set,
over its length and a reference's; less what sentences cost that lean on others left out. Since a term counts once
however many sentences have it, repetition does not pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from summarizer.news.expectation import MOST_TIMES
from summarizer.news.products import product
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
# … and one with a part of a quotation whose rest is left out. In French and English this halves such summaries (7.5 to
# 4.0 %, 2.4 to 0.8 %) for 0.04 of ROUGE-1 and less; in Russian and Vietnamese each hundredth more costs 0.04 to 0.1.
BROKEN = 0.035
BROKEN_BY_LANGUAGE = {"en": 0.05, "fr": 0.05, "ru": 0.02, "vi": 0.02}
# … and each without the opening, in a text of so few that all of them lean on it: "The repair costs four millions" says
# nothing to who has not read of what.
UNOPENED = 0.2
# … and a caption, a question or a heading that ends in dots: half as many captions in the Daily Mail, a tenth of the
# questions elsewhere, and no measurable loss.
_WEAK = 0.04
FEW_SENTENCES = 6
# … and in shared tokens, for estimates: half of what stands under the line of a usual score.
_COST_TOKENS = 50.0

POOL = 24
"""So many sentences of an article are chosen from, at most."""

MEMBERS = 1 + POOL
"""The first member of each pool is nothing, which fills sets of fewer."""

_PLACES = np.arange(1, MEMBERS)


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


class Scorer:
    """Expected scores of sets of sentences, each out of the pool of its article.

    Args:
        reading: the articles.
        worth: of their sentences.
        pools: of each article, the sentences to choose from, at most :data:`POOL`.
        choices: the sentences of each.

    Attributes:
        at: A × :data:`MEMBERS`, which sentence each member is; S for the first, and for those behind the last.
        tokens: A × MEMBERS, the length of each; nothing is as long as a member that is none.
        alone: A × MEMBERS, what each is estimated to share with a reference, less what it costs to dangle.
        overlap: A × MEMBERS × MEMBERS, what each two gain less together than apart.
    """

    def __init__(self, reading: Reading, worth: Worth, pools: Sequence[Ints], choices: Sequence[Choices]) -> None:
        many, sentences = len(pools), len(reading.lengths)
        self.at = np.full((many, MEMBERS), sentences)
        # What stands outside the pools counts as nothing, the first member.
        member = np.zeros(sentences + 1, np.intp)
        for own, pool in zip(self.at, pools, strict=True):
            own[1 : len(pool) + 1] = pool
            member[pool] = _PLACES[: len(pool)]
        shared = _Shared(reading, worth, member)
        self._counts, self._worth, self._bounds = shared.counts, shared.worth, shared.bounds
        self._columns = np.arange(self._counts.shape[1])
        self.tokens = self.of_members(reading.lengths)
        self.alone = self.of_members(worth.alone)
        costs, self._eased = _leaning(choices, reading.sentence_at.tolist(), member.tolist())
        # What is summed over the members of a set: what they gain that no other says, their lengths, what they cost.
        self._summed = np.empty((many, MEMBERS, 3), np.float32)
        self._summed[..., 0] = self.of_members(worth.alone - shared.held)
        self._summed[..., 1] = self.tokens
        self._summed[..., 2] = costs
        self.alone -= _COST_TOKENS * costs
        self.overlap = _COST_TOKENS * (self._eased + self._eased.transpose(0, 2, 1))
        np.negative(self.overlap, out=self.overlap)
        said = np.minimum(self._counts, 1.0)
        # What is said by another member as well is worth less the second time than the first.
        lost = said * (2.0 * self._worth[1] - self._worth[2])
        for article, (begin, end) in enumerate(pairwise(self._bounds)):
            self.overlap[article] += product(lost[:, begin:end], said[:, begin:end].T)

    def of_members(self, values: NDArray[Any], nothing: float = 0.0) -> Floats:
        """Give a value of each sentence by member; ``nothing`` where there is none."""
        longer = np.empty(len(values) + 1, np.float32)
        longer[:-1] = values
        longer[-1] = nothing
        return longer.take(self.at)

    def score(self, sets: Floats) -> Floats:
        """Give the expected ROUGE-1 plus ROUGE-2 of sets, less what dangles.

        Args:
            sets: A × m × MEMBERS, 1 for the members of each.

        Returns:
            A × m.
        """
        # The gain of a set is what its sentences gain alone, less what they say twice.
        sums = np.matmul(sets, self._summed)
        gains, tokens, costs = sums[..., 0], sums[..., 1], sums[..., 2]
        scores: Floats = 2.0 * (gains + self._said(sets)) / (tokens + USUAL_TOKENS)
        scores -= costs
        scores += (np.matmul(sets, self._eased) * sets).sum(-1)
        return scores

    def _said(self, sets: Floats) -> Floats:
        """Sum what the shared items that each set says so often are worth."""
        counts = np.empty((sets.shape[1], self._counts.shape[1]), np.float32)
        for own, (begin, end) in zip(sets, pairwise(self._bounds), strict=True):
            product(own, self._counts[:, begin:end], out=counts[:, begin:end])
        places = np.minimum(counts, MOST_TIMES).astype(np.intp)
        places *= self._worth.shape[1]
        places += self._columns
        worth = self._worth.take(places)
        said = np.zeros(sets.shape[:2], np.float32)
        for own, (begin, end) in zip(said, pairwise(self._bounds), strict=True):
            worth[:, begin:end].sum(1, out=own)
        return said


class _Shared:
    """The items that several sentences of an article say, in columns: those of one article behind another's.

    Args:
        reading: the articles.
        worth: of their sentences.
        member: which member of its article's pool each sentence is; 0 where it is none.

    Attributes:
        bounds: A + 1, where the columns of each article begin, and one beyond the last.
        counts: a row for each member, how often it says each item.
        worth: 1 + :data:`MOST_TIMES` rows, as :attr:`Worth.items`.
        held: S, what these items are worth in each sentence.
    """

    def __init__(self, reading: Reading, worth: Worth, member: Ints) -> None:
        several = reading.item_spread > 1
        columns = several.nonzero()[0]
        if reading.articles == 1:
            self.bounds = [0, len(columns)]
        else:
            # Terms and then pairs of the first article, those of the second, …
            article = reading.token_at.searchsorted(reading.item_first.take(columns), side="right") - 1
            columns = columns.take(article.argsort(kind="stable"))
            self.bounds = [0, *np.bincount(article, minlength=reading.articles).cumsum().tolist()]
        width = len(columns)
        shared = several.take(reading.held_item).nonzero()[0]
        holder = reading.held.take(shared)
        at = member.take(holder)
        at *= width
        column_of = np.empty(len(several), np.intp)
        column_of[columns] = np.arange(width)
        at += column_of.take(reading.held_item.take(shared))
        self.counts = np.zeros((MEMBERS, width), np.float32)
        self.counts.ravel()[at] = worth.times.take(shared)
        self.counts[0] = 0.0
        self.worth = worth.items.take(columns, axis=1)
        self.held = weighted_counts(holder, worth.held.take(shared), len(reading.lengths))


def _leaning(choices: Sequence[Choices], begins: Sequence[int], member: Sequence[int]) -> tuple[Floats, Floats]:
    """Say what members of pools cost that lean on other sentences.

    Args:
        choices: the sentences of each article.
        begins: where those of each begin.
        member: which member each is; 0 where it is none.

    Returns:
        What each costs where these are left out: A × MEMBERS; and, in the row of another member, what of that it spares
        them: A × MEMBERS × MEMBERS.
    """
    costs = np.zeros((len(choices), MEMBERS), np.float32)
    eased = np.zeros((len(choices), MEMBERS, MEMBERS), np.float32)
    for own, cost, ease, begin in zip(choices, costs, eased, begins, strict=False):
        _lean(own, member[begin : begin + len(own.places)], cost, ease)
    return costs, eased


def _lean(choices: Choices, member: Sequence[int], cost: Floats, ease: Floats) -> None:
    """Say what members cost that lean on other sentences of one article."""
    places = choices.places
    for number in choices.pointing:
        if at := member[number]:
            cost[at] = dangles = choices.dangling if places[number] else _VAGUE_OPENING
            if number and places[number - 1] == places[number] - 1 and (before := member[number - 1]):
                ease[before, at] = dangles
    # Each part of a quotation leans on those next to it.
    steps = [(number, number + 1) for numbers in choices.quotations for number in numbers[:-1]]
    for number, partner in (*steps, *((after, before) for before, after in steps)):
        if at := member[number]:
            cost[at] += choices.parted
            if beside := member[partner]:
                ease[beside, at] += choices.parted
    for numbers, price in ((choices.broken, choices.parted), (choices.weak, _WEAK)):
        for at in filter(None, map(member.__getitem__, numbers)):
            cost[at] += price
    if len(places) <= FEW_SENTENCES and places[0] == 0 and (opening := member[0]) and not cost[opening]:
        for at in filter(None, member[1:]):
            cost[at] += UNOPENED
            ease[opening, at] += UNOPENED
