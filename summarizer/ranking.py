"""How much each sentence of a news article says: the ``news`` method's score.

A weighted sum of features of the sentence, each from one pass over the article's terms, so linear in its length.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from summarizer.dangling import points_back
from summarizer.stopwords import stop_words
from summarizer.terms import terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from summarizer.cleaning import Piece

FEATURES = (
    "bias",
    "first",
    "near_top",
    "depth",
    "title_covered",
    "lead_covered",
    "centrality",
    "frequency",
    "length",
    "short",
    "long",
    "names",
    "numbers",
    "points_back",
    "quotation",
    "broken_quotation",
    "question",
    "first_person",
)
"""The features by name, in the order of :data:`WEIGHTS` and of :attr:`Ranked.features`."""

WEIGHTS = (0.0, 0.4, 1.0, -0.1, 0.6, 0.5, 0.6, 0.4, 0.1, -0.3, -0.2, 0.15, 0.1, -0.25, -0.1, -0.2, -0.3, -0.1)
"""What each feature is worth."""

_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"(?<=[\w,;] )[^\W\d_a-z]\w+")
_QUOTE = re.compile(r"[\"“”„«»「」]")
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I’m|I've|we|We|my|My|ich|Ich|je|Je|j'ai|yo|я|Я|мы|Мы|ми|Ми)\b")

# The lead that stands in for what an article promises: its first sentences.
_LEAD_SENTENCES = 3
_USUAL_TERMS = 14.0
_SHORT_TERMS = 6
_LONG_TERMS = 26


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence with its score.

    Args:
        piece: where it stands.
        score: higher is better; comparable within one article.
        terms: its distinct terms.
        points_back: whether it leans on the sentence before it.
        features: what its score was made of, in the order of :data:`FEATURES`.
    """

    piece: Piece
    score: float
    terms: frozenset[str]
    points_back: bool
    features: tuple[float, ...]


def rank(text: str, title: str, pieces: Sequence[Piece], lang: str) -> list[Ranked]:
    """Score the sentences of an article, in its order.

    Args:
        text: the article.
        title: its headline, or an empty string.
        pieces: its sentences.
        lang: ISO 639-1.
    """
    stop = stop_words(lang)
    sentences = [text[piece.start : piece.end] for piece in pieces]
    by_sentence = [terms(sentence, lang, stop) for sentence in sentences]
    distinct = [frozenset(found) for found in by_sentence]
    counts = Counter(term for found in by_sentence for term in found)
    spread = Counter(term for found in distinct for term in found)
    most = math.log1p(max(counts.values(), default=1))
    weight = {term: math.log1p(count) / most for term, count in counts.items()}
    shared = {term: 1.0 - 1.0 / count for term, count in spread.items()}
    promised = frozenset(terms(title, lang, stop))
    lead = frozenset().union(*distinct[:_LEAD_SENTENCES])
    total = len(pieces)
    ranked: list[Ranked] = []
    for number, (piece, sentence, own) in enumerate(zip(pieces, sentences, distinct, strict=True)):
        size = len(own)
        divisor = max(size, 1)
        back = number > 0 and points_back(sentence, lang)
        quotes = len(_QUOTE.findall(sentence))
        features = (
            1.0,
            1.0 if number == 0 else 0.0,
            1.0 / math.sqrt(1.0 + number),
            number / total,
            len(own & promised) / max(len(promised), 1),
            len(own & lead) / divisor if number >= _LEAD_SENTENCES else 0.6,
            sum([shared[term] for term in own]) / divisor,
            sum([weight[term] for term in own]) / divisor,
            math.log1p(size) - math.log1p(_USUAL_TERMS),
            1.0 if size < _SHORT_TERMS else 0.0,
            1.0 if size > _LONG_TERMS else 0.0,
            min(len(_NAME.findall(sentence)) / divisor, 1.0),
            1.0 if _DIGIT.search(sentence) else 0.0,
            1.0 if back else 0.0,
            1.0 if quotes >= 2 else 0.0,
            1.0 if quotes % 2 else 0.0,
            1.0 if "?" in sentence else 0.0,
            1.0 if _FIRST_PERSON.search(sentence) else 0.0,
        )
        score = sum(map(float.__mul__, WEIGHTS, features))
        ranked.append(Ranked(piece, score, own, back, features))
    return ranked
