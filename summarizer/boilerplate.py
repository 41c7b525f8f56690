"""What stands in articles without belonging to their text.

The wordings of each language are in ``boilerplate.txt``, written by hand and corrected by reading what they dropped
from a few hundred articles; what has a shape rather than a wording is here.
"""

from __future__ import annotations

import re
from functools import cache

from summarizer.tables import read_table

# Phrases that stand in English in every language's pages.
_EVERYWHERE = ("©", "all rights reserved", "getty images")

_AGENCIES = "|".join(map(re.escape, read_table("agencies")["names"]))

_UPPER = "A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ"
_PLACE = rf"[{_UPPER}][\w.'’\-]{{0,30}}(?:[ ,/]{{1,2}}(?:[{_UPPER}]|d[eu] |am |an der )[\w.'’\-]{{0,30}}){{0,5}}"
_MONTH = r"[^\W\d_]{3,10}"
_DATE = rf"(?:[,.]? ?(?:\d{{1,2}}\.? ?{_MONTH}|{_MONTH}\.? \d{{1,2}})(?:,? \d{{4}}|\.)?)"
_DASH = r"\s*(?:--|[—–:-])\s*"
_MORE = r"(?:[/ ,][\w ]{2,20})?"
_TEXT_FOLLOWS = rf"\s+(?=[{_UPPER}«\"“„])"

DATELINE = re.compile(
    r"\s*(?:"
    + "|".join(
        (
            rf"(?:{_PLACE}(?:{_DATE}|, \d{{1,2}})?\s*)?[(/](?:{_AGENCIES}){_MORE}[)/]\.?(?:{_DASH})?(?=\S)",
            rf"{_PLACE}{_DATE}\s*(?:--|[—–]){_TEXT_FOLLOWS}",
            rf"[{_UPPER}]{{2}}[{_UPPER}.,/ '’\-]{{1,40}}\s*(?:--|[—–-]){_TEXT_FOLLOWS}",
            rf"[{_UPPER}]{{3,30}}(?:[ ,]{{1,2}}[{_UPPER}][\w.'’\-]{{0,30}}){{1,5}}\s*(?:--|[—–]){_TEXT_FOLLOWS}",
            rf"(?:{_AGENCIES})\s*(?:--|[—–-]){_TEXT_FOLLOWS}",
        )
    )
    + ")"
)
"""A dateline at the head of an article, with the dash and space that part it from the text."""

BIOGRAPHY = re.compile(
    r"(?:[A-Z][\w.'’-]+ ){2,4}(?:is|was|are) (?:an? |the )?(?:[\w'’-]+ ){0,5}?(?:reporter|editor|correspondent"
    r"|columnist|contributor|journalist|professor|fellow|author|writer|analyst|founder|director|producer)\b"
)
"""Who wrote the article, as English papers put it in the last lines; counts only there."""

OPENING_CHARS = 100
"""How much of a sentence :func:`openings` needs to see."""


@cache
def openings(lang: str) -> re.Pattern[str]:
    """Give the pattern of beginnings, lower case, that mark a sentence as boilerplate; English ones serve all."""
    table = read_table("boilerplate")
    own = table.get(f"{lang} openings", ()) if lang != "en" else ()
    return re.compile(r"[\W_]{0,8}(?:" + "|".join((*table["en openings"], *own)) + ")")


@cache
def phrases(lang: str) -> tuple[str, ...]:
    """Give the phrases, lower case, that mark a sentence as boilerplate wherever they stand in it."""
    return tuple(dict.fromkeys((*_EVERYWHERE, *read_table("boilerplate").get(f"{lang} phrases", ()))))
