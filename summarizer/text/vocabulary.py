"""The words of a language that were met, numbered, so that an article can be read without looking at them again."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from summarizer.text.dangling import pointing_words
from summarizer.text.stemming import stem
from summarizer.text.stopwords import stop_words
from summarizer.text.tables import LANGUAGES_KEPT, read_words
from summarizer.text.terms import TERM_CHARS
from summarizer.text.tokens import MOST_BLOCKS, MOST_LETTERS, blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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

# Some texts invent words: past so many, or so many letters, a vocabulary is replaced by an empty one before the next
# article.
_MOST_WORDS = 50_000
_MOST_LETTERS = 1 << 20
_FIRST_ROOM = 1 << 14

# Numbers of words are kept in a table of so many places, by the upper bits of their hashes.
_PLACE_BITS = 17
_SHIFT = np.uint64(64 - _PLACE_BITS)


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
        self._root_of: dict[str, int] = {}
        self._roots = np.zeros(0, np.intp)
        self._adding = Lock()
        self._numbers = np.zeros(1 << _PLACE_BITS, np.int32)
        # Of each word, how many letters it has and, a row for each, the blocks of these; nothing where it has more.
        self._lengths = np.zeros(_FIRST_ROOM, np.int32)
        self._blocks = np.zeros((MOST_BLOCKS, _FIRST_ROOM), np.uint64)
        self._letters = 0
        self.term = np.zeros(_FIRST_ROOM, np.int32)
        self.kind = np.zeros(_FIRST_ROOM, np.uint8)
        self.traits = np.zeros((_FIRST_ROOM, len(TRAITS)), np.float32)

    def __missing__(self, written: str) -> int:
        self._add([written])
        return self[written]

    @property
    def is_large(self) -> bool:
        """Whether it should give way to an empty one."""
        return len(self) > _MOST_WORDS or self._letters > _MOST_LETTERS

    def number(self, text: str, tokens: Tokens) -> NDArray[np.intp]:
        """Give the number of each of the words that were found in a text."""
        places = (tokens.hashes >> _SHIFT).view(np.int64)
        # An empty place says 0, which is then seen to be a mistake, as where another word has the place.
        numbers = self._numbers.take(places).astype(np.intp)
        mistaken = self._mistaken(tokens, numbers)
        starts = tokens.starts.take(mistaken)
        ends = starts + tokens.lengths.take(mistaken)
        written = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        if new := [word for word in written if word not in self]:
            self._add(new)
        if written:
            numbers[mistaken] = found = np.array(list(map(self.__getitem__, written)))
            places = places.take(mistaken)
            free = (self._numbers.take(places) == 0).nonzero()[0]
            self._numbers[places.take(free)] = found.take(free)
        return numbers

    def roots(self) -> NDArray[np.intp]:
        """Give, by the term's number, that of the first term which begins alike: of forms of one word, one for all.

        English terms are stems already, and numbers mean what they say: these are their own roots.
        """
        with self._adding:
            if len(self._roots) < len(self.terms):
                new = [
                    number
                    if self._is_english or not term.isalpha()
                    else self._root_of.setdefault(term[:TERM_CHARS], number)
                    for term, number in islice(self.terms.items(), len(self._roots), None)
                ]
                self._roots = np.concatenate([self._roots, np.array(new, np.intp)])
            return self._roots

    def _mistaken(self, tokens: Tokens, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
        """Find the words that are not, letter by letter, those that the numbers stand for."""
        mistaken: NDArray[np.bool_] = self._lengths.take(numbers) != tokens.lengths
        mistaken |= self._blocks[0].take(numbers) != tokens.first
        longer = tokens.longer
        mistaken[longer] |= (self._blocks[1:].take(numbers.take(longer), axis=1) != tokens.following).any(axis=0)
        return mistaken.nonzero()[0]

    def _add(self, written: Iterable[str]) -> None:
        """Read those words that are not known yet."""
        with self._adding:
            new = [word for word in dict.fromkeys(written) if word not in self]
            if new:
                self._read(new)

    def _read(self, written: Sequence[str]) -> None:
        begin, end = len(self), len(self) + len(written)
        while end > len(self.term):
            self._blocks = np.concatenate([self._blocks, np.zeros_like(self._blocks)], axis=1)
            self._lengths, self.term, self.kind, self.traits = (
                np.concatenate([known, np.zeros_like(known)])
                for known in (self._lengths, self.term, self.kind, self.traits)
            )
        terms, leanings = self.terms, self._leanings
        term_of: list[int] = []
        kinds: list[int] = []
        # In one list, for numpy reads lists of lists several times as slowly.
        traits: list[float] = []
        for each in written:
            word = each.lower()
            is_digit = not word.isalpha() and any(map(str.isdigit, word))
            size = len(word)
            is_stop = size < _SHORT_CHARS or word in self._stop
            term = stem(word) if self._is_english else word
            term_of.append(terms.setdefault(term, len(terms)))
            kinds.append(
                CAPITAL * (each[0] != word[0]) | DIGIT * is_digit | STOP * is_stop | POINTER * (word in self._pointing)
            )
            length = (size if size < _LONGEST_WORD else _LONGEST_WORD) * _LENGTH_SHARE
            traits += (is_digit, is_stop, leanings.get(term, 0.0), length, size <= _SHORT_CHARS)
        self.term[begin:end], self.kind[begin:end] = term_of, kinds
        self.traits[begin:end] = np.array(traits, np.float32).reshape(-1, len(TRAITS))
        sizes = list(map(len, written))
        self._letters += sum(sizes)
        # A length that no word has tells a longer word from those that it begins like.
        self._lengths[begin:end] = [size if size <= MOST_LETTERS else 0 for size in sizes]
        self._blocks[:, begin:end] = blocks_of(written)
        # Last, for others look them up meanwhile.
        self.update(zip(written, range(begin, end), strict=True))


class _Shelf:
    """The vocabulary of a language that is in use."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.vocabulary = Vocabulary(lang, leanings(lang))


@lru_cache(LANGUAGES_KEPT)
def leanings(lang: str) -> dict[str, float]:
    """Read what was learnt of a language's terms; nothing of most languages."""
    entries = (entry.rsplit(":", maxsplit=1) for entry in read_words(LEANINGS, lang))
    return {term: float(value) for term, value in entries}


_shelf = cache(_Shelf)


def vocabulary(lang: str) -> Vocabulary:
    """Give the vocabulary of a language, and replace it first when it has grown too large.

    Languages that nothing is known of share one: callers name as many as they like.
    """
    shelf = _shelf(lang if lang == "en" or stop_words(lang) or pointing_words(lang) or leanings(lang) else "")
    if shelf.vocabulary.is_large:
        shelf.vocabulary = Vocabulary(shelf.lang, leanings(shelf.lang))
    return shelf.vocabulary
