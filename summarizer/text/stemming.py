"""English words without their inflection: plurals, -ed, -ing, and the letters that change before these."""

from __future__ import annotations

_FEWEST_LETTERS = 4
_VOWELS = frozenset("aeiouy")
_CONSONANTS_LEFT_DOUBLE = frozenset("lsz")
_NO_PLURAL = ("ss", "us", "is")


def stem(word: str) -> str:
    """Cut a lower-case English word so that "votes", "voted", "voting" and "vote" meet; up to three letters stay."""
    if len(word) < _FEWEST_LETTERS:
        return word
    if word[-1] == "s" and not word.endswith(_NO_PLURAL):
        word = word[:-2] if word.endswith(("ies", "sses")) and len(word) > _FEWEST_LETTERS else word[:-1]
    bare = word[:-3] if word.endswith("ing") else word[:-2] if word.endswith("ed") else ""
    if len(bare) > 1 and not _VOWELS.isdisjoint(bare):
        double = bare[-1] == bare[-2] and bare[-1] not in _VOWELS and bare[-1] not in _CONSONANTS_LEFT_DOUBLE
        word = bare[:-1] if double else bare
    if len(word) < _FEWEST_LETTERS:
        return word
    if word[-1] == "e":
        return word[:-1]
    return word[:-1] + "i" if word[-1] == "y" and word[-2] not in _VOWELS else word
