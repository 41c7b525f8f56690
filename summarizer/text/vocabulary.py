"""The words of a language that were met, numbered, so that an article can be read without looking at them again."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from summarizer.text.dangling import pointing_words
from summarizer.text.stemming import stem
from summarizer.text.stopwords import stop_words
from summarizer.text.tables import read_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from summarizer.text.tokens import Tokens

CAPITAL, DIGIT, STOP, POINTER = 1, 2, 4, 8
"""What a word is, as flags of one number; a pointer may, as a sentence's first, lean on the sentence before."""

TRAITS = ("digit", "stop", "leaning", "length", "short")
"""The columns of :attr:`Vocabulary.traits`."""

# Longer words count as this long; and the length is told in eights.
_LONGEST_WORD = 14
_LENGTH_SHARE = 0.125
_SHORT_CHARS = 2

LEANINGS = "leanings"
"""The table of terms and leanings, ``term:leaning``; ``tests.bench.train_summaries`` writes it."""

# Some texts invent words: past so many a vocabulary is replaced by an empty one before the next article.
_MOST_WORDS = 50_000
_FIRST_ROOM = 1 << 14

# Hashes of words are kept in a table of so many places, by their upper bits once they are mixed.
_PLACES = 1 << 16
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(64 - 16)


class Vocabulary(dict[str, int]):
    """The number of each word as written; a word is read when it is first asked for.

    Args:
        lang: ISO 639-1.
        leanings: of terms, where known.

    Attributes:
        terms: the number of each term.
        term: by the word's number, the number of the term that it stands for.
        kind: by the word's number, what it is, as flags.
        traits: by the word's number, what it is, as :data:`TRAITS`: 0 or 1; how much more than its place and use say
            a summary leans to its term; its length.
    """

    def __init__(self, lang: str, leanings: Mapping[str, float] | None = None) -> None:
        super().__init__()
        self._is_english = lang == "en"
        self._stop = stop_words(lang)
        self._pointing = pointing_words(lang)
        self._leanings = leanings or {}
        self.terms: dict[str, int] = {}
        self._adding = Lock()
        self._hashes = np.zeros(_PLACES, np.uint64)
        self._numbers = np.zeros(_PLACES, np.int32)
        # Those whose place another has taken.
        self._crowded: dict[int, int] = {}
        self.term = np.zeros(_FIRST_ROOM, np.int32)
        self.kind = np.zeros(_FIRST_ROOM, np.uint8)
        self.traits = np.zeros((_FIRST_ROOM, len(TRAITS)), np.float32)

    def __missing__(self, written: str) -> int:
        with self._adding:
            return self[written] if written in self else self._add(written)

    def number(self, text: str, tokens: Tokens) -> NDArray[np.intp]:
        """Give the number of each of the words that were found in a text."""
        places = ((tokens.hashes * _MIXER) >> _SHIFT).view(np.int64)
        numbers = self._numbers.take(places).astype(np.intp)
        for at in (self._hashes.take(places) != tokens.hashes).nonzero()[0].tolist():
            word_hash = int(tokens.hashes[at])
            number = self._crowded.get(word_hash)
            if number is None:
                number = self[text[tokens.starts[at] : tokens.ends[at]]]
                self._place(word_hash, int(places[at]), number)
            numbers[at] = number
        return numbers

    def _place(self, word_hash: int, place: int, number: int) -> None:
        with self._adding:
            if self._hashes[place]:
                self._crowded[word_hash] = number
            else:
                # Who reads without the lock must not see the hash before the number.
                self._numbers[place] = number
                self._hashes[place] = word_hash

    def _add(self, written: str) -> int:
        word, number = written.lower(), len(self)
        if number == len(self.term):
            self.term, self.kind, self.traits = (
                np.concatenate([known, np.zeros_like(known)]) for known in (self.term, self.kind, self.traits)
            )
        is_digit = not word.isalpha() and any(map(str.isdigit, word))
        is_stop = word in self._stop or len(word) < _SHORT_CHARS
        term = stem(word) if self._is_english else word
        self.term[number] = self.terms.setdefault(term, len(self.terms))
        self.kind[number] = (
            CAPITAL * (written[0] != word[0]) | DIGIT * is_digit | STOP * is_stop | POINTER * (word in self._pointing)
        )
        self.traits[number] = (
            is_digit,
            is_stop,
            self._leanings.get(term, 0.0),
            min(len(word), _LONGEST_WORD) * _LENGTH_SHARE,
            len(word) <= _SHORT_CHARS,
        )
        self[written] = number
        return number


class _Shelf:
    """The vocabulary of a language that is in use."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.vocabulary = Vocabulary(lang, leanings(lang))


@cache
def leanings(lang: str) -> dict[str, float]:
    """Read what was learnt of a language's terms; nothing of most languages."""
    entries = (entry.rsplit(":", maxsplit=1) for entry in read_words(LEANINGS, lang))
    return {term: float(value) for term, value in entries}


_shelf = cache(_Shelf)


def vocabulary(lang: str) -> Vocabulary:
    """Give the vocabulary of a language, and replace it first when it has grown too large."""
    shelf = _shelf(lang)
    if len(shelf.vocabulary) > _MOST_WORDS:
        shelf.vocabulary = Vocabulary(lang, leanings(lang))
    return shelf.vocabulary
