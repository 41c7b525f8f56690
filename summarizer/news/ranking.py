"""How much each sentence of a news article says: the ``news`` method's score.

A weighted sum of features of the sentence, each from one pass over the article's terms, so linear in its length.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import chain
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from summarizer.text.dangling import points_back
from summarizer.text.stopwords import stop_words, word_set
from summarizer.text.terms import terms, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from summarizer.cleaning.report import Piece

WEIGHTS = {
    "first": 0.1,  # it is the first sentence
    "near_top": 0.85,  # one over the root of its number
    "depth": -0.1,  # how far down it stands, 0 to 1
    "title_covered": 1.05,  # how much of the headline it says
    "lead_covered": 0.5,  # how much of it the first sentences say
    "centrality": 1.38,  # how many other sentences share its terms
    "length": 0.1,  # its distinct terms against the usual number
    "short": -0.27,  # fewer than six terms
    "long": -0.2,  # more than 26 terms
    "names": 0.3,  # capitals within it
    "numbers": 0.1,  # it has a digit
    "points_back": -0.25,  # it leans on the sentence before
    "quotation": -0.1,  # it quotes
    "broken_quotation": -0.43,  # it quotes without the other end
    "question": -0.26,  # it asks
    "first_person": -0.14,  # it speaks of me or us
}
"""What each feature of a sentence is worth.

Half-way between a guess by hand and the weights at which a coordinate search over English, French and Vietnamese
articles found the highest ROUGE-1 and twice ROUGE-2 at 400 characters: the search alone helps French and Vietnamese
more, and costs English some of its bigrams. ``centrality`` was raised by trial when a feature beside it was dropped.
Each feature is 0 to 1 but ``length``, a difference of logarithms.
"""

FEATURES = tuple(WEIGHTS)
"""The features by name, in the order of :attr:`Ranked.features`."""

_VALUES = tuple(WEIGHTS.values())

_DIGIT = re.compile(r"\d")
# A capital after a space: within a sentence, most often a name.
_CAPITAL = re.compile(" [A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ]")
_QUOTES = '"“”„«»「」'
_FIRST_PERSON = word_set("i we my our me us ich wir mein je j nous yo nosotros я мы мой ми мій наш")

# The lead that stands in for what an article promises: its first sentences.
_LEAD_SENTENCES = 3
_USUAL_LENGTH = math.log1p(14.0)
_SHORT_TERMS = 6
_LONG_TERMS = 26


class Ranked(NamedTuple):
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
    wordings = [words(sentence, lang) for sentence in sentences]
    distinct = [frozenset(terms(wording, stop)) for wording in wordings]
    # What a term shares with other sentences: 0 for a term of one sentence, nearly 1 for one of many.
    spread = Counter(chain.from_iterable(distinct))
    shared = {term: 1.0 - 1.0 / count for term, count in spread.items()}.__getitem__
    # Without a headline the first sentence is what the article promises.
    promised = frozenset(terms(words(title, lang), stop)) or frozenset().union(*distinct[:1])
    lead = frozenset().union(*distinct[:_LEAD_SENTENCES])
    quotes = [mark for mark in _QUOTES if mark in text]
    total = len(pieces)
    ranked: list[Ranked] = []
    for number, (piece, sentence, wording, own) in enumerate(zip(pieces, sentences, wordings, distinct, strict=True)):
        size = len(own)
        divisor = max(size, 1)
        back = number > 0 and points_back(sentence, lang)
        quoting = sum([sentence.count(mark) for mark in quotes]) if quotes else 0
        features = (
            1.0 if number == 0 else 0.0,
            1.0 / math.sqrt(1.0 + number),
            number / total,
            len(own & promised) / max(len(promised), 1),
            len(own & lead) / divisor if number >= _LEAD_SENTENCES else 0.6,
            sum(map(shared, own)) / divisor,
            math.log1p(size) - _USUAL_LENGTH,
            1.0 if size < _SHORT_TERMS else 0.0,
            1.0 if size > _LONG_TERMS else 0.0,
            min(len(_CAPITAL.findall(sentence)) / divisor, 1.0),
            1.0 if _DIGIT.search(sentence) else 0.0,
            1.0 if back else 0.0,
            1.0 if quoting >= 2 else 0.0,
            1.0 if quoting % 2 else 0.0,
            1.0 if "?" in sentence else 0.0,
            0.0 if _FIRST_PERSON.isdisjoint(wording) else 1.0,
        )
        ranked.append(Ranked(piece, sum(map(mul, _VALUES, features)), own, back, features))
    return ranked
