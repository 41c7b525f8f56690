"""What stands in articles without belonging to their text.

The wordings of each language are in ``boilerplate.txt``, written by hand and corrected by reading what they dropped
from a few hundred articles; what has a shape rather than a wording is here. Phrases that count wherever they stand in a
sentence are found by :mod:`summarizer.cleaning.phrases`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from summarizer.text.tables import LANGUAGES_KEPT, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    Match: TypeAlias = Callable[[str, int, int], re.Match[str] | None]

BIOGRAPHY = re.compile(
    r"(?:[A-Z][\w.'’-]+ ){2,4}(?:is|was|are) (?:an? |the )?(?:[\w'’-]+ ){0,5}?(?:reporter|editor|correspondent"
    r"|columnist|contributor|journalist|professor|fellow|author|writer|analyst|founder|director|producer)\b"
)
"""Who wrote the article, as English papers put it in the last lines; counts only there."""

BYLINE = re.compile(
    r"(?:By|BY|Von|Par|Por|Di|Door|Av|Af|Przez|Autor|Auteur|Автор|Текст)\s+[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ][\w.'’-]+"
    r"(?:\s+(?:[a-z]{2,3}\s+)?[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ][\w.'’-]+){1,3}\s*(?:[,|.;•]|$)"
)
"""Who wrote the article, as papers put it in the first lines; counts only there, in short sentences."""

_NAME = r"[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ][\w'’-]*"
AUTHORS = re.compile(
    rf"{_NAME}(?: {_NAME}){{0,3}}\.?,? ?\.? (?:and|und|et|y|e|i|і|та|и|och|og|en) {_NAME}(?: {_NAME}){{0,3}} ?\.?$"
)
"""Two names and nothing more, as a byline holds them whose "By" is a line of its own; counts only at the head."""

STAMP = re.compile(r"(?=.*\b\d{1,2}[:.h]\d{2}\b)(?=.*\b(?:19|20)\d\d\b)(?:\W*(?:\d+|[^\W\d_]{1,10}\b)){3,9}\W*$")
"""A time, a date and hardly a word more."""

SUBHEADING = re.compile(
    r"[-–—] (?:[^\n.!?]{2,60}?)[ ]?[-–—] ?(?=[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ])"
    r"|[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ\d][A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ\d ,.:'’«»\"!?-]{11,80}"
    r"(?=[A-ZÀ-ÖØ-Þ]['’]?[a-zß-öø-ÿ]|[А-ЯЁЄІЇҐ][а-яёєіїґ])"
)
"""A subheading that runs into its paragraph: between dashes, or in capitals."""

HEAD_CHARS = 4
"""So many of a sentence's first characters tell which openings it could have."""

_HEADS_KEPT = 1 << 13

# A character that an opening has once: one of a set, one behind a backslash, or one that means itself.
_CHARACTER = re.compile(r"(?:\[([^\]^\\-]+)\]|\\(\W)|([^\\.$^*+?{}\[\]|()]))(?![*+{])")


class Openings:
    """Beginnings, lower case, that mark a sentence as boilerplate, the English ones in every language, or as a teaser.

    Attributes:
        possible: by a sentence's first :data:`HEAD_CHARS` characters, what finds such a beginning there, with or
            without marks before it; ``None`` where none begins so, as is true of most sentences.
    """

    def __init__(self, lang: str) -> None:
        table = read_table("boilerplate")
        own = table.get(f"{lang} openings", ()) if lang != "en" else ()
        teasers = table.get(f"{lang} teasers", ())
        patterns = (*table["en openings"], *own, *teasers)
        self._by_initial: dict[str, list[tuple[str, str]]] = {}
        for pattern in patterns:
            for beginning in sorted(_beginnings(pattern, HEAD_CHARS)):
                self._by_initial.setdefault(beginning[:1], []).append((beginning, pattern))
        self._behind_marks = re.compile(r"[\W_]{0,8}" + _either(patterns)).match
        self._matching = cache(_matching)
        self._teases = re.compile(rf"[\W_]{{0,8}}{_either(teasers)}").match if teasers else None
        self.possible: Callable[[str], Match | None] = lru_cache(_HEADS_KEPT)(self._find)

    def are_at(self, lowered: str, begin: int, end: int) -> bool:
        """Whether a text in lower case has one of them at ``begin``."""
        match = self.possible(lowered[begin : begin + HEAD_CHARS])
        return match is not None and match(lowered, begin, end) is not None

    def tease_at(self, lowered: str, begin: int, end: int) -> bool:
        """Whether what stands at ``begin`` belongs to the report and only promises what others tell."""
        return (
            self._teases is not None
            and self.possible(lowered[begin : begin + HEAD_CHARS]) is not None
            and self._teases(lowered, begin, end) is not None
        )

    def _find(self, head: str) -> Match | None:
        if found := self._beginning(head):
            return self._matching(found) if head[:1].isalpha() else self._behind_marks
        is_marked = not (head[:1].isalpha() or head[1:2].isalpha()) or self._beginning(head[1:])
        return self._behind_marks if is_marked and not head[:1].isalpha() else None

    def _beginning(self, head: str) -> tuple[str, ...]:
        """Give the openings that begin as ``head`` does, as far as both are known."""
        return tuple(
            dict.fromkeys(
                pattern
                for beginning, pattern in self._by_initial.get(head[:1], ())
                if head.startswith(beginning) or beginning.startswith(head)
            )
        )


@lru_cache(LANGUAGES_KEPT)
def openings(lang: str) -> Openings:
    """Give a language's openings."""
    return Openings(lang)


def _either(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(patterns) + ")"


def _matching(patterns: tuple[str, ...]) -> Match:
    return re.compile(_either(patterns)).match


def _beginnings(pattern: str, chars: int) -> set[str]:
    """Give what a pattern's matches begin with: so many characters, or fewer where anything may follow."""
    if not (pattern and chars):
        return {""}
    if pattern.startswith("(?:"):
        inside, rest = _group(pattern)
        is_optional = rest.startswith("?")
        rest = rest[is_optional:]
        found = set().union(*(_beginnings(one + rest, chars) for one in inside))
    elif character := _CHARACTER.match(pattern):
        rest = pattern[character.end() :]
        is_optional = rest.startswith("?")
        rest = rest[is_optional:]
        after = _beginnings(rest, chars - 1)
        found = {letter + one for letter in character[character.lastindex or 0] for one in after}
    else:
        return {""}
    return found | _beginnings(rest, chars) if is_optional else found


def _group(pattern: str) -> tuple[list[str], str]:
    """Take the alternatives out of the group that a pattern begins with; give also what follows it."""
    depth, begin, inside = 0, len("(?:"), []
    for at, sign in enumerate(pattern):
        if sign == "|" and depth == 1:
            inside.append(pattern[begin:at])
            begin = at + 1
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return [*inside, pattern[begin:at]], pattern[at + 1 :]
    raise ValueError(pattern)
