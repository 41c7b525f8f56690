"""The front door: a document in, its summary out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from summarizer.cleaning.report import Piece, clean
from summarizer.document import Document, Method, Sentence, Summary
from summarizer.errors import UnknownMethodError
from summarizer.news.method import choose_news
from summarizer.opening import opening_within
from summarizer.selection import DEFAULT_SENTENCES, Budget, Candidate, select
from summarizer.text.language import detect_language, normalise_language
from summarizer.text.sentences import split_sentences
from summarizer.text.terms import char_counter, count_words
from summarizer.text.wrapping import unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence


def summarize(
    document: Document,
    *,
    sentences: int | None = None,
    max_chars: int | None = None,
    max_words: int | None = None,
    method: Method | str = Method.NEWS,
    brief: bool = False,
    cut: bool = True,
) -> Summary:
    """Choose the sentences that tell best what a document says.

    They stand word for word in the text, in its order, and never overlap. Every budget that is given is kept; where
    none is, three sentences. Budgets of length are used to 85 % where whole sentences allow. When the best sentences
    are longer than the budget, the best one that fits is taken; where none fits, as much of the first as makes sense.

    Args:
        document: what to summarise.
        sentences: how many sentences, at most.
        max_chars: how many characters, at most, as a person counts them (grapheme clusters), of the sentences joined
            by one space.
        max_words: how many words, at most (in Chinese and Japanese, characters).
        method: how to choose.
        brief: stop early rather than fill the budget with what adds little.
        cut: where no sentence fits, give the opening of the first, up to the end of a clause or word, rather than
            nothing.

    Raises:
        UnknownMethodError: there is no such method.
        BudgetError: a budget is below 1.
    """
    chosen_method, given = _method(method), document.text
    if sentences is None and max_chars is None and max_words is None:
        sentences = DEFAULT_SENTENCES
    budget = Budget(sentences=sentences, chars=max_chars, words=max_words)
    text = unwrap(document.text)
    if text is not document.text:
        document = replace(document, text=text)
    lang = language_of(document)
    pieces = clean(text, split_sentences(text, lang), lang)
    if chosen_method is Method.NEWS:
        picked = choose_news(document, pieces, lang, budget, brief=brief)
    else:
        order = _order(chosen_method, document, pieces, lang)
        candidates = _in_order(text, pieces, order, lang, count=max_words is not None)
        piece_at = {piece.place: piece for piece in pieces}
        picked = [piece_at[one.place] for one in select(candidates, budget, repetition=0.0, brief=brief)]
    if cut and pieces and not picked:
        first = pieces[0]
        picked = [first._replace(end=opening_within(text, first.start, first.end, budget, lang))]
    found = tuple(Sentence(text=given[one.start : one.end], start=one.start, end=one.end) for one in picked)
    return Summary(sentences=found, lang=lang, method=chosen_method)


def language_of(document: Document) -> str:
    """Give a document's language: what it says, else what its title and text look like."""
    if document.lang:
        return normalise_language(document.lang)
    return detect_language(f"{document.title}\n{document.text[:2000]}")


def _order(method: Method, document: Document, pieces: Sequence[Piece], lang: str) -> Sequence[int]:
    if method is Method.LEAD:
        return range(len(pieces))
    # sumy and what it needs take a third of a second to import.
    from summarizer.classic.methods import classic_order  # noqa: PLC0415 - see above

    return classic_order(method, document.text, document.title, pieces, lang)


def _in_order(text: str, pieces: Sequence[Piece], order: Sequence[int], lang: str, *, count: bool) -> list[Candidate]:
    """Turn an order of preference into candidates, whose score is their place in it."""
    count_chars = char_counter(text)
    by_preference = [
        Candidate(
            (piece := pieces[number]).place,
            float(-preference),
            frozenset(),
            count_chars(piece.start, piece.end),
            count_words(text[piece.start : piece.end], lang) if count else 0,
        )
        for preference, number in enumerate(order)
    ]
    return sorted(by_preference, key=lambda one: one.place)


def _method(method: Method | str) -> Method:
    try:
        return Method(method)
    except ValueError:
        raise UnknownMethodError(str(method), tuple(Method)) from None
