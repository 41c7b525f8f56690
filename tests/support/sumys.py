"""sumy's own classes, fed with our sentences and words: what the classic methods are held against."""

from __future__ import annotations

import warnings
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
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

from summarizer import Method
from summarizer.classic.methods import ask, prepare
from summarizer.text.terms import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from summarizer.cleaning.report import Piece

SUMY: dict[Method, Any] = {
    Method.LEXRANK: LexRankSummarizer,
    Method.TEXTRANK: TextRankSummarizer,
    Method.LSA: LsaSummarizer,
    Method.LUHN: LuhnSummarizer,
    Method.KL: KLSummarizer,
    Method.SUMBASIC: SumBasicSummarizer,
    Method.REDUCTION: ReductionSummarizer,
    Method.EDMUNDSON: EdmundsonSummarizer,
}


class Words:
    """The part of sumy's tokenizer that its sentences use."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(words(sentence, self._lang))


def sumys_sentences(text: str, pieces: Sequence[Piece], lang: str) -> list[Sentence]:
    tokenizer = Words(lang)
    return [Sentence(text[one.start : one.end], tokenizer) for one in pieces]


def sumys_order(method: Method, text: str, title: str, pieces: Sequence[Piece], lang: str) -> list[int]:
    """Give the numbers of the sentences, best first, with sumy's own stemmer."""
    sentences = sumys_sentences(text, pieces, lang)
    headings = [Sentence(title, Words(lang), is_heading=True)] if title.strip() else []
    algorithm = prepare(SUMY[method](_stemmer(lang)), lang)
    if method is Method.EDMUNDSON:
        algorithm.bonus_words = next(one.words for one in (*headings, *sentences) if one.words)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # LSA's of texts with fewer words than sentences
        return ask(algorithm, ObjectDocumentModel([Paragraph([*headings, *sentences])]))


@cache
def _stemmer(lang: str) -> Callable[[str], str]:
    stem: Callable[[str], str] = null_stemmer
    with suppress(LookupError):
        stem = Stemmer(lang)
    return stem
