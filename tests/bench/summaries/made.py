"""Articles of any length, made of words that recur as in news: a few often, most seldom."""

from __future__ import annotations

import random

from summarizer import Document
from summarizer.text.stopwords import word_set

_STARTS = word_set(
    """harbour council bridge timber ferry storm market engine school pilot budget vote river hospital teacher farmer
    station border minister factory railway concert museum winter harvest"""
)
_ENDS = ("", "ing", "ed", "er", "ment", "s", "ly", "ation")
_NAMES = [f"{first}{last}" for first in ("Kal", "Mor", "Ves", "Tor") for last in ("ina", "bury", "field", "ovska")]
_GLUE = sorted(word_set("the a of to and in for with on at from by that which was were has had"))


def make_article(number: int, *, sentences: int) -> Document:
    """Write the article of a number, in English or what looks like it."""
    rng = random.Random(number)
    words = [f"{start}{end}" for start in sorted(_STARTS) for end in _ENDS]
    weights = [1 / (rank + 2) for rank in range(len(words))]
    written = []
    for _ in range(sentences):
        body = rng.choices(words, weights, k=rng.randint(6, 16))
        glue = [f"{rng.choice(_GLUE)} {word}" if rng.random() < 0.5 else word for word in body]
        written.append(f"{rng.choice(_NAMES)} {' '.join(glue)} in {rng.randint(1990, 2025)}.")
    return Document(text=" ".join(written), title=" ".join(written[-1].split()[:8]), lang="en")
