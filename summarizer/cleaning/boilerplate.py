"""What stands in articles without belonging to their text.

The wordings of each language are in ``boilerplate.txt``, written by hand and corrected by reading what they dropped
from a few hundred articles; what has a shape rather than a wording is here.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from summarizer.text.tables import LANGUAGES_KEPT, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    Match: TypeAlias = Callable[[str, int, int], re.Match[str] | None]

# Phrases that stand in English in every language's pages.
_EVERYWHERE = ("©", "ⓒ", "all rights reserved", "getty images")

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

STAMP = re.compile(r"(?=.*\b\d{1,2}[:.h]\d{2}\b)(?=.*\b(?:19|20)\d\d\b)(?:\W*(?:\d+|[^\W\d_]{1,10}\b)){3,9}\W*$")
"""A time, a date and hardly a word more."""

SUBHEADING = re.compile(
    r"[-–—] (?:[^\n.!?]{2,60}?)[ ]?[-–—] ?(?=[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ])"
    r"|[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ\d][A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ\d ,.:'’«»\"!?-]{11,80}"
    r"(?=[A-ZÀ-ÖØ-Þ]['’]?[a-zß-öø-ÿ]|[А-ЯЁЄІЇҐ][а-яёєіїґ])"
)
"""A subheading that runs into its paragraph: between dashes, or in capitals."""

# A word of a phrase that is shorter than this is in every other article.
_KEY_CHARS = 5


class Openings(dict[str, "Match | None"]):
    """Beginnings, lower case, that mark a sentence as boilerplate; the English ones serve every language.

    By a sentence's first character what finds one of them there, with or without marks before it; ``None`` where none
    begins so. Most sentences begin with a letter, and few openings with the same.
    """

    def __init__(self, lang: str) -> None:
        table = read_table("boilerplate")
        own = table.get(f"{lang} openings", ()) if lang != "en" else ()
        by_initial: dict[str, list[str]] = {}
        patterns = (*table["en openings"], *own)
        for pattern in patterns:
            for initial in _initials(pattern):
                by_initial.setdefault(initial, []).append(pattern)
        self._any = re.compile(r"[\W_]{0,8}" + _either(patterns)).match
        super().__init__(
            {initial: re.compile(_either(found)).match for initial, found in by_initial.items() if initial.isalpha()}
        )

    def __missing__(self, first: str) -> Match | None:
        return None if first.isalpha() else self._any

    def are_at(self, lowered: str, begin: int, end: int) -> bool:
        """Whether a text in lower case has one of them at ``begin``."""
        match = self[lowered[begin : begin + 1]]
        return match is not None and match(lowered, begin, end) is not None


@lru_cache(LANGUAGES_KEPT)
def openings(lang: str) -> Openings:
    """Give a language's openings."""
    return Openings(lang)


def _either(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(patterns) + ")"


def _initials(pattern: str) -> set[str]:
    """Give the characters that what a pattern matches can begin with."""
    if pattern.startswith("(?:"):
        inside, rest = _group(pattern)
        found = set().union(*(_initials(one or rest) for one in inside))
        return found | _initials(rest[1:]) if rest.startswith("?") else found
    if pattern.startswith("["):
        return set(pattern[1 : pattern.index("]")])
    first = pattern[1] if pattern.startswith("\\") else pattern[:1]
    return {first} | (_initials(pattern[2:]) if pattern[1:2] == "?" else set())


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


def phrases_in(lowered: str, lang: str) -> tuple[str, ...]:
    """Give the phrases in a text that mark a sentence as boilerplate wherever they stand in it.

    Args:
        lowered: the text in lower case.
        lang: ISO 639-1.
    """
    found = [key for key in _phrases(lang) if key in lowered]
    return tuple(phrase for key in found for phrase in _phrases(lang)[key] if phrase in lowered)


@lru_cache(LANGUAGES_KEPT)
def _phrases(lang: str) -> dict[str, tuple[str, ...]]:
    """Sort the phrases by a word that several of them share, so that few have to be looked for."""
    left = list(dict.fromkeys((*_EVERYWHERE, *read_table("boilerplate").get(f"{lang} phrases", ()))))
    by_key: dict[str, tuple[str, ...]] = {}
    while left:
        shared = Counter(word for phrase in left for word in {*phrase.split()} if len(word) >= _KEY_CHARS)
        key, times = max(shared.items(), key=lambda item: (item[1], len(item[0]), item[0]), default=("", 0))
        if times <= 1:
            by_key.update((phrase, (phrase,)) for phrase in left)
            break
        by_key[key] = tuple(phrase for phrase in left if key in phrase)
        left = [phrase for phrase in left if key not in phrase]
    return by_key
