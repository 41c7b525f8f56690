"""Quotation marks: which open, which close, and whether a sentence may end between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MARKS = frozenset("\"'”’»›“«』」")
"""Marks that may close a quotation."""

_PAIRS = (("“", "”"), ("„", "“"), ("„", "”"), ('"', '"'), ("「", "」"), ("『", "』"))
GUILLEMETS = "«", "»"

# A quotation up to this long stays whole where the sentence goes on after it. A longer one would make a sentence
# that fits into no message.
_WHOLE_CHARS = 160

# How far back an opening mark is looked for.
_LOOK_BACK_CHARS = 1000

_AFTER = re.compile(r"[,،、，\s—–-]{0,8}([^\W\d_])")
_ENDS = frozenset(".!?…。！？؟।")
# «I saw him. He ran».
_ENDS_OUTSIDE = frozenset(".。।")

# "“Are you coming?” Smith asked." is one sentence; other languages with capitals put the verb first, in lower case.
_ATTRIBUTIONS = {
    "en": r"\s+(?:[A-Z][\w.'’-]*\s+){1,4}(?:said|says|asked|asks|added|adds|wrote|writes|told|replied|cried|shouted"
    r"|tweeted|recalled|wondered|joked|continued|explained|concluded|exclaimed)\b",
    "ar": r"[\s،-]*(?:و|ف)?(?:قال|سأل|أضاف|صرخ|أجاب|تساءل|هتف|كتب|رد|صاح)(?:ت|وا|ا)?\s",
    "fa": r"[\s،-]*(?:\S+\s+){0,4}(?:گفت|پرسید|افزود|نوشت|گفتند|پرسیدند|فریاد)",
    "hi": r"[\s,-]*(?:\S+\s+){0,4}(?:कहा|पूछा|बोला|बोली|बोले|बताया|लिखा|चिल्लाया)",
    "ko": r"\s*(?:(?:이?라고|고)\s|(?:\S+\s+){0,3}(?:물었|말했|답했|외쳤|덧붙였|밝혔|전했|했))",
    "ja": r"(?![^。]{0,6}[そこ]う)[^。、！？「」\s]{0,12}?[はがもと](?:尋ね|言|述べ|話|叫|答え|語|聞い|問い|つぶや)",
    "zh": r"[^，。！？\s]{0,8}?(?:说|問|问|道|表示|称|回答|喊|寫|写)",
}

Pairs = tuple[tuple[str, str], ...]
"""Opening and closing marks."""


@dataclass(slots=True)
class Bounds:
    """Where a splitter is.

    Args:
        begin: where the sentence begins.
        stop: where its line ends.
        counted_to: how far the line's straight quotation marks are counted.
        odd: whether that count is odd.
    """

    begin: int
    stop: int
    counted_to: int
    odd: bool = False

    def is_quoted(self, text: str, at: int) -> bool:
        """Whether ``at`` is between straight quotation marks, which do not tell open from close.

        Asked at places that only grow, so that a line is counted once.
        """
        if at > self.counted_to:
            self.odd ^= text.count('"', self.counted_to, at) & 1 == 1
            self.counted_to = at
        return self.odd


def attribution(lang: str) -> re.Pattern[str] | None:
    """Give what follows a quotation that ends with a stop, in a sentence that goes on; ``None``: verbs tell nothing."""
    return re.compile(_ATTRIBUTIONS[lang]) if lang in _ATTRIBUTIONS else None


def pairs_in(text: str) -> Pairs:
    """Give the kinds of quotation marks that a text uses."""
    found = [pair for pair in _PAIRS if pair[0] in text and pair[1] in text]
    left, right = map(text.find, GUILLEMETS)
    if left >= 0 and right >= 0:
        # German and Danish books set them »so«.
        found.append(GUILLEMETS if left < right else GUILLEMETS[::-1])
    return tuple(found)


def next_opening(text: str, pairs: Pairs) -> Callable[[int], int]:
    """Give what finds the first mark from a place on that may open a quotation; the text's end where none does.

    It is asked for places that only grow, so that the text is gone through once for each kind of mark.
    """
    nowhere = len(text)
    upcoming = {opening: -1 for opening, _ in pairs}

    def find(begin: int) -> int:
        nearest = nowhere
        for opening, at in upcoming.items():
            if at < begin:
                at = text.find(opening, begin)  # noqa: PLW2901 - the same mark, further on
                upcoming[opening] = at = nowhere if at < 0 else at  # noqa: PLW2901
            nearest = min(nearest, at)
        return nearest

    return find


def opens(text: str, at: int, bounds: Bounds) -> bool:
    """Whether the mark at ``at`` opens: some close in one language and open in another.

    Args:
        text: what it stands in.
        at: where it stands.
        bounds: the sentence and line that it stands in.
    """
    mark, begin = text[at], max(bounds.begin, at - _LOOK_BACK_CHARS)
    if mark == '"':
        return not bounds.is_quoted(text, at)
    other = {"“": "„", "«": "»"}.get(mark)
    return other is not None and text.rfind(other, begin, at) <= text.rfind(mark, begin, at)


def closed(text: str, bounds: Bounds, mark: tuple[int, int, str]) -> int:
    """Say where the marks after a stop end that close something; one after them may open the next sentence: 。“."""
    at, end, close = mark
    quoted: bool | None = None
    for place in range(end - len(close), end):
        if text[place] == '"':
            quoted = bounds.is_quoted(text, at) if quoted is None else quoted
            if not quoted:
                return place
            quoted = False
        elif opens(text, place, bounds):
            return place
    return end


def goes_on_after_quotation(
    text: str, at: int, end: int, bounds: Bounds, pairs: Pairs, *, attribution: re.Pattern[str] | None
) -> bool:
    """Whether a mark stands within a short quotation after which the sentence goes on.

    «Who? What? When?» was on again; "I came. I saw," he said.

    Args:
        text: what it stands in.
        at: where the mark begins.
        end: where it ends, with its closing marks.
        bounds: the sentence and line that it stands in.
        pairs: the kinds of quotation marks to look for.
        attribution: what follows a quotation that ends with a stop in a sentence that goes on.
    """
    begin, stop = max(bounds.begin, at - _WHOLE_CHARS), bounds.stop
    for opening, closing in pairs:
        opened = text.rfind(opening, begin, at)
        if opened < 0:
            continue
        if opening == closing:
            if closing in text[at:end] or not bounds.is_quoted(text, at):
                continue
        elif text.find(closing, opened + 1, end) >= 0:
            continue
        closed = text.find(closing, end, min(stop, opened + _WHOLE_CHARS))
        if closed >= 0 and text[closed - 1] not in _ENDS and text[closed + 1 : closed + 2] in _ENDS_OUTSIDE:
            return True
        if closed >= 0 and (rest := _AFTER.match(text, closed + 1, stop)):
            return (
                text[closed - 1] not in _ENDS
                or rest.group(1).islower()
                or bool(attribution and attribution.match(text, closed + 1, stop))
            )
    return False
