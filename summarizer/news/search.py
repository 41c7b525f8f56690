"""The set of sentences that is expected to score best against a person's summary, out of all that a budget allows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from summarizer.news.expectation import expect
from summarizer.news.reading import has_words, read_articles
from summarizer.news.scoring import (
    BROKEN,
    BROKEN_BY_LANGUAGE,
    DANGLING,
    ENGLISH_DANGLING,
    POOL,
    Choices,
    Scorer,
    Worth,
)
from summarizer.news.sets import Limit, Pools, likely_sets
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

# The pool: the article's first sentences, and those that promise most for their length.
_LEAD = 3
# Keeps the shortest sentences from looking best.
_EXTRA_TOKENS = 8.0


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
                parted=BROKEN_BY_LANGUAGE.get(lang, BROKEN),
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
    limits = _limits(choices, budget)
    fits = np.ones(len(reading.lengths), np.bool_)
    for limit in limits:
        fits &= limit.sizes <= limit.most
    promise = worth.alone / (reading.lengths + _EXTRA_TOKENS)
    begins = reading.sentence_at.tolist()
    pools = [begin + _pool(promise[begin:end], fits[begin:end]) for begin, end in pairwise(begins)]
    scorer = Scorer(reading, worth, pools, choices)
    sets, are_any = likely_sets(
        Pools(
            sizes=list(map(len, pools)),
            tokens=scorer.tokens,
            alone=scorer.alone,
            overlap=scorer.overlap,
            limits=[limit._replace(sizes=_by_member(scorer, limit.sizes)) for limit in limits],
        ),
        brief=brief,
    )
    scores = scorer.score(sets)
    scores[~are_any] = -np.inf
    return [
        (pool.compress(own[best, 1 : len(pool) + 1]) - begin).tolist()
        for pool, own, best, begin in zip(pools, sets, scores.argmax(axis=1).tolist(), begins, strict=False)
    ]


def _limits(choices: Sequence[Choices], budget: Budget) -> list[Limit]:
    limits = []
    if budget.chars is not None:
        # Sentences are joined by one space: one for each but the first.
        sizes = np.array([chars for one in choices for chars in one.chars], np.float32) + 1.0
        limits.append(Limit(sizes, budget.chars + 1.0, budget.chars * USED_UP + 1.0))
    if budget.words is not None:
        sizes = np.array([words for one in choices for words in one.words], np.float32)
        limits.append(Limit(sizes, budget.words, budget.words * USED_UP))
    if budget.sentences is not None:
        sizes = np.ones(sum(len(one.chars) for one in choices), np.float32)
        limits.append(Limit(sizes, budget.sentences, budget.sentences))
    return limits


def _by_member(scorer: Scorer, sizes: Floats) -> Floats:
    by_member = scorer.of_members(sizes, nothing=np.inf)
    by_member[:, 0] = 0.0
    return by_member


def _pool(promise: Floats, fits: NDArray[np.bool_]) -> Ints:
    fitting = fits.nonzero()[0]
    if len(fitting) <= POOL:
        return fitting
    promise = promise.take(fitting)
    promise[:_LEAD] = np.inf
    pool = fitting.take((-promise).argsort(kind="stable")[:POOL])
    pool.sort()
    return pool
