"""Words, and the terms that stand for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WORD = re.compile(r"\w+")
_WIDE_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_WIDE_GAPS = "‘’“”–—…«»\u00a0"
_ASCII_GAPS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
WIDE_SCRIPTS = frozenset({"zh", "ja"})

# Accents apart from their letters, vowel signs, joiners, jamo, variation selectors, flags, shades of skin, tags.
_PARTS_OF_CHARACTERS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c9\u0600-\u0605\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u070f\u0711\u0730-\u07fd\u0816-\u0903"
    "\u093a-\u0963\u0981-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ece\u0f18-\u0fc6\u102b-\u109d\u1100-\u11ff\u135d-\u135f"
    "\u1712-\u1dff\u200c\u200d\u20d0-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabff"
    "\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f\uff9e\uff9f\U000101fd-\U00011fff\U00013440-\U0001e94a\U0001f1e6-\U0001f1ff"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e01ef]"
)

_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{2}")

# What UTF-8 writes ASCII, U+0080 to U+02FF, U+0400 to U+047F and the marks from U+2000 on with; and the parts of
# characters among these marks.
_PLAIN_BYTES = bytes([*range(0xC0), *range(0xC2, 0xCC), 0xD0, 0xD1, 0xE2])
_PARTS_ENCODED = (b"\xe2\x80\x8c", b"\xe2\x80\x8d", b"\xe2\x83", b"\xe2\xb3", b"\xe2\xb5", b"\xe2\xb7")

# Words are told apart by so many letters, which joins most inflected forms in any alphabet (truncation; McNamee and
# Mayfield, 2004, found it on a level with stemmers for retrieval in European languages) and needs no stemmer.
TERM_CHARS = 6
"""What is left of a word that stands for its inflected forms."""


def words(text: str, lang: str) -> list[str]:
    """Give the lower-case words of a text; in Chinese and Japanese overlapping pairs of characters."""
    if lang not in WIDE_SCRIPTS:
        return _WORD.findall(text.lower())
    found: list[str] = []
    for run in _WIDE_RUN.findall(text.lower()):
        if run[0] >= "\u3040" and len(run) > 1:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            found.append(run)
    return found


def cased_words(text: str, lang: str) -> list[str]:
    """Give the words of a text as they are written; in Chinese and Japanese as :func:`words` does."""
    return words(text, lang) if lang in WIDE_SCRIPTS else _WORD.findall(text)


def cased_words_between(text: str, bounds: Iterable[tuple[int, int]], lang: str) -> tuple[list[str], list[int]]:
    """Give the :func:`cased_words` between each two bounds of a text, in one list, and where those of each end."""
    found: list[str] = []
    ends: list[int] = []
    plain = None if lang in WIDE_SCRIPTS else _plain(text)
    for start, end in bounds:
        found += cased_words(text[start:end], lang) if plain is None else plain[start:end].split()
        ends.append(len(found))
    return found, ends


def _plain(text: str) -> str | None:
    """Put spaces in place of all but the words, at a third of the cost of finding them; ``None`` if it cannot be.

    It can where nothing but some quotation marks and dashes is beyond ASCII.
    """
    if not text.isascii():
        for gap in _WIDE_GAPS:
            text = text.replace(gap, " ")
    return text.translate(_ASCII_GAPS) if text.isascii() else None


def terms(found: list[str], stop: frozenset[str]) -> list[str]:
    """Give those of a text's words that carry meaning, cut to their beginnings.

    Args:
        found: the text's :func:`words`.
        stop: words to leave out, lower case.
    """
    return [word[:TERM_CHARS] for word in found if word not in stop and len(word) > 1]


def char_counter(text: str) -> Callable[[int, int], int]:
    """Give what counts the characters between two places of a text as a person does.

    An accent, a vowel sign or a joiner is part of its letter (grapheme clusters; Unicode Standard Annex 29).
    """
    if text.isascii() or _has_whole_letters(text) or not _PARTS_OF_CHARACTERS.search(text):
        return lambda start, end: end - start
    # Comes with what sumy needs, and few texts need it.
    import regex  # noqa: PLC0415 - see above

    clusters = regex.compile(r"\X")
    # For each letter of a flag it goes back over all letters before it, so flags are made one letter first.
    return lambda start, end: sum(1 for _ in clusters.finditer(_FLAGS.sub("x", text[start:end])))


def _has_whole_letters(text: str) -> bool:
    """Whether the bytes of a text tell that no character is in parts; in Latin and Cyrillic they mostly do."""
    encoded = text.encode("utf-8", "surrogatepass")
    return not encoded.translate(None, _PLAIN_BYTES) and not any(part in encoded for part in _PARTS_ENCODED)


def count_words(text: str, lang: str) -> int:
    """Count words as a person would: between white space; in Chinese and Japanese each character is one."""
    if lang not in WIDE_SCRIPTS:
        return len(text.split())
    return sum(len(run) if run[0] >= "\u3040" else 1 for run in _WIDE_RUN.findall(text))
