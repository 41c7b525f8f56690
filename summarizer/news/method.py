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
    from summarizer.document import Document
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


def choose_news(document: Document, pieces: Sequence[Piece], lang: str, budget: Budget, *, brief: bool) -> list[Piece]:
    """Choose sentences; return them in the article's order.

    Args:
        document: the article.
        pieces: its sentences.
        lang: ISO 639-1.
        budget: what to keep within.
        brief: stop early rather than fill the budget.
    """
    text, counting = document.text, budget.words is not None
    count_chars = char_counter(text)
    sizes = Sizes(
        [count_chars(piece.start, piece.end) for piece in pieces],
        [count_words(text[piece.start : piece.end], lang) for piece in pieces] if counting else [0] * len(pieces),
    )
    searched = _search(document, pieces, lang, sizes, budget, brief=brief) if _is_short(budget) else []
    if not searched or not (brief or _uses_up(searched, sizes, budget)):
        candidates = news_candidates(document, pieces, lang, count=counting)
        if _are_enough(pieces):
            candidates = [one for one, piece in zip(candidates, pieces, strict=True) if piece.is_whole]
        number_of = {piece.place: number for number, piece in enumerate(pieces)}
        taken = [number_of[one.place] for one in select(candidates, budget, repetition=_REPETITION, brief=brief)]
        if not searched or _uses_up(taken, sizes, budget):
            searched = taken
    return [pieces[number] for number in searched]


def news_candidates(document: Document, pieces: Sequence[Piece], lang: str, *, count: bool) -> list[Candidate]:
    """Rank an article's sentences one by one.

    Args:
        document: the article.
        pieces: its sentences.
        lang: ISO 639-1.
        count: whether to count words, which only a budget in words needs.
    """
    text = document.text
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
        for one in rank(text, document.title, pieces, lang)
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


def _search(
    document: Document,
    pieces: Sequence[Piece],
    lang: str,
    sizes: Sizes,
    budget: Budget,
    *,
    brief: bool,
) -> list[int]:
    if not pieces:
        return []
    # numpy takes a tenth of a second to import, for which other methods need not wait.
    from summarizer.news.search import search_article  # noqa: PLC0415 - see above

    return search_article(document, pieces, lang, sizes, budget, brief=brief)


def _uses_up(numbers: Sequence[int], sizes: Sizes, budget: Budget) -> bool:
    return budget.is_used_up(
        sentences=len(numbers),
        chars=sum(sizes.chars[number] for number in numbers) + max(len(numbers) - 1, 0),
        words=sum(sizes.words[number] for number in numbers),
    )
