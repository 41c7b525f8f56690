"""sumy's algorithms by name, through a tokenizer of our own, so that no NLTK data is ever looked for."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy
from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer, null_stemmer
from sumy.summarizers.edmundson import EdmundsonSummarizer
from sumy.summarizers.kl import KLSummarizer
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.lsa import LsaSummarizer
from sumy.summarizers.luhn import LuhnSummarizer
from sumy.summarizers.reduction import ReductionSummarizer
from sumy.summarizers.sum_basic import SumBasicSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from summarizer.document import Method
from summarizer.stopwords import stop_words
from summarizer.terms import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from summarizer.cleaning import Piece

LONGEST = 400
"""Sentences beyond these are left in the article's order, after the ranked ones.

Most of the algorithms compare every sentence with every other: 5,000 sentences take sumy's LexRank half a minute.
"""

_ALGORITHMS: dict[Method, Callable[..., Any]] = {
    Method.LEXRANK: LexRankSummarizer,
    Method.TEXTRANK: TextRankSummarizer,
    Method.LSA: LsaSummarizer,
    Method.LUHN: LuhnSummarizer,
    Method.KL: KLSummarizer,
    Method.SUMBASIC: SumBasicSummarizer,
    Method.REDUCTION: ReductionSummarizer,
    Method.EDMUNDSON: EdmundsonSummarizer,
}

_NO_WORDS = frozenset({"?"})

# Languages whose stemmers sumy has, by the names that it knows them by.
_STEMMED = {
    "ar": "arabic",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "uk": "ukrainian",
}


class _Tokenizer:
    """The part of sumy's tokenizer that its sentences use."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(words(sentence, self._lang))


@cache
def _stemmer(lang: str) -> Callable[[str], str]:
    stem: Callable[[str], str] = Stemmer(_STEMMED[lang]) if lang in _STEMMED else null_stemmer
    return stem


def classic_order(method: Method, text: str, title: str, pieces: Sequence[Piece], lang: str) -> list[int]:
    """Give the numbers of the sentences, best first by one of sumy's algorithms.

    Args:
        method: one of sumy's.
        text: the article.
        title: its headline, which Edmundson's method reads.
        pieces: its sentences; beyond :data:`LONGEST` they are not ranked.
        lang: ISO 639-1.
    """
    tokenizer = _Tokenizer(lang)
    sentences = [Sentence(text[piece.start : piece.end], tokenizer) for piece in pieces[:LONGEST]]
    if not any(sentence.words for sentence in sentences):
        return list(range(len(pieces)))
    headings = [Sentence(title, tokenizer, is_heading=True)] if title.strip() else []
    algorithm = _ALGORITHMS[method](_stemmer(lang))
    algorithm.stop_words = stop_words(lang)
    if method is Method.EDMUNDSON:
        # It refuses empty sets, and some languages have no list of stop words.
        algorithm.null_words = stop_words(lang) or _NO_WORDS
        # Its cue words are for a corpus to supply; these are the article's own opening and headline.
        algorithm.bonus_words = next(one.words for one in (*headings, *sentences) if one.words)
        algorithm.stigma_words = _NO_WORDS
    order: list[int] = []

    def record(ranked: Sequence[Any]) -> Sequence[Any]:
        order.extend(info.order for info in ranked)
        return ()

    # Sentences without a common word make LexRank divide by zero; they keep the order of the article.
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        # LSA warns of texts with fewer words than sentences; what it returns for them is sound.
        warnings.simplefilter("ignore", UserWarning)
        algorithm(ObjectDocumentModel([Paragraph([*headings, *sentences])]), record)
    ranked = set(order)
    order.extend(number for number in range(len(pieces)) if number not in ranked)
    return order
