"""What a sentence states, reduced so that two sentences can be compared: terms, names, numbers, yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from summarizer.text.tables import LANGUAGES_KEPT, read_table, read_words
from summarizer.text.terms import cased_words

if TYPE_CHECKING:
    from collections.abc import Iterable

SAME = 0.6
"""A sentence that finds this much of its terms in another says the same."""

_NUMBER = re.compile(r"\d+(?:[.,:']\d+|[ \u00a0\u202f]\d{3}(?!\d))*")
_THOUSANDS = re.compile(r"(?<=\d)[.,'\u00a0\u202f ](?=\d{3}(?!\d))")
_SEPARATORS = re.compile(r"[,'\u00a0\u202f ]")
_NOT = re.compile(r"n['’]t\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one sentence, or several, state.

    Args:
        terms: the numbers, in the language's vocabulary, of the terms that carry meaning; numbers and names included.
        names: those of them that are capitalised within the sentence.
        numbers: in digits, however they were written.
        denies: whether a word turns the statement round.
    """

    terms: frozenset[int]
    names: frozenset[int]
    numbers: frozenset[str]
    denies: bool

    def covered_by(self, other: Facts) -> float:
        """Say how much of the terms another sentence has, 0 to 1."""
        return len(self.terms & other.terms) / len(self.terms) if self.terms else 0.0


def read_facts(sentence: str, lang: str) -> Facts:
    """Read what a sentence states."""
    # Its numpy takes a tenth of a second to import, for which the package does not wait.
    from summarizer.text.vocabulary import CAPITAL, DIGIT, STOP, vocabulary  # noqa: PLC0415 - see above

    words = vocabulary(lang)
    terms: set[int] = set()
    names: set[int] = set()
    numerals = _numerals(lang)
    numbers = {_plain_number(found) for found in _NUMBER.findall(sentence)}
    denies = bool(lang == "en" and _NOT.search(sentence))
    negations = read_words("negations", lang)
    for place, written in enumerate(cased_words(sentence, lang)):
        lowered = written.lower()
        number = words[written]
        kind = int(words.kind[number])
        denies = denies or lowered in negations
        if lowered in numerals:
            numbers.add(numerals[lowered])
        elif not kind & (STOP | DIGIT):
            term = int(words.term[number])
            terms.add(term)
            if place and kind & CAPITAL:
                names.add(term)
    return Facts(terms=frozenset(terms), names=frozenset(names), numbers=frozenset(numbers), denies=denies)


def join_facts(facts: Iterable[Facts]) -> Facts:
    """Put together what several sentences state."""
    found = list(facts)
    return Facts(
        terms=frozenset().union(*(one.terms for one in found)),
        names=frozenset().union(*(one.names for one in found)),
        numbers=frozenset().union(*(one.numbers for one in found)),
        denies=any(one.denies for one in found),
    )


def _plain_number(written: str) -> str:
    return _SEPARATORS.sub(".", _THOUSANDS.sub("", written))


@lru_cache(LANGUAGES_KEPT)
def _numerals(lang: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in read_table("numerals").get(lang, ()):
        number, *forms = line.split()
        found.update(dict.fromkeys(forms, number))
    return found
