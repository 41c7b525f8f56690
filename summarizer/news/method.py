"""The ``news`` method: the sentences that are expected to share most with a person's summary.

Long budgets, and those that a few sentences cannot use up, are filled one sentence after the other instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from summarizer.news.ranking import rank
from summarizer.selection import Candidate, Sizes, select
from summarizer.text.terms import char_counter, count_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from summarizer.cleaning.report import Piece
    from summarizer.news.cleaned import Cleaned
    from summarizer.selection import Budget

# What a sentence loses that says nothing new, as a share of the distance from the worst to the best. Found together
# with the weights of the ranking; flat between 0.5 and 0.8.
_REPETITION = 0.65

# Budgets up to these are searched: at most some eight sentences.
_MOST_SENTENCES = 8
_MOST_CHARS = 1000
_MOST_WORDS = 170

# With fewer sentences that hold whole quotations than this, or a third of all, quotations are broken.
_FEWEST_WHOLE = 3


def choose_news(articles: Sequence[Cleaned], lang: str, budget: Budget, *, brief: bool) -> list[list[Piece]]:
    """Choose sentences of each article; return them in its order.

    Args:
        articles: in one language.
        lang: ISO 639-1.
        budget: what to keep within.
        brief: stop early rather than fill the budget.
    """
    sizes = [_sizes(article, lang, budget) for article in articles]
    searched: list[list[int]] = [[] for _ in articles]
    if _is_short(budget):
        # numpy takes a tenth of a second to import, for which other methods need not wait.
        from summarizer.news.search import search_articles  # noqa: PLC0415 - see above

        searched = search_articles(articles, lang, sizes, budget, brief=brief)
    return [
        [article.pieces[number] for number in _filled(article, lang, own, found, budget, brief=brief)]
        for article, own, found in zip(articles, sizes, searched, strict=True)
    ]


def _sizes(article: Cleaned, lang: str, budget: Budget) -> Sizes:
    text, pieces = article.text, article.pieces
    count_chars = char_counter(text)
    counting = budget.words is not None
    return Sizes(
        [count_chars(piece.start, piece.end) for piece in pieces],
        [count_words(text[piece.start : piece.end], lang) for piece in pieces] if counting else [0] * len(pieces),
    )


def _filled(
    article: Cleaned, lang: str, sizes: Sizes, searched: list[int], budget: Budget, *, brief: bool
) -> list[int]:
    """Give what the search found, or one sentence after the other where that leaves much of the budget."""
    if searched and (brief or _uses_up(searched, sizes, budget)):
        return searched
    pieces = article.pieces
    candidates = news_candidates(article, lang, count=budget.words is not None)
    if _are_enough(pieces):
        candidates = [one for one, piece in zip(candidates, pieces, strict=True) if piece.is_whole]
    number_of = {piece.place: number for number, piece in enumerate(pieces)}
    taken = [number_of[one.place] for one in select(candidates, budget, repetition=_REPETITION, brief=brief)]
    return taken if not searched or _uses_up(taken, sizes, budget) else searched


def news_candidates(article: Cleaned, lang: str, *, count: bool) -> list[Candidate]:
    """Rank an article's sentences one by one.

    Args:
        article: the article.
        lang: ISO 639-1.
        count: whether to count words, which only a budget in words needs.
    """
    text = article.text
    count_chars = char_counter(text)
    return [
        Candidate(
            one.piece.place,
            one.score,
            one.terms,
            count_chars(one.piece.start, one.piece.end),
            count_words(text[one.piece.start : one.piece.end], lang) if count else 0,
            one.points_back,
        )
        for one in rank(text, article.title, article.pieces, lang)
    ]


def _are_enough(pieces: Sequence[Piece]) -> bool:
    """Whether enough sentences may stand alone; else most is quoted, or the marks lead astray."""
    whole = sum(piece.is_whole for piece in pieces)
    return whole >= _FEWEST_WHOLE and whole * 3 >= len(pieces)


def _is_short(budget: Budget) -> bool:
    return (
        (budget.sentences is not None and budget.sentences <= _MOST_SENTENCES)
        or (budget.chars is not None and budget.chars <= _MOST_CHARS)
        or (budget.words is not None and budget.words <= _MOST_WORDS)
    )


def _uses_up(numbers: Sequence[int], sizes: Sizes, budget: Budget) -> bool:
    return budget.is_used_up(
        sentences=len(numbers),
        chars=sum(sizes.chars[number] for number in numbers) + max(len(numbers) - 1, 0),
        words=sum(sizes.words[number] for number in numbers),
    )
