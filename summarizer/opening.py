"""The opening of a sentence that is longer than its budget: as much of it as makes sense and fits."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from summarizer.text.terms import char_counter, count_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from summarizer.selection import Budget

    Fits: TypeAlias = Callable[[int], bool]

# A clause ends at one of these, which itself is left out: before white space, or anywhere in scripts without it.
_CLAUSE_ENDS = re.compile(r"[,;:，、；：،؛](?=\s)|[，、；：،؛]|\s+[—–-]\s|\s+\(")
_WORD_ENDS = re.compile(r"\s+")

# A clause that uses less of the budget says too little; then the opening ends with a word.
_LEAST_USED = 0.4

# No character that a person counts has more code points than this in writing that anybody reads.
_CODE_POINTS_A_CHARACTER = 12


def opening_within(text: str, start: int, end: int, budget: Budget, lang: str) -> int:
    """Find where the opening of a sentence ends that keeps a budget: after a clause, else a word, else a character.

    Args:
        text: what the sentence is a slice of.
        start: where the sentence begins.
        end: where it ends.
        budget: what to keep; at least one of characters and words must be limited.
        lang: ISO 639-1.

    Returns:
        A place after ``start`` and at most at ``end``; ``start`` itself where not one character fits.
    """
    # A word that is longer than thirty characters is none.
    most = budget.chars if budget.chars is not None else 30 * (budget.words or 1)
    end = min(end, start + most * _CODE_POINTS_A_CHARACTER)
    shown = text[start:end]
    count_chars = char_counter(shown)

    def fits(place: int) -> bool:
        return (budget.chars is None or count_chars(0, place) <= budget.chars) and (
            budget.words is None or count_words(shown[:place], lang) <= budget.words
        )

    whole = _furthest(range(1, len(shown) + 1), fits)
    clause = _furthest([found.start() for found in _CLAUSE_ENDS.finditer(shown)], fits)
    if clause >= _LEAST_USED * whole:
        return start + clause
    word = _furthest([found.start() for found in _WORD_ENDS.finditer(shown)], fits)
    return start + (word or whole)


def _furthest(places: Sequence[int], fits: Fits) -> int:
    """Give the last of some ascending places that fits, 0 for none; after one that does not fit, none does."""
    number = bisect_left(places, True, key=lambda place: not fits(place))
    return places[number - 1] if number else 0
