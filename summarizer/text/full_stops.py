"""What a full stop after a word does: it ends a sentence, or it abbreviates, counts or belongs to an initial."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from summarizer.text.stopwords import word_set

if TYPE_CHECKING:
    from summarizer.text.abbreviations import Abbreviations

# "am 3. Oktober", "der 21. Spieltag"; a longer number is a year or an amount.
_ORDINAL_DIGITS = 2
_FIRST_ITEM = frozenset("1")
_ACRONYM = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_]$")
ROMAN = re.compile(r"[IVXІХ]+$")
"""A Roman numeral."""

OPENERS = "\"“„«»‹‘'’([{¿¡—–-•*"
"""Marks that may stand before the first word of a sentence."""

_BEFORE_NUMBER = OPENERS + " \t\u00a0"

# A unit that only looks like the end of an amount: "1 млрд долл. США".
_DOLLARS, _STATES = frozenset({"дол", "долл"}), "США"

# An initial of a script without capitals, with its vowel sign: "ए. पी. जे.", "ع. فغانی".
_BARE_INITIAL = re.compile(
    r"(?:[\u05d0-\u05ea\u0620-\u064a\u066e-\u06d3]"
    r"|[\u0904-\u0939\u0958-\u0961\u0985-\u0dc6][\u093a-\u094f\u0981-\u0ddf]{0,2})$"
)

_AFTER_CLOCK = word_set(
    """et est edt ct cst cdt mt mst mdt pt pst pdt gmt bst utc cet cest msk eastern central pacific mountain monday
    tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december local"""
)


@dataclass(frozen=True, slots=True)
class Following:
    """The word after a full stop, which starts with a capital, a digit or a letter of a script without case."""

    word: str
    is_initial: bool

    def starts_sentence(self, openers: frozenset[str]) -> bool:
        """Whether this capitalised word would be lower case inside a sentence."""
        return not self.is_initial and self.word.lower() in openers


@dataclass(frozen=True, slots=True)
class FullStops:
    """What full stops do in a language.

    Args:
        known: its abbreviations.
        openers: words that are capitalised only where a sentence starts.
    """

    known: Abbreviations
    openers: frozenset[str]

    def go_on(self, token: str, before: str, follows: Following, *, opening: str | None) -> bool:
        """Whether the full stop after ``token`` abbreviates, counts or belongs to an initial, and so ends nothing.

        Args:
            token: the word before the full stop.
            before: the word before that one, with its own full stop if it has one.
            follows: the word after, which starts with a capital, a digit or a letter of a script without case.
            opening: the sentence up to ``token``; ``None`` where that is long.
        """
        known, starts = self.known, follows.starts_sentence(self.openers)
        if token.isdigit():
            ordinal = known.ordinals and len(token) <= _ORDINAL_DIGITS
            # "What we know: 1. The bridge is closed."
            is_first = before.endswith(":") and token in _FIRST_ITEM
            is_item = is_first or (opening is not None and not opening.strip(_BEFORE_NUMBER))
            return is_item or (ordinal and (follows.word[0].isdigit() or not starts))
        # "z. B." and "т. д." are written with and without the space.
        spellings = {token, token.lower()}
        if len(before) == 2 and before[1] == ".":
            spellings |= {(before + token).lower()}
        # "PGS.TS." is made of two.
        spellings |= {token.rpartition(".")[2]}
        if not spellings.isdisjoint(known.units):
            # "В 2015 г. Анна …": two words make no sentence.
            short = opening is not None and len(opening.split()) <= 2
            dollars = follows.word == _STATES and not spellings.isdisjoint(_DOLLARS)
            return short or dollars or follows.word[0].isdigit() or not _is_amount(before, known)
        counted = follows.word[0].isdigit() or (len(follows.word) > 1 and ROMAN.match(follows.word))
        if counted and _takes_number(spellings, known):
            return True
        # "Robert A.M. Stone" has initials.
        is_name = token.isupper() and before.istitle() and before.isalpha()
        if not is_name and not spellings.isdisjoint(known.mostly):
            # "At 5 a.m. Mr. Smith …": three words make no sentence.
            return follows.word.lower() in _AFTER_CLOCK or (opening is not None and len(opening.split()) <= 2)
        initial = (len(token) == 1 and token.isupper()) or _ACRONYM.match(token) or _BARE_INITIAL.match(token)
        # "a. D.", "J.-M. Le Goff"
        goes_on = (len(token) == 1 and follows.is_initial) or (initial and "-" in token)
        if goes_on or token in known.unfinished or not spellings.isdisjoint(known.never):
            return True
        return bool(initial or not spellings.isdisjoint(known.seldom)) and not starts


def _takes_number(spellings: set[str], known: Abbreviations) -> bool:
    return not spellings.isdisjoint(known.numbered | known.seldom) or any(
        spelling.endswith(known.endings) for spelling in spellings if known.endings
    )


def _is_amount(token: str, known: Abbreviations) -> bool:
    """Whether a token counts what follows it: a number, or a unit that counts itself ("5 тыс. руб.")."""
    bare = token.rstrip(".")
    return (
        (bare[:1].isdigit() and bare[-1:].isalnum())
        or bare[-1:].isdigit()
        or bool(ROMAN.match(bare))
        or (len(bare) > 1 and bare in known.units)
    )
