"""sumy's algorithms by name, through a tokenizer of our own, so that no NLTK data is ever looked for.

Those that sumy computes pair by pair or round by round are computed by matrices here, with the same outcome; Luhn and
Edmundson are sumy's own classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.summarizers.edmundson import EdmundsonSummarizer
from sumy.summarizers.luhn import LuhnSummarizer

from summarizer.classic.graphs import lexrank, reduction, textrank
from summarizer.classic.greedy import least_divergence, sum_basic
from summarizer.classic.lsa import lsa
from summarizer.classic.words import as_one, best_first, count_terms, read_words, stems_by_word, sum_equal
from summarizer.classic.words import stemmer as stemmer_of
from summarizer.document import Method
from summarizer.text.stopwords import stop_words
from summarizer.text.terms import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from summarizer.cleaning.report import Piece

LONGEST: Final = 5_000
"""Sentences beyond these are left in the article's order, after the ranked ones, by the methods that need all pairs.

LexRank's threshold has to see every pair of sentences, and KL weighs every sentence in each round.
"""

MOST_CHARS: Final = 1_000_000
"""Of a text only so many characters are read; sentences beyond keep the article's order, after the ranked ones.

These methods take some microseconds for each word, and more for one that they have not met.
"""

_ALL_PAIRS = frozenset({Method.LEXRANK, Method.KL})

_NO_WORDS = frozenset({"?"})


class _Tokenizer:
    """The part of sumy's tokenizer that its sentences use."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(words(sentence, self._lang))


class _Luhn(LuhnSummarizer):  # type: ignore[misc] # sumy has no types
    """sumy's, with the significant words in a set: it asks for each word whether it is among them."""

    def _get_significant_words(self, found: Sequence[str]) -> frozenset[str]:
        return frozenset(super()._get_significant_words(found))


def classic_order(method: Method, text: str, title: str, pieces: Sequence[Piece], lang: str) -> list[int]:
    """Give the numbers of the sentences, best first by one of sumy's algorithms.

    Args:
        method: one of sumy's.
        text: the article.
        title: its headline, which LSA and Edmundson's method read.
        pieces: its sentences; some methods do not rank those beyond :data:`LONGEST`, and none those beyond
            :data:`MOST_CHARS`.
        lang: ISO 639-1.
    """
    text, title = text[:MOST_CHARS], title[:MOST_CHARS]
    ranked = pieces[: LONGEST if method in _ALL_PAIRS else None]
    bounds = [(piece.start, min(piece.end, MOST_CHARS)) for piece in ranked if piece.start < MOST_CHARS]
    sentences = [text[start:end] for start, end in bounds]
    found = read_words(text, bounds, lang)
    if not any(found):
        return list(range(len(pieces)))
    if method in {Method.LUHN, Method.EDMUNDSON}:
        order = _by_sumy(method, sentences, title, lang)
    elif method in {Method.SUMBASIC, Method.KL}:
        order = _in_rounds(method, sentences, found, lang)
    else:
        # Sentences without a common word make LexRank divide by zero; they keep the order of the article.
        with np.errstate(all="ignore"):
            order = best_first(_rate(method, sentences, found, words(title, lang), lang))
    order.extend(range(len(order), len(pieces)))
    return order


def _rate(
    method: Method, sentences: Sequence[str], found: Sequence[Sequence[str]], title: Sequence[str], lang: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if method is Method.LSA:
        stem = stemmer_of(lang)
        known = {one for one in stems_by_word([title, *found], lang).values() if one is not None}
        return as_one(lsa([[stem(word) for word in sentence] for sentence in found], known), sentences)
    counts = count_terms(found, stems_by_word(found, lang))
    if method is Method.REDUCTION:
        return sum_equal(reduction(counts), sentences)
    return as_one(lexrank(counts) if method is Method.LEXRANK else textrank(counts), sentences)


def _in_rounds(method: Method, sentences: Sequence[str], found: Sequence[Sequence[str]], lang: str) -> list[int]:
    if method is Method.SUMBASIC:
        stem_of = stems_by_word(found, lang)
        order = sum_basic([[stem for word in sentence if (stem := stem_of[word]) is not None] for sentence in found])
    else:
        stop = stop_words(lang)
        contents = [[word for word in sentence if word not in stop] for sentence in found]
        order = least_divergence(contents, [len(sentence) for sentence in found])
    if len(set(sentences)) == len(sentences):
        return order
    # sumy files the round under the sentence: of equal ones, all get the last round, and rounds are counted by those.
    rounds: dict[str, int] = {}
    for number in order:
        rounds[sentences[number]] = len(rounds)
    return sorted(range(len(sentences)), key=lambda number: rounds[sentences[number]])


def _by_sumy(method: Method, texts: Sequence[str], title: str, lang: str) -> list[int]:
    tokenizer = _Tokenizer(lang)
    sentences = [Sentence(text, tokenizer) for text in texts]
    headings = [Sentence(title, tokenizer, is_heading=True)] if title.strip() else []
    algorithm = prepare((_Luhn if method is Method.LUHN else EdmundsonSummarizer)(stemmer_of(lang)), lang)
    if method is Method.EDMUNDSON:
        # Its cue words are for a corpus to supply; these are the article's own opening and headline.
        algorithm.bonus_words = next(one.words for one in (*headings, *sentences) if one.words)
    return ask(algorithm, ObjectDocumentModel([Paragraph([*headings, *sentences])]))


def prepare(algorithm: Any, lang: str) -> Any:  # noqa: ANN401 - sumy has no types
    """Give one of sumy's algorithms the words that it needs to be told."""
    algorithm.stop_words = stop_words(lang)
    if isinstance(algorithm, EdmundsonSummarizer):
        # It refuses empty sets, and some languages have no list of stop words.
        algorithm.null_words = stop_words(lang) or _NO_WORDS
        algorithm.stigma_words = _NO_WORDS
    return algorithm


def ask(algorithm: Callable[..., Any], document: ObjectDocumentModel) -> list[int]:
    """Ask one of sumy's algorithms for the numbers of all sentences, best first."""
    order: list[int] = []

    def record(ranked: Sequence[Any]) -> Sequence[Any]:
        order.extend(info.order for info in ranked)
        return ()

    algorithm(document, record)
    return order
