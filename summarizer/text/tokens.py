"""The words of a text as arrays: where each stands, and a number that tells it from most others.

An article has some seven hundred words. Cut out one by one, and looked up one by one, they cost more than all that is
computed of them afterwards; as arrays they cost a fifth.
"""

from __future__ import annotations

import re
from functools import cache
from os import urandom
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]
    Hashes = NDArray[np.uint32]
    Codes = NDArray[np.unsignedinteger]

_MOST_CHARS = 1 << 18
_PLANE = 1 << 16

# Of a polynomial in the code points, modulo 2 ** 32 (Karp and Rabin, 1987): odd, so that it has an inverse, and of the
# longest period. Another in each process, so that no text can be written whose words meet those of others, which would
# be told apart, but slowly; nothing else depends on it.
_MODULUS = 1 << 32
_BASE = int.from_bytes(urandom(4), "big") & ~7 | 5

_ASCII_WORDS = bytes(chr(code).isalnum() or chr(code) == "_" for code in range(128)) + bytes(128)


class Tokens(NamedTuple):
    """Words, in the text's order.

    Args:
        starts: where each begins.
        ends: where it ends.
        sentence: which of the sentences it stands in.
        hashes: the same for the same word, and for most others another.
        codes: the code points of the text, of a byte or two each; and of one space more.
    """

    starts: Ints
    ends: Ints
    sentence: Ints
    hashes: Hashes
    codes: Codes


def find_tokens(text: str, bounds: Ints) -> Tokens | None:
    """Find the words, which are runs of letters, digits and underscores, of sentences of a text.

    Args:
        text: what the sentences are slices of.
        bounds: where each begins and ends, ascending: two for each.

    Returns:
        ``None`` for a text that is very long or has characters beyond the basic plane.
    """
    if len(text) > _MOST_CHARS:
        return None
    padded = f" {text} "
    if padded.isascii():
        encoded = padded.encode()
        codes: Codes = np.frombuffer(encoded, np.uint8)
        is_word = np.frombuffer(encoded.translate(_ASCII_WORDS), np.bool_)
    else:
        codes = np.frombuffer(padded.encode("utf-16-le", "surrogatepass"), np.uint16)
        if len(codes) != len(padded):
            return None
        is_word = _word_table().take(codes)
    edges = (is_word[1:] != is_word[:-1]).nonzero()[0]
    # A sentence may begin or end within a word, after a heading that runs into it.
    if (cuts := (is_word.take(bounds) & is_word.take(bounds + 1)).nonzero()[0]).size:
        within = bounds.take(cuts)
        edges = np.sort(np.concatenate([edges, np.unique(within).repeat(2)]))
    starts = edges[::2]
    # An odd number of bounds before a word: it stands within a sentence.
    passed = bounds.searchsorted(starts, side="right")
    kept = (passed & 1).nonzero()[0]
    starts = starts.take(kept)
    powers, inverses = _powers(1 << len(padded).bit_length())
    if len(edges):
        # Between words there is nothing to add: each sum goes on to where the next begins.
        summands = codes * is_word * powers[: len(codes)]
        sums = np.add.reduceat(summands, edges[::2] + 1, dtype=np.uint32).take(kept)
    else:
        sums = np.zeros(0, np.uint32)
    # The same word has the same hash wherever it stands.
    sums *= inverses.take(starts)
    return Tokens(starts, edges[1::2].take(kept), passed.take(kept) >> 1, sums, codes[1:])


@cache
def _word_table() -> NDArray[np.bool_]:
    table = np.zeros(_PLANE, np.bool_)
    for run in re.finditer(r"\w+", "".join(map(chr, range(_PLANE)))):
        table[slice(*run.span())] = True
    return table


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Give the powers of the base, and of its inverse; fewer than :data:`_MOST_CHARS` make few arrays."""

    def powers(base: int) -> Hashes:
        factors = np.full(size, base, np.uint32)
        factors[0] = 1
        return np.multiply.accumulate(factors)

    return powers(_BASE), powers(pow(_BASE, -1, _MODULUS))
