"""ROUGE-1 and -2 F1 (Lin, 2004), as its reference implementation counts English; other languages word by word."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING, TypeVar

from nltk.stem.porter import PorterStemmer

if TYPE_CHECKING:
    from collections.abc import Sequence

_Gram = TypeVar("_Gram", str, tuple[str, str])

_STEMMER = PorterStemmer()


@lru_cache(1 << 16)
def _stem(word: str) -> str:
    return _STEMMER.stem(word) if len(word) > 3 else word


def tokens(text: str, lang: str) -> list[str]:
    """Give the lower-case words of a text; in English those of the alphabet and the digits, with Porter's stems."""
    if lang != "en":
        return re.findall(r"\w+", text.lower())
    return [_stem(word) for word in re.findall(r"[a-z0-9]+", text.lower())]


def rouge(references: Sequence[str], sentences: Sequence[str], lang: str) -> tuple[float, float]:
    """Compare a summary with each reference; give the means of ROUGE-1 and of ROUGE-2, from 0 to 1."""
    candidate = tokens(" ".join(sentences), lang)
    ones, twos = Counter(candidate), Counter(pairwise(candidate))
    scores = []
    for reference in references:
        wanted = tokens(reference, lang)
        scores.append((_f1(Counter(wanted), ones), _f1(Counter(pairwise(wanted)), twos)))
    return mean(one for one, _ in scores), mean(two for _, two in scores)


def _f1(reference: Counter[_Gram], candidate: Counter[_Gram]) -> float:
    hits = (reference & candidate).total()
    total = reference.total() + candidate.total()
    return 2 * hits / total if total else 0.0
