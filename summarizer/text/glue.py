"""Sentences that run into each other without a space, as a subheading into its paragraph: "… aimed atThe mayor …"."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from summarizer.text.stopwords import stop_words, word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOWER = "a-zß-öø-ÿа-яёєіїґ"
_UPPER = "A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ"
# A capital inside a word. Looked for from the capital back, for capitals are few.
_INNER = re.compile(rf"[{_UPPER}](?<=[{_LOWER}].)(?:[{_LOWER}]|['’][{_UPPER}{_LOWER}]| [{_LOWER}])")
# Every letter in lower case as one, and every capital as one: in plain text this tells whether there is any.
_SHAPES = bytes(ord("A") if 65 <= code <= 90 else ord("a") if 97 <= code <= 122 else code for code in range(256))
_GLUED = b"aA"

_FEWEST_LETTERS = 3
_LOOK_BACK_CHARS = 40
_PARTS = re.compile(r"[/()'’]")
_MARKS = "\"“”„«»‹‘'’([{¿¡—–-•*"
_WORD = re.compile(r"\w{0,40}")

# Names that are written so. Others are known by coming again, or by the sign before them.
_NAMES = word_set(
    """airasia airbaltic biorxiv chemrxiv deviantart easygroup easyhotel easyjet flyadeal flydubai flynas gocompare
    imessage isindebele isixhosa isizulu medrxiv myspace psyarxiv thegrio theskimm whatsapp wikileaks youtube"""
)
_HANDLES = frozenset("@#")

# A mark that may close a quotation, behind which a word begins or another quotation; how far back is looked for one
# that the straight mark may close.
_QUOTED = {
    '"': re.compile(rf'"(?="?[{_UPPER}][{_LOWER}])'),
    "”": re.compile(rf"”(?=[{_UPPER}][{_LOWER}])"),
}
_QUOTED_CHARS = 1000


def cut_glued(text: str, spans: list[tuple[int, int]], lang: str) -> list[tuple[int, int]]:
    """Cut sentences where another runs into them.

    Args:
        text: what they stand in.
        spans: their bounds, in order.
        lang: ISO 639-1.
    """
    capitals = _capitals(text)
    cuts = _in_words(text, capitals, lang) if capitals else []
    if quoted := [at for mark, find in _QUOTED.items() if mark in text for at in _after_quotations(text, find)]:
        cuts = sorted({*cuts, *quoted})
    if not cuts:
        return spans
    pieces: list[tuple[int, int]] = []
    following = iter([*cuts, len(text) + 1])
    cut = next(following)
    for start, end in spans:
        begin = start
        while cut < end:
            if cut > begin:
                pieces.append((begin, cut))
                begin = cut
            cut = next(following)
        pieces.append((begin, end))
    return pieces


def _in_words(text: str, capitals: Iterable[int], lang: str) -> list[int]:
    """Give the places of capitals that begin another word right behind one."""
    parts: list[tuple[int, str, str]] = []
    for at in capitals:
        before = text[max(0, at - _LOOK_BACK_CHARS) : at].rsplit(maxsplit=1)[-1]
        word = _PARTS.split(before)[-1].lstrip(_MARKS)
        # One in lower case throughout, so not in "iPhone" or "McDonald".
        if len(word) >= _FEWEST_LETTERS and word.isalpha() and word.islower() and before[0] not in _HANDLES:
            rest = _WORD.match(text, at)
            parts.append((at, word, rest[0] if rest else ""))
    times = Counter(word + rest for _, word, rest in parts)
    # What comes again is a name, unless a function word stands in it.
    return [
        at
        for at, word, rest in parts
        if (times[name := word + rest] == 1 or rest.lower() in stop_words(lang)) and name.lower() not in _NAMES
    ]


def _capitals(text: str) -> list[int]:
    """Give the places of capitals that follow a letter in lower case and begin what looks like a word."""
    if not text.isascii():
        return [match.start() for match in _INNER.finditer(text)]
    shapes = text.encode().translate(_SHAPES)
    found: list[int] = []
    at = shapes.find(_GLUED)
    while at >= 0:
        if _INNER.match(text, at + 1):
            found.append(at + 1)
        at = shapes.find(_GLUED, at + 1)
    return found


def _after_quotations(text: str, find: re.Pattern[str]) -> Iterator[int]:
    """Give where sentences begin right behind a quotation that ends a word: "the pier"The mayor …."""
    for match in find.finditer(text):
        at = match.start()
        if not text[at - 1].islower():
            continue
        word = text[max(0, at - _FEWEST_LETTERS) : at]
        if word.isalpha() and word.islower() and (text[at] != '"' or _is_closing(text, at)):
            yield at + 1


def _is_closing(text: str, at: int) -> bool:
    """Whether a straight quotation mark closes: the one before it in its line opens by its looks, or by their count."""
    since = max(0, at - _QUOTED_CHARS)
    begin = max(since, text.rfind("\n", since, at) + 1)
    last = text.rfind('"', begin, at)
    if last >= 0 and text[last + 1].isalnum() and not (last and text[last - 1].isalnum()):
        return True
    return text.count('"', begin, at) % 2 == 1
