"""Quotation marks: which open, which close, and whether a sentence may end between them."""

from __future__ import annotations

import re

MARKS = frozenset("\"'”’»›“«』」")
"""Marks that may close a quotation."""

_PAIRS = (("«", "»"), ("“", "”"), ("„", "“"), ("„", "”"), ('"', '"'))

# A quotation up to this long stays whole where the sentence goes on after it. A longer one would make a sentence
# that fits into no message.
_WHOLE_CHARS = 160

# How far back an opening mark is looked for.
_LOOK_BACK_CHARS = 1000

_AFTER = re.compile(r"[,\s—–-]{0,8}([^\W\d_])")
_ENDS = frozenset(".!?…")

Pairs = tuple[tuple[str, str], ...]
"""Opening and closing marks."""


def pairs_in(text: str) -> Pairs:
    """Give the kinds of quotation marks that a text uses."""
    return tuple(pair for pair in _PAIRS if pair[0] in text and pair[1] in text)


def opens(text: str, begin: int, at: int) -> bool:
    """Whether the mark at ``at`` opens: some close in one language and open in another.

    Args:
        text: what it stands in.
        begin: where its sentence begins.
        at: where it stands.
    """
    mark, begin = text[at], max(begin, at - _LOOK_BACK_CHARS)
    if mark == '"':
        return text.count('"', begin, at) % 2 == 0
    other = {"“": "„", "«": "»"}.get(mark)
    return other is not None and text.rfind(other, begin, at) <= text.rfind(mark, begin, at)


def goes_on_after_quotation(text: str, begin: int, stop: int, mark: tuple[int, int], pairs: Pairs) -> bool:
    """Whether a mark stands within a short quotation after which the sentence goes on.

    «Who? What? When?» was on again; "I came. I saw," he said.

    Args:
        text: what it stands in.
        begin: where its sentence begins.
        stop: where its line ends.
        mark: where the mark begins, and where it ends with its closing marks.
        pairs: the kinds of quotation marks to look for.
    """
    at, end = mark
    for opening, closing in pairs:
        opened = text.rfind(opening, max(begin, at - _WHOLE_CHARS), at)
        if opened < 0:
            continue
        if opening == closing:
            if text.count('"', max(begin, at - _LOOK_BACK_CHARS), at) % 2 == 0:
                continue
        elif text.find(closing, opened + 1, end) >= 0:
            continue
        closed = text.find(closing, end, min(stop, opened + _WHOLE_CHARS))
        if closed >= 0 and (rest := _AFTER.match(text, closed + 1, stop)):
            return text[closed - 1] not in _ENDS or rest.group(1).islower()
    return False
