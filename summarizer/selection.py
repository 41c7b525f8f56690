"""Which of the ranked sentences make the summary, within its budgets."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from summarizer.errors import BudgetError
from summarizer.inputs import check_whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_SENTENCES = 3

USED_UP = 0.85
"""A budget in characters or words counts as used up once this much of it is."""

# To fill a budget, the best so many of those left out are tried in place of one chosen.
_EXCHANGE_POOL = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a summary may hold; every limit that is given is kept.

    Args:
        sentences: how many sentences, at most.
        chars: how many characters, at most, as a person counts them, of the sentences joined by one space.
        words: how many words, at most.
    """

    sentences: int | None = None
    chars: int | None = None
    words: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("sentences", self.sentences), ("max_chars", self.chars), ("max_words", self.words)):
            if value is None:
                continue
            check_whole_number(name, value)
            if value < 1:
                raise BudgetError(name, value)

    def is_used_up(self, *, sentences: int, chars: int, words: int) -> bool:
        """Whether any limit that is given leaves no room worth filling."""
        return (
            (self.sentences is not None and sentences >= self.sentences)
            or (self.chars is not None and chars >= self.chars * USED_UP)
            or (self.words is not None and words >= self.words * USED_UP)
        )


class Sizes(NamedTuple):
    """The lengths of an article's sentences in characters and in words, the latter zeros where nobody asks."""

    chars: list[int]
    words: list[int]


class Candidate(NamedTuple):
    """A sentence to choose or not.

    Args:
        place: its number among all sentences of the text.
        score: what it is worth; comparable within one text.
        terms: what it says, to tell repetition.
        chars: its length in characters as a person counts them.
        words: its length in words.
        needs_previous: whether it may stand only right after the sentence before it.
    """

    place: int
    score: float
    terms: frozenset[str]
    chars: int
    words: int
    needs_previous: bool = False


class _Chosen:
    """The sentences chosen so far, and what they use up."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.places: set[int] = set()
        self.members: list[Candidate] = []
        self.chars = 0
        self.words = 0

    def fits(self, candidate: Candidate) -> bool:
        budget = self.budget
        return (
            (budget.sentences is None or len(self.members) < budget.sentences)
            and (budget.chars is None or self.chars + candidate.chars + bool(self.members) <= budget.chars)
            and (budget.words is None or self.words + candidate.words <= budget.words)
        )

    def remove(self, candidate: Candidate) -> None:
        self.members.remove(candidate)
        self.places.remove(candidate.place)
        self.chars -= candidate.chars + bool(self.members)
        self.words -= candidate.words

    def add(self, candidate: Candidate) -> None:
        self.chars += candidate.chars + bool(self.members)
        self.words += candidate.words
        self.members.append(candidate)
        self.places.add(candidate.place)

    def would_fill(self, candidate: Candidate) -> bool:
        """Whether the budget is kept and used up with ``candidate``."""
        if not self.fits(candidate):
            return False
        self.add(candidate)
        filled = self.is_full
        self.remove(candidate)
        return filled

    @property
    def is_full(self) -> bool:
        return self.budget.is_used_up(sentences=len(self.members), chars=self.chars, words=self.words)


def select(candidates: Sequence[Candidate], budget: Budget, *, repetition: float, brief: bool) -> list[Candidate]:
    """Choose sentences, best first, each worth less the more of it has been said; return them in the text's order.

    A sentence that leans on the one before is chosen only after it, unless nothing else is left.

    Args:
        candidates: in the text's order.
        budget: what to keep within.
        repetition: what a sentence loses when all its terms have been said already, as a share of the score range.
        brief: stop at the first choice that does not fit rather than fill the budget.
    """
    chosen = _Chosen(budget)
    _choose(candidates, chosen, repetition=repetition, brief=brief)
    if not brief and not chosen.is_full and len(chosen.members) < len(candidates):
        _exchange(candidates, chosen)
    if not chosen.members or not (brief or chosen.is_full):
        # What dangles is better than an empty half of the budget, and a short sentence than none.
        left = [candidate for candidate in candidates if candidate.place not in chosen.places]
        for candidate in sorted(left, key=_best_first):
            if chosen.is_full or (brief and chosen.members):
                break
            if chosen.fits(candidate):
                chosen.add(candidate)
    return sorted(chosen.members, key=lambda one: one.place)


def _choose(candidates: Sequence[Candidate], chosen: _Chosen, *, repetition: float, brief: bool) -> None:
    """Take the best again and again; a heap with stale values, for values only fall (Minoux, 1978)."""
    if not candidates:
        return
    scores = [candidate.score for candidate in candidates]
    cost = repetition * (max(scores) - min(scores))
    said: set[str] = set()
    waiting: dict[int, tuple[float, int]] = {}
    heap: list[tuple[float, int]] = []
    for number, candidate in enumerate(candidates):
        entry = (-candidate.score, number)
        if candidate.needs_previous:
            waiting[candidate.place - 1] = entry
        else:
            heap.append(entry)
    heapq.heapify(heap)
    while heap and not chosen.is_full:
        _, number = heapq.heappop(heap)
        candidate = candidates[number]
        overlap = len(candidate.terms & said) / max(len(candidate.terms), 1)
        value = candidate.score - cost * overlap
        if heap and -heap[0][0] > value:
            heapq.heappush(heap, (-value, number))
            continue
        if not chosen.fits(candidate):
            if brief and chosen.members:
                return
            continue
        chosen.add(candidate)
        said |= candidate.terms
        if candidate.place in waiting:
            heapq.heappush(heap, waiting.pop(candidate.place))


def _exchange(candidates: Sequence[Candidate], chosen: _Chosen) -> None:
    """Swap one sentence for a longer one where that fills the budget, at the least loss; else change nothing."""
    followed = {one.place - 1 for one in chosen.members if one.needs_previous}
    spare = [one for one in candidates if one.place not in chosen.places and not one.needs_previous]
    spare = sorted(spare, key=_best_first)[:_EXCHANGE_POOL]
    best: tuple[float, Candidate, Candidate] | None = None
    for out in [one for one in chosen.members if one.place not in followed]:
        chosen.remove(out)
        for new in spare:
            loss = out.score - new.score
            if (best is None or loss < best[0]) and chosen.would_fill(new):
                best = loss, out, new
        chosen.add(out)
    if best:
        chosen.remove(best[1])
        chosen.add(best[2])


def _best_first(candidate: Candidate) -> tuple[float, int]:
    return -candidate.score, candidate.place
