"""What a sentence states, reduced so that two sentences can be compared: terms, names, numbers, yes or no."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from summarizer.text.stemming import stem
from summarizer.text.stopwords import stop_words
from summarizer.text.tables import LANGUAGES_KEPT, read_table, read_words
from summarizer.text.terms import TERM_CHARS, cased_words

if TYPE_CHECKING:
    from collections.abc import Iterable

SAME = 0.6
"""A sentence that finds this much of its terms in another says the same."""

_NUMBER = re.compile(r"\d+(?:[.,:'٫٬]\d+|[ \u00a0\u202f]\d{3}(?!\d))*")
_THOUSANDS = re.compile(r"(?<=\d)[.,'٬\u00a0\u202f ](?=\d{3}(?!\d))")
_SEPARATORS = re.compile(r"[,'٫\u00a0\u202f ]")
_NOT = re.compile(r"n['’]t\b", re.IGNORECASE)
# Ukrainian writes it within words, which it would part: п'ять.
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")

_TEN, _HUNDRED = 10, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one sentence, or several, state.

    Args:
        terms: what the forms of each word that carries meaning have in common; names included, numbers not.
        names: those of them that are capitalised within the sentence.
        numbers: in digits, however they were written.
        denies: whether a word turns the statement round.
    """

    terms: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    denies: bool

    def covered_by(self, other: Facts) -> float:
        """Say how much of the terms another sentence has, 0 to 1."""
        return len(self.terms & other.terms) / len(self.terms) if self.terms else 0.0


def read_facts(sentence: str, lang: str) -> Facts:
    """Read what a sentence states."""
    if lang == "uk":
        sentence = _APOSTROPHE.sub("ʼ", sentence)
    terms: set[str] = set()
    names: set[str] = set()
    counted: dict[int, int] = {}
    numerals, stop = _numerals(lang), stop_words(lang)
    denies = bool(lang == "en" and _NOT.search(sentence))
    negations = read_words("negations", lang)
    for place, written in enumerate(cased_words(sentence, lang)):
        word = written.lower()
        denies = denies or word in negations
        if word in numerals:
            counted[place] = numerals[word]
        elif len(word) > 1 and word not in stop and not any(map(str.isdigit, word)):
            term = stem(word) if lang == "en" else word[:TERM_CHARS]
            terms.add(term)
            if place and written[0] != word[0]:
                names.add(term)
    numbers = {_plain_number(found) for found in _NUMBER.findall(sentence)} | set(map(str, _put_together(counted)))
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
    if not written.isascii():
        # ۱۲ is 12.
        written = "".join(str(unicodedata.decimal(one, one)) for one in written)
    return _SEPARATORS.sub(".", _THOUSANDS.sub("", written))


def _put_together(counted: dict[int, int]) -> list[int]:
    """Make one number of words that follow each other: twenty-five, two hundred.

    Args:
        counted: ascending places of words, and what each says.
    """
    found: list[int] = []
    last = -2
    for place, number in counted.items():
        before = found[-1] if found and place == last + 1 else 0
        if 0 < before < number == _HUNDRED:
            found[-1] *= number
        elif before % _TEN == 0 and number < before and (number < _TEN or before >= _HUNDRED):
            found[-1] += number
        else:
            found.append(number)
        last = place
    return found


@lru_cache(LANGUAGES_KEPT)
def _numerals(lang: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in read_table("numerals").get(lang, ()):
        number, *forms = line.split()
        found.update(dict.fromkeys(forms, int(number)))
    return found
