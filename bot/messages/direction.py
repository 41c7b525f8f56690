"""Which way a text runs, and how names of the other direction are kept from turning a line around."""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

from babel import Locale, UnknownLocaleError

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
RIGHT_TO_LEFT_MARK: Final = "\u200f"

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def isolate(name: str) -> str:
    """Wrap a name in the marks that keep its direction to itself."""
    return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}"


@functools.lru_cache(maxsize=256)
def is_right_to_left(lang: str | None) -> bool:
    """Tell whether a language (ISO 639-1, maybe with a region) is written from right to left."""
    try:
        return bool(lang) and Locale.parse((lang or "").replace("-", "_")).text_direction == "rtl"
    except (UnknownLocaleError, ValueError):
        return False


def runs_right_to_left(text: str) -> bool:
    """Tell whether the first letter that has a direction runs from right to left."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return False
        if kind in _RIGHT_TO_LEFT:
            return True
    return False


def isolate_in(text: str, *, right_to_left: bool) -> str:
    """Isolate an inserted text where it has letters of the other direction than the line that takes it in."""
    foreign = frozenset({"L"}) if right_to_left else _RIGHT_TO_LEFT
    return isolate(text) if any(unicodedata.bidirectional(character) in foreign for character in text) else text
