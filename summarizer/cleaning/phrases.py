"""Phrases that mark a sentence as boilerplate or as a caption wherever they stand in it: "cookie policy", "(left)"."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from summarizer.text.tables import LANGUAGES_KEPT, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# What stands in every language's pages: legal lines, and signs of navigation, links and handles.
_EVERYWHERE = (
    "©",
    "ⓒ",
    "all rights reserved",
    "getty images",
    "| ",
    " |",
    "• ",
    "► ",
    "▶",
    "→ ",
    "☞",
    "http://",
    "https://",
    "www.",
    "@",
)

# Six bytes of each phrase are looked for, all phrases at once: the rarest, as English letters go. Only every second
# place of a text is looked at, so that the six bytes after a phrase's rarest count as well.
_GRAM_BYTES = 6
_STEP = 2
_COMMONEST_FIRST = b" etaoinsrhldcumfgpwybvkxjqz"

# A long text is read in blocks, for its grams take eight times its room.
_BLOCK_BYTES = 1 << 18

# Grams are read as words of eight bytes, and looked up in a table by the upper bits of a hash of the first six.
_WORD = np.dtype("<u8")
_PADDING = bytes(_WORD.itemsize - _GRAM_BYTES)
_PLACE_BITS = 16
_MIXER = np.uint64(0x9E3779B97F4A << 16)
_SHIFT = np.uint64(64 - _PLACE_BITS)


class Phrases:
    """A language's phrases.

    Attributes:
        captions: those that mark captions.
    """

    def __init__(self, lang: str) -> None:
        table = read_table("boilerplate")
        self.captions = frozenset(table.get(f"{lang} captions", ()))
        everything = dict.fromkeys((*_EVERYWHERE, *table.get(f"{lang} phrases", ()), *self.captions))
        long = [phrase for phrase in everything if len(phrase.encode()) >= _GRAM_BYTES + _STEP - 1]
        # Shorter ones are found by their first sign, which few texts have, and costs next to nothing.
        self._short = [(_sign(phrase.strip()), phrase) for phrase in everything if phrase not in long]
        # By place in the table: what a phrase has before its gram, and the phrase.
        self._at_place: dict[int, list[tuple[int, bytes]]] = {}
        self._is_place = np.zeros(1 << _PLACE_BITS, np.bool_)
        for phrase in map(str.encode, long):
            rarest = _rarest(phrase)
            for begin in range(rarest, rarest + _STEP):
                [place] = _places(phrase[begin : begin + _GRAM_BYTES]).tolist()
                self._at_place.setdefault(place, []).append((begin, phrase))
                self._is_place[place] = True

    def found_in(self, lowered: str) -> list[str]:
        """Give those that a text in lower case has."""
        encoded = lowered.encode("utf-8", "surrogatepass")
        found = {
            phrase.decode()
            for at, place in self._met(encoded)
            for begin, phrase in self._at_place[place]
            if encoded.startswith(phrase, max(at - begin, 0))
        }
        return [*found, *(phrase for sign, phrase in self._short if sign in lowered and phrase in lowered)]

    def _met(self, encoded: bytes) -> Iterator[tuple[int, int]]:
        """Give where grams stand in a text that may be those of phrases, and their places in the table."""
        for begin in range(0, len(encoded), _BLOCK_BYTES):
            places = _places(encoded[begin : begin + _BLOCK_BYTES + _GRAM_BYTES - 1])
            met = self._is_place.take(places).nonzero()[0]
            yield from zip((met * _STEP + begin).tolist(), places.take(met).tolist(), strict=True)


@lru_cache(LANGUAGES_KEPT)
def phrases(lang: str) -> Phrases:
    """Give a language's phrases."""
    return Phrases(lang)


def _sign(phrase: str) -> str:
    return phrase if phrase[0].isalnum() else phrase[0]


def _rarest(phrase: bytes) -> int:
    """Say where the grams of a phrase begin, one after the other, that have the rarest letters."""
    rarity = [_COMMONEST_FIRST.find(byte) % len(_COMMONEST_FIRST) for byte in phrase]
    size = _GRAM_BYTES + _STEP - 1
    return max(range(len(phrase) - size + 1), key=lambda begin: sum(rarity[begin : begin + size]))


def _places(encoded: bytes) -> NDArray[np.int64]:
    """Give the place in the table of six bytes that follow each other, from every second byte on."""
    padded = encoded + _PADDING
    many = max((len(padded) - _WORD.itemsize) // _STEP + 1, 0)
    words: NDArray[np.uint64] = np.ndarray((many,), _WORD, padded, strides=(_STEP,))
    places = words * _MIXER
    places >>= _SHIFT
    return places.view(np.int64)
