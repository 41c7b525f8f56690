"""The words of a title by which a reader can hide stories like it."""

from __future__ import annotations

import functools
from typing import Final, Literal

from babel import Locale, UnknownLocaleError
from babel.units import format_unit

from storage.model import HiddenWord
from summarizer.text.keywords import keyword_of, keywords

__all__ = ["hidden_word", "search_keys", "title_words"]

_MEASURES: Final = ("length-", "mass-", "duration-", "temperature-", "speed-")
_LENGTHS: Final[tuple[Literal["short", "long"], ...]] = ("short", "long")
_SUBJECTS: Final = frozenset({"mass-grain", "mass-stone", "length-inch", "length-point", "speed-light"})
"""Units whose names are what stories are about, too."""


def title_words(title: str, lang: str) -> list[HiddenWord]:
    """List the telling words of a title, as they are written, each with what its forms have in common.

    Numbers, units, days, months and times of day tell nothing of what a story is about.
    """
    dull = _measures_and_times(lang)
    return [
        HiddenWord(key=key, word=word)
        for key, word in keywords(title, lang).items()
        if word.casefold() not in dull and not any(char.isdigit() for char in word)
    ]


@functools.lru_cache(maxsize=32)
def _measures_and_times(lang: str) -> frozenset[str]:
    """Gather a language's units, days, months and times of day; none where it is not known."""
    try:
        locale = Locale.parse(lang)
    except (ValueError, UnknownLocaleError):
        return frozenset()
    names: list[str] = []
    for calendar in (locale.days, locale.months, locale.day_periods):
        names += map(str, calendar["format"].get("wide", {}).values())
    for unit in map(str, locale.unit_display_names):
        if unit.startswith(_MEASURES) and unit not in _SUBJECTS:
            for length in _LENGTHS:
                names += [format_unit(count, unit, length=length, locale=locale).strip("12. \xa0") for count in (1, 2)]
    return frozenset(map(str.casefold, names))


def hidden_word(typed: str) -> HiddenWord | None:
    """Take the one word that somebody typed; ``None`` where it is none, or several."""
    parts = typed.split()
    key = keyword_of(parts[0]) if len(parts) == 1 else ""
    return HiddenWord(key=key, word=parts[0]) if key else None


def search_keys(words: str, lang: str) -> list[str]:
    """List what the telling words of a search have in common with their forms; of mere small words, all of them."""
    telling = list(keywords(words, lang))
    return telling or [key for key in map(keyword_of, words.split()) if key]
