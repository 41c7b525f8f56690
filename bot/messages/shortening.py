"""Cutting texts that are too long, without leaving half a word or half a character."""

from __future__ import annotations

import itertools
import unicodedata
from typing import Final

from bot.messages.html import utf16_units

ELLIPSIS: Final = "…"
_JOINER: Final = "\u200d"


def cut(text: str, max_chars: int) -> str:
    """Cut a name to ``max_chars`` characters (code points), the last of them an ellipsis."""
    if len(text) <= max_chars:
        return text
    if max_chars < 1:
        return ""
    return _whole_characters(text, max_chars - 1) + ELLIPSIS


def cut_at_word(text: str, max_units: int) -> str:
    """Cut a text to ``max_units`` UTF-16 units after a whole word, and say so by an ellipsis."""
    if utf16_units(text) <= max_units:
        return text
    ends = itertools.accumulate(utf16_units(character) for character in text)
    kept = text[: sum(1 for _ in itertools.takewhile(lambda end: end < max_units, ends))]
    head, space, _ = kept.rpartition(" ")
    if not space or len(head) < len(kept) // 2:  # a script without spaces, or one endless word
        return _whole_characters(text, len(kept)) + ELLIPSIS
    return head.rstrip(" ,;:–—-") + ELLIPSIS


def _whole_characters(text: str, end: int) -> str:
    # A combining mark, or a character joined to the next, would change its neighbour if it were cut from it.
    while end and (_belongs_to_previous(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[:end].rstrip()


def _belongs_to_previous(character: str) -> bool:
    return (
        character == _JOINER
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or "\ufe00" <= character <= "\ufe0f"
    )
