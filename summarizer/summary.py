"""The front door: a document in, its summary out; or many."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from summarizer.cleaning.report import clean
from summarizer.document import Document, Method, Sentence, Summary
from summarizer.errors import UnknownMethodError
from summarizer.inputs import check_kind
from summarizer.news.cleaned import Cleaned
from summarizer.news.method import choose_news
from summarizer.opening import opening_within
from summarizer.selection import DEFAULT_SENTENCES, Budget, Candidate, select
from summarizer.text.language import detect_language, normalise_language
from summarizer.text.sentences import split_sentences
from summarizer.text.terms import char_counter, count_words
from summarizer.text.wrapping import unwrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from summarizer.cleaning.report import Piece

# What is read together: few enough for what is computed of them to stay near the processor.
_BATCH_DOCUMENTS = 24
_BATCH_CHARS = 1 << 17


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
        InputError: it is no document, or a budget no whole number.
    """
    check_kind("document", document, Document, "a Document")
    order = _order(sentences, max_chars, max_words, method, brief=brief, cut=cut)
    return _summarize_together([document], order)[0]


def summarize_many(
    documents: Iterable[Document],
    *,
    sentences: int | None = None,
    max_chars: int | None = None,
    max_words: int | None = None,
    method: Method | str = Method.NEWS,
    brief: bool = False,
    cut: bool = True,
) -> Iterator[Summary]:
    """Summarise document after document, in their order: faster than one by one, and with the same summaries.

    What takes as long for one article as for several is done for several at once. Documents may be in any mixture of
    languages; those in one are read together. Lazy: it takes some more documents, 24 at most or some 128,000
    characters, whenever the summaries of those before have been taken, and keeps no others.

        for document, summary in zip(documents, summarize_many(documents, max_chars=400)):
            ...

    Args:
        documents: what to summarise, each by itself.
        sentences: as of :func:`summarize`, and so are the other budgets; each summary keeps them.
        max_chars: see there.
        max_words: see there.
        method: how to choose.
        brief: stop early rather than fill the budget with what adds little.
        cut: where no sentence fits, give the opening of the first rather than nothing.

    Raises:
        UnknownMethodError: there is no such method. At the call, as the next.
        BudgetError: a budget is below 1.
        InputError: a budget is no whole number; or, once that one is taken, something is no document.
    """
    order = _order(sentences, max_chars, max_words, method, brief=brief, cut=cut)
    return chain.from_iterable(_summarize_together(some, order) for some in _in_batches(documents))


class _Order(NamedTuple):
    """What summaries were asked for."""

    budget: Budget
    method: Method
    brief: bool
    cut: bool


def _order(
    sentences: int | None,
    max_chars: int | None,
    max_words: int | None,
    method: Method | str,
    *,
    brief: bool,
    cut: bool,
) -> _Order:
    if sentences is None and max_chars is None and max_words is None:
        sentences = DEFAULT_SENTENCES
    return _Order(Budget(sentences=sentences, chars=max_chars, words=max_words), _method(method), brief, cut)


def _in_batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    chars = 0
    for document in documents:
        check_kind("each of documents", document, Document, "a Document")
        if batch and (len(batch) == _BATCH_DOCUMENTS or chars + len(document.text) > _BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(document)
        chars += len(document.text)
    if batch:
        yield batch


def _summarize_together(documents: Sequence[Document], order: _Order) -> list[Summary]:
    articles: list[Cleaned] = []
    langs: list[str] = []
    for document in documents:
        text = unwrap(document.text)
        lang = language_of(document if text is document.text else replace(document, text=text))
        langs.append(lang)
        articles.append(Cleaned(text, document.title, clean(text, split_sentences(text, lang), lang)))
    return [
        _summary(document, article, lang, picked, order)
        for document, article, lang, picked in zip(
            documents, articles, langs, _pick(articles, langs, order), strict=True
        )
    ]


def _pick(articles: Sequence[Cleaned], langs: Sequence[str], order: _Order) -> list[list[Piece]]:
    """Choose sentences of each article."""
    if order.method is not Method.NEWS:
        return [_picked_by(article, lang, order) for article, lang in zip(articles, langs, strict=True)]
    picked: list[list[Piece]] = [[] for _ in articles]
    alike: dict[tuple[str, bool], list[int]] = {}
    for number, (article, lang) in enumerate(zip(articles, langs, strict=True)):
        # Characters beyond the basic plane are read in a slower way.
        alike.setdefault((lang, len(articles) > 1 and _is_beyond(article)), []).append(number)
    for (lang, _), numbers in alike.items():
        found = choose_news([articles[number] for number in numbers], lang, order.budget, brief=order.brief)
        for number, pieces in zip(numbers, found, strict=True):
            picked[number] = pieces
    return picked


def _is_beyond(article: Cleaned) -> bool:
    return any(
        not one.isascii() and len(one.encode("utf-16-le", "surrogatepass")) != 2 * len(one) for one in article[:2]
    )


def _picked_by(article: Cleaned, lang: str, order: _Order) -> list[Piece]:
    candidates = _candidates(article, lang, order.method, count=order.budget.words is not None)
    piece_at = {piece.place: piece for piece in article.pieces}
    return [piece_at[one.place] for one in select(candidates, order.budget, repetition=0.0, brief=order.brief)]


def _summary(document: Document, article: Cleaned, lang: str, picked: list[Piece], order: _Order) -> Summary:
    if order.cut and article.pieces and not picked:
        first = article.pieces[0]
        picked = [first._replace(end=opening_within(article.text, first.start, first.end, order.budget, lang))]
    given = document.text
    found = tuple(Sentence(text=given[one.start : one.end], start=one.start, end=one.end) for one in picked)
    return Summary(sentences=found, lang=lang, method=order.method)


def language_of(document: Document) -> str:
    """Give a document's language: what it says, if that is a language, else what its title and text look like."""
    if document.lang and (stated := normalise_language(document.lang)):
        return stated
    return detect_language(f"{document.title}\n{document.text[:2000]}")


def _candidates(article: Cleaned, lang: str, method: Method, *, count: bool) -> list[Candidate]:
    """Turn a method's order of preference into candidates, whose score is their place in it."""
    text, pieces = article.text, article.pieces
    preferred: Sequence[int] = range(len(pieces))
    if method is not Method.LEAD:
        # sumy and what it needs take a third of a second to import.
        from summarizer.classic.methods import classic_order  # noqa: PLC0415 - see above

        preferred = classic_order(method, text, article.title, pieces, lang)
    count_chars = char_counter(text)
    by_preference = [
        Candidate(
            (piece := pieces[number]).place,
            float(-preference),
            frozenset(),
            count_chars(piece.start, piece.end),
            count_words(text[piece.start : piece.end], lang) if count else 0,
        )
        for preference, number in enumerate(preferred)
    ]
    return sorted(by_preference, key=lambda one: one.place)


def _method(method: Method | str) -> Method:
    try:
        return Method(method)
    except ValueError:
        raise UnknownMethodError(str(method), tuple(Method)) from None
