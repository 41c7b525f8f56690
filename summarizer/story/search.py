"""The sentences of several articles that together are expected to say most of what a person's account would.

Expected ROUGE-1 recall (Lin, 2004) within the budget: a term is worth the probability that the account says it once
more, so saying it again pays ever less. Sentences are added one after the other, best for their length first, then
exchanged while that helps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from summarizer.news.reading import weighted_counts
from summarizer.story.expectation import expected_times, worth_of_times
from summarizer.story.facts import read_facts
from summarizer.story.reading import published_s
from summarizer.text.terms import char_counter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from summarizer.selection import Budget
    from summarizer.story.expectation import StoryModel
    from summarizer.story.facts import Facts
    from summarizer.story.reading import StoryReading

    Floats = NDArray[np.floating]
    Ints = NDArray[np.intp]
    Flags = NDArray[np.bool_]

# What a sentence costs that leans on one left out, in expected hits, of which a good sentence makes some eight.
_DANGLING = 1.5

# … and a caption, a question, a line of dialogue or what else tells little.
_WEAK = 1.0

# … and one with a part of a quotation for each neighbour in it that is left out, or whose other part is missing.
_BROKEN = 0.5

FRESHNESS = 2.0
"""What a sentence of the newest report gains, in expected hits."""

# … and one that gives another number, or the contrary, of what was said before.
_CORRECTED = 6.0

# What a sentence costs that has hardly a term which carries meaning.
_THIN = 1.5
_THIN_TERMS = 5

# What a token must bring where the number of sentences is what counts, and where the summary may stop early; and what
# an article's first sentence gains there, the others less the further down they stand.
_PRICE = 0.15
_BRIEF_PRICE = 0.2
_NEAR_TOP = 1.0

# Two ways of weighing a sentence's worth against its length; the better summary is kept.
_LENGTH_POWERS = (0.6, 1.0)
_EXTRA_TOKENS = 2.0
_EXTRA_TOKENS_ALONE = 8.0

# Sentences that share this much of the shorter one's terms say the same, if they have so many terms.
_SAME = 0.6
_FEWEST_TERMS = 3

# With three outlets or more, none speaks more than twice, unless the budget cannot be used otherwise.
_MANY_OUTLETS = 3
_MOST_FROM_ONE = 2

# A person's account is taken to be as long as the budget, between these bounds, in tokens.
_SHORTEST_ACCOUNT, _LONGEST_ACCOUNT = 36.0, 260.0
_TOKENS_A_SENTENCE, _CHARS_A_TOKEN = 25.0, 5.6

# So many exchanges are tried at most, each with all sentences that might come in.
_MOST_TRIALS = 400

# Of a story of many articles only so many sentences are compared with each other.
_MOST_LINES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    chars: Ints
    words: Ints
    tokens: Ints
    outlets: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What the search is about.

    Args:
        worth: T × times, what it is worth to say a term once more.
        extra: S, what a sentence gains or costs as such.
        usable: S, which sentences may be chosen.
        said: T, how often each term was said before.
        stops_early: whether to stop where more adds nothing.
    """

    worth: Floats
    extra: Floats
    usable: Flags
    said: Ints
    stops_early: bool


def account_tokens(budget: Budget) -> float:
    """Say how long a person's account within a budget is taken to be."""
    limits = [
        *([budget.words * 1.05] if budget.words is not None else []),
        *([budget.chars / _CHARS_A_TOKEN] if budget.chars is not None else []),
        *([budget.sentences * _TOKENS_A_SENTENCE] if budget.sentences is not None else []),
    ]
    return min(max(min(limits), _SHORTEST_ACCOUNT), _LONGEST_ACCOUNT)


def worth_by_length(reading: StoryReading, budget: Budget) -> Floats:
    """Say what each sentence is worth alone, for its length: S."""
    worth = _worth(reading, budget, None)
    once = weighted_counts(reading.line_at, worth[reading.term_at, 0], len(reading.lines))
    found: Floats = once / (reading.lengths + _EXTRA_TOKENS_ALONE)
    return found


def _worth(reading: StoryReading, budget: Budget, model: StoryModel | None) -> Floats:
    mean = expected_times(reading, account_tokens(budget), model=model)
    return worth_of_times(mean, reading.stop, model=model)


def best_lines(
    reading: StoryReading,
    budget: Budget,
    *,
    brief: bool,
    allowed: Flags | None = None,
    corrected: Flags | None = None,
    said: Ints | None = None,
    model: StoryModel | None = None,
) -> list[int]:
    """Choose sentences of a story; return their numbers, ascending.

    Sentences in the language that most articles are in go before all others.

    Args:
        reading: the story.
        budget: what to keep within.
        brief: stop where more adds little rather than use the budget up.
        allowed: S, which sentences may be chosen; ``None``: all.
        corrected: S, which sentences say otherwise what was said before; ``None``: none.
        said: T, how often each term was said before; ``None``: never.
        model: what is expected; ``None``: what comes with the package.
    """
    extra = FRESHNESS * reading.freshness - _THIN * _is_thin(reading)
    if corrected is not None:
        extra += _CORRECTED * corrected
    if brief or (budget.chars is None and budget.words is None):
        price = _BRIEF_PRICE if brief and said is None else _PRICE
        extra += _NEAR_TOP / np.sqrt([1.0 + line.number for line in reading.lines]) - price * reading.lengths
    usable = reading.lengths > 0
    if allowed is not None:
        usable &= allowed
    task = _Task(
        worth=_worth(reading, budget, model),
        extra=extra,
        usable=usable,
        said=np.zeros(len(reading.terms), np.intp) if said is None else said,
        stops_early=brief,
    )
    in_main = usable & [reading.langs[line.article] == reading.lang for line in reading.lines]
    # Only a budget of length must be used up.
    may_stop = brief or (budget.chars is None and budget.words is None)
    if in_main.any() and (in_main != usable).any():
        search = _Search(reading, budget, replace(task, usable=in_main))
        found = _told(search, reading, may_stop=may_stop)
        if may_stop or search.is_used_up(found):
            return found
    return _told(_Search(reading, budget, task), reading, may_stop=may_stop)


def _told(search: _Search, reading: StoryReading, *, may_stop: bool) -> list[int]:
    """Choose, with no more from one outlet than it may say, unless the budget must be used up."""
    if len(set(reading.outlets)) < _MANY_OUTLETS:
        return search.run(len(reading.lines))
    most = _MOST_FROM_ONE
    while True:
        found = search.run(most)
        if may_stop or search.is_used_up(found) or not search.is_held_back(found, most):
            return found
        most += 1


class _Search:
    """What is worth saying, what it takes, and what was chosen so far."""

    def __init__(self, reading: StoryReading, budget: Budget, task: _Task) -> None:
        lines, worth = reading.lines, task.worth
        counters = [char_counter(article.text) for article in reading.articles]
        self._budget = budget
        self._stops_early = task.stops_early
        names = {outlet: number for number, outlet in enumerate(dict.fromkeys(reading.outlets))}
        self._sizes = _Sizes(
            chars=np.array([counters[line.article](line.piece.start, line.piece.end) for line in lines], dtype=np.intp),
            words=np.array([line.words for line in lines]),
            tokens=reading.lengths,
            outlets=np.array([names[reading.outlets[line.article]] for line in lines]),
        )
        # By how often a term was said: what all its mentions so far are worth.
        self._total = np.concatenate([np.zeros((len(worth), 1)), worth.cumsum(1)], axis=1)
        self._line_at, self._term_at, self._count_at = reading.line_at, reading.term_at, reading.count_at
        self._spans = np.searchsorted(self._line_at, np.arange(len(lines) + 1))
        self._extra, self._said = task.extra, task.said
        self._points_back = np.array([line.points_back for line in lines])
        self._follows = np.array([line.number > 0 for line in lines])
        self._broken = np.array([line.piece.is_broken for line in lines])
        self._weak = np.array([line.piece.is_weak for line in lines])
        self._quoted_on = _quoted_on(reading)
        self._usable = task.usable & self._fits([])
        promise = self._gains([]) / (reading.lengths + _EXTRA_TOKENS)
        if int(self._usable.sum()) > _MOST_LINES:
            best = np.where(self._usable, promise, -np.inf).argsort(kind="stable")[::-1][:_MOST_LINES]
            self._usable = np.isin(np.arange(len(lines)), best) & self._usable
        members = np.flatnonzero(self._usable)
        self._members = members
        self._member_of = np.full(len(lines), -1)
        self._member_of[members] = np.arange(len(members))
        self._same = _same(reading, members)
        self._usable[_superseded(reading, members, self._same)] = False

    def run(self, most_from_one: int) -> list[int]:
        """Choose sentences with at most so many from one outlet."""
        found = [self._climb(power, most_from_one) for power in _LENGTH_POWERS]
        best = max(found, key=self._value)
        return sorted(best)

    def is_used_up(self, chosen: list[int]) -> bool:
        return self._budget.is_used_up(
            sentences=len(chosen),
            chars=int(self._sizes.chars[chosen].sum()) + max(len(chosen) - 1, 0),
            words=int(self._sizes.words[chosen].sum()),
        )

    def is_held_back(self, chosen: list[int], most_from_one: int) -> bool:
        """Whether more would be chosen if outlets might speak more often."""
        return bool((self._open(chosen, len(self._usable)) & ~self._open(chosen, most_from_one)).any())

    def _value(self, chosen: list[int]) -> float:
        said = self._said_by(chosen)
        value: float = self._total[np.arange(len(said)), np.minimum(said, self._total.shape[1] - 1)].sum()
        return value + float((self._extra[chosen] - self._leaning(chosen)[chosen]).sum())

    def _said_by(self, chosen: list[int]) -> Ints:
        said = self._said.copy()
        for one in chosen:
            span = slice(self._spans[one], self._spans[one + 1])
            said[self._term_at[span]] += self._count_at[span]
        return said

    def _leaning(self, chosen: list[int]) -> Floats:
        """Give what each sentence costs by leaning on one that is not among the chosen."""
        has = np.zeros(len(self._usable) + 2, np.bool_)
        has[[one + 1 for one in chosen]] = True
        before, after = has[:-2], has[2:]
        without_before, without_after = self._quoted_on[:-1] & ~before, self._quoted_on[1:] & ~after
        parted = self._broken.astype(np.intp) + without_before + without_after
        return _DANGLING * (self._points_back & ~(self._follows & before)) + _BROKEN * parted + _WEAK * self._weak

    def _gains(self, chosen: list[int]) -> Floats:
        """Give what each sentence adds to the chosen ones."""
        said, last = self._said_by(chosen), self._total.shape[1] - 1
        before = said[self._term_at]
        gain = (
            self._total[self._term_at, np.minimum(before + self._count_at, last)]
            - self._total[self._term_at, np.minimum(before, last)]
        )
        added = weighted_counts(self._line_at, gain, len(self._usable))
        return added + self._extra - self._leaning(chosen)

    def _fits(self, chosen: list[int]) -> Flags:
        budget, sizes = self._budget, self._sizes
        fits = np.ones(len(sizes.chars), np.bool_)
        if budget.sentences is not None and len(chosen) >= budget.sentences:
            fits[:] = False
        if budget.chars is not None:
            fits &= sizes.chars + int(sizes.chars[chosen].sum()) + len(chosen) <= budget.chars
        if budget.words is not None:
            fits &= sizes.words + int(sizes.words[chosen].sum()) <= budget.words
        return fits

    def _open(self, chosen: list[int], most_from_one: int) -> Flags:
        """Say which sentences may join the chosen ones."""
        found = self._usable & self._fits(chosen)
        if chosen:
            found[self._members] &= ~self._same[self._member_of[chosen]].any(0)
            found[chosen] = False
            spoken = np.bincount(self._sizes.outlets[chosen], minlength=int(self._sizes.outlets.max()) + 1)
            found &= spoken[self._sizes.outlets] < most_from_one
        return found

    def _climb(self, power: float, most_from_one: int) -> list[int]:
        chosen: list[int] = []
        weight = (self._sizes.tokens + _EXTRA_TOKENS) ** power
        self._add(chosen, weight, most_from_one)
        # Each exchange raises the value, so this ends; the bound is for the time, which a long summary needs more of.
        for _ in range(_MOST_TRIALS // max(len(chosen), 1)):
            if not self._exchange(chosen, most_from_one):
                break
            self._add(chosen, weight, most_from_one)
        return chosen

    def _add(self, chosen: list[int], weight: Floats, most_from_one: int) -> None:
        while (found := self._open(chosen, most_from_one)).any():
            value = np.where(found, self._gains(chosen) / weight, -np.inf)
            best = int(value.argmax())
            if value[best] <= 0 and self._stops_early and chosen:
                return
            chosen.append(best)

    def _exchange(self, chosen: list[int], most_from_one: int) -> bool:
        """Make the one exchange that helps most; say whether any does."""
        best_value, best = self._value(chosen) + 1e-6, None
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            found = self._open(others, most_from_one)
            if not found.any():
                continue
            value = np.where(found, self._gains(others), -np.inf)
            new = int(value.argmax())
            if (reached := self._value(others) + float(value[new])) > best_value:
                best_value, best = reached, (place, new)
        if best is None:
            return False
        chosen[best[0]] = best[1]
        return True


def _is_thin(reading: StoryReading) -> Flags:
    content = weighted_counts(
        reading.line_at, reading.count_at * (1.0 - reading.stop[reading.term_at]), len(reading.lines)
    )
    return np.asarray(content < _THIN_TERMS)


def _quoted_on(reading: StoryReading) -> Flags:
    """Say of each sentence, and of what follows the last, whether a quotation goes on into it from the one before."""
    found = np.zeros(len(reading.lines) + 1, np.bool_)
    for number, line in enumerate(reading.lines):
        if (stretch := line.piece.stretch) and not line.piece.is_broken:
            found[number] = line.piece.place > stretch[0]
    return found


def _same(reading: StoryReading, members: Ints) -> Flags:
    """Say which two of these sentences say the same: M × M."""
    member_of = np.full(len(reading.lines), -1)
    member_of[members] = np.arange(len(members))
    content = ~reading.stop[reading.term_at] & (member_of[reading.line_at] >= 0)
    rows, terms = member_of[reading.line_at[content]], reading.term_at[content]
    many = np.bincount(rows, minlength=len(members))
    # Only what several sentences have can make them alike.
    is_shared = np.bincount(terms, minlength=len(reading.terms)) > 1
    column_of = is_shared.cumsum() - 1
    kept = is_shared[terms]
    found = np.zeros((len(members), int(is_shared.sum())), np.float32)
    found[rows[kept], column_of[terms[kept]]] = 1.0
    shared = found @ found.T
    fewer = np.minimum(many[:, None], many[None, :])
    same: Flags = (fewer >= _FEWEST_TERMS) & (shared >= _SAME * fewer)
    same |= (shared == many[:, None]) & (shared == many[None, :])
    np.fill_diagonal(same, val=False)
    return same


def _superseded(reading: StoryReading, members: Ints, same: Flags) -> list[int]:
    """Name the sentences that a newer article says again with other numbers."""
    if not reading.freshness.any():
        return []
    langs = [reading.langs[line.article] for line in reading.lines]
    times = [published_s(reading.articles[line.article]) for line in reading.lines]
    facts = [(int(number), read_facts(reading.text_of(number), langs[number])) for number in members]
    counting = [(place, number, own) for place, (number, own) in enumerate(facts) if own.numbers and times[number]]
    return [
        older
        for place, older, old in counting
        if any(
            times[older] < times[newer]
            and langs[older] == langs[newer]
            and old.numbers != new.numbers
            and (same[place, other] or _counts_the_same(old, new))
            for other, newer, new in counting
        )
    ]


def _counts_the_same(old: Facts, new: Facts) -> bool:
    """Whether one of two sentences has a term or two, and the other has them too: "At least 52 were injured."."""
    fewer = min(len(old.terms), len(new.terms))
    return 0 < fewer < _FEWEST_TERMS and len(old.terms & new.terms) == fewer
