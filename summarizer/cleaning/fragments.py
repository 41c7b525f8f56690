"""Sentences that hold only part of a quotation or of a bracket: alone they would open what nothing closes."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Spans = Sequence[tuple[int, int]]
    State = Callable[[int, int], int]

# A mark without its partner further off than this many sentences is a slip rather than a long quotation.
_LONGEST = 12

# A mark this near to a sentence's end closes what began it.
_AT_END = 2

_GAPS = " \u00a0\u202f"
_BREAKS = "\n\r"

# British papers quote with the apostrophe: only at a word's beginning does it open, only after a stop does it close.
_SINGLE_OPEN = re.compile(r"(?<![^\s(\[—–-])['‘](?!(?:em|til|cause|n|tis|twas|\d0s)\b)\w")
# Either of them stands after one of these, or begins the text.
_BEFORE_SINGLE = frozenset("([—–-.,!?…" + "".join(filter(str.isspace, map(chr, range(0x3001)))))
_SINGLE_CLOSE = re.compile(r"[.,!?…]['’](?!\w)")
_SINGLE_END = re.compile(r"['’](?!\w)")

# "1) First", "a) first" and smileys are no brackets.
_ITEM = re.compile(r"(?<![\w(])\w{1,2}\)|[:;=-]\)")
_EYES = frozenset(":;=-")


class Fragments(NamedTuple):
    """The sentences that hold only part of a quotation or of a bracket, by number.

    Args:
        stretches: first and last sentence of each quotation over several; together they are whole.
        broken: sentences that nothing makes whole.
    """

    stretches: tuple[tuple[int, int], ...] = ()
    broken: frozenset[int] = frozenset()


def fragments(text: str, spans: Spans) -> Fragments:
    """Find the sentences that a summary cannot hold without others, or not at all.

    Args:
        text: the article.
        spans: the bounds of its sentences, in order.
    """
    found = _Found()
    ends = [end for _, end in spans]
    for places, state in _states(text):
        _find_stretches(text, spans, _holders(ends, places), state, found)
    for brackets in ("()", "（）"):
        if brackets[0] in text or brackets[1] in text:
            numbers = _holders(ends, _places(text, brackets))
            found.broken.update(number for number in numbers if _is_bracket_open(text, *spans[number], *brackets))
    return found.merged() if found.stretches or found.broken else Fragments()


class _Found:
    def __init__(self) -> None:
        self.stretches: list[tuple[int, int]] = []
        self.broken: set[int] = set()

    def merged(self) -> Fragments:
        """Join stretches that overlap; one with a broken sentence in it is broken throughout."""
        joined: list[tuple[int, int]] = []
        for first, last in sorted(self.stretches):
            if joined and first <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(last, joined[-1][1])
            else:
                joined.append((first, last))
        whole: list[tuple[int, int]] = []
        for first, last in joined:
            if self.broken.isdisjoint(range(first, last + 1)):
                whole.append((first, last))
            else:
                self.broken.update(range(first, last + 1))
        return Fragments(tuple(whole), frozenset(self.broken))


def _states(text: str) -> Iterator[tuple[Iterator[int], State]]:
    """Give the places of each kind of quotation marks in a text, and what tells the state of a sentence with them."""
    if '"' in text:
        yield _places(text, '"'), _straight(text, '"')
    if "„" in text:
        yield _places(text, "„“”"), _paired(text, "„", "“”")
    elif "“" in text:
        yield _places(text, "“”"), _paired(text, "“", "”")
    elif "”" in text:
        yield _places(text, "”"), _straight(text, "”")
    if "«" in text or "»" in text:
        opening, closing = ("»", "«") if 0 <= text.find("»") < text.find("«") else ("«", "»")
        yield _places(text, "«»"), _paired(text, opening, closing)
    for marks in ("「」", "『』"):
        if marks[0] in text or marks[1] in text:
            yield _places(text, marks), _paired(text, *marks)
    if "``" in text:
        # As typesetters' programs and old wires write them.
        yield _places(text, ("``", "''")), _paired(text, "``", ("''",))
    elif "'" in text or "‘" in text:
        # Any other is an apostrophe.
        yield (at for at in _places(text, "'‘’") if text[at - 1] in _BEFORE_SINGLE or not at), _single(text)


def _places(text: str, marks: Iterable[str]) -> Iterator[int]:
    for mark in marks:
        at = text.find(mark)
        while at >= 0:
            yield at
            at = text.find(mark, at + 1)


def _holders(ends: Sequence[int], places: Iterable[int]) -> list[int]:
    """Give the numbers, ascending, of the sentences that hold any of some places, by where each sentence ends."""
    found = {bisect_right(ends, place) for place in places}
    found.discard(len(ends))
    return sorted(found)


_OPENS, _WHOLE, _CLOSES, _NONE = 1, 0, -1, 2


def _find_stretches(text: str, spans: Spans, numbers: Sequence[int], state: State, found: _Found) -> None:
    """Find the sentences that open or close a quotation alone, and those between, out of those that hold its marks."""
    opened = -1
    for number in numbers:
        is_at = state(*spans[number])
        if is_at == _NONE:
            continue
        # English repeats the opening mark with each paragraph of one quotation.
        again = opened >= 0 and is_at != _CLOSES and _is_continued(text, spans, number)
        if again and is_at == _OPENS:
            continue
        if opened >= 0 and (again or is_at == _CLOSES) and number - opened <= _LONGEST:
            found.stretches.append((opened, number))
            opened = -1
            continue
        if opened >= 0:
            found.broken.add(opened)
        opened = number if is_at == _OPENS else -1
        if is_at == _CLOSES:
            found.broken.add(number)
    if opened >= 0:
        found.broken.add(opened)


def _is_continued(text: str, spans: Spans, number: int) -> bool:
    start = spans[number][0]
    return not text[start].isalnum() and any(mark in text[spans[number - 1][1] : start] for mark in _BREAKS)


def _straight(text: str, mark: str) -> State:
    def state(start: int, end: int) -> int:
        count = text.count(mark, start, end)
        if count % 2 == 0:
            return _WHOLE if count else _NONE
        if mark in text[start : start + 2]:
            return _OPENS
        last = text.rfind(mark, start, end)
        return _OPENS if text[last - 1] in _GAPS and end - last > 1 else _CLOSES

    return state


def _paired(text: str, opening: str, closing: Iterable[str]) -> State:
    def state(start: int, end: int) -> int:
        opens = text.count(opening, start, end)
        closes = sum(text.count(mark, start, end) for mark in closing)
        if opens == closes:
            return _WHOLE if opens else _NONE
        if opens < closes:
            return _CLOSES
        # Of two quotations that end together, Russian closes one: «ООО «Заря».
        last_close = max(text.rfind(mark, start, end) for mark in closing)
        is_named = text[start] != opening or end - last_close <= _AT_END
        return _WHOLE if is_named and last_close > text.rfind(opening, start, end) else _OPENS

    return state


def _single(text: str) -> State:
    def state(start: int, end: int) -> int:
        opened = _SINGLE_OPEN.search(text, start, end)
        closed = _SINGLE_CLOSE.search(text, start, end)
        if closed and (not opened or closed.start() < opened.start()):
            return _CLOSES
        if not opened:
            return _NONE
        # What may be the apostrophe of a plural may as well close.
        return _WHOLE if closed or _SINGLE_END.search(text, opened.end(), end) else _OPENS

    return state


def _is_bracket_open(text: str, start: int, end: int, opening: str, closing: str) -> bool:
    opens, closes = text.count(opening, start, end), text.count(closing, start, end)
    if opens == closes:
        return False
    if opens > closes:
        return text[text.rfind(opening, start, end) - 1] not in _EYES
    return closes - len(_ITEM.findall(text, start, end)) > opens
