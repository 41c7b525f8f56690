"""The words of a text as arrays: where each stands, its letters by fours, and a number that tells it from most others.

An article has some seven hundred words. Cut out one by one, and looked up one by one, they cost more than all that is
computed of them afterwards; as arrays they cost a tenth.
"""

from __future__ import annotations

import re
from functools import cache
from os import urandom
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.intp]
    Blocks = NDArray[np.uint64]

_MOST_CHARS = 1 << 18
_PLANE = 1 << 16

BLOCK_LETTERS = 4
"""So many letters of two bytes each are read, and compared, as one number."""

MOST_BLOCKS = 4
"""Of longer words only the beginning is read so."""

MOST_LETTERS = MOST_BLOCKS * BLOCK_LETTERS

_LAST = chr(_PLANE - 1)
_PADDING = " " * BLOCK_LETTERS
# Where the blocks after a word's first begin.
_NEXT = np.arange(BLOCK_LETTERS, MOST_LETTERS, BLOCK_LETTERS)[:, None]
# By the number of a block's letters, the bits that they take.
_MASKS = np.array([(1 << 16 * letters) - 1 for letters in range(BLOCK_LETTERS + 1)], np.uint64)

# A hash is the sum of the blocks, each by an odd factor of its own, modulo 2 ** 64 (multiplicative hashing;
# Dietzfelbinger and others, 1997). Others in each process, so that no text can be written whose words meet those of
# others, which would be told apart, but slowly; nothing else depends on them.
_FACTORS = np.frombuffer(urandom(8 * MOST_BLOCKS), np.uint64) | np.uint64(1)


class Tokens(NamedTuple):
    """Words, in the text's order.

    Args:
        starts: where each begins.
        lengths: how many letters each has.
        sentence: which of the sentences it stands in.
        hashes: the same for the same word, and for most others another.
        first: their first letters.
        longer: which have more letters than one block.
        following: the letters of these after the first, a row for each block.
    """

    starts: Ints
    lengths: Ints
    sentence: Ints
    hashes: Blocks
    first: Blocks
    longer: Ints
    following: Blocks


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
    padded = f" {text} {_PADDING}"
    encoded = padded.encode("utf-16-le", "surrogatepass")
    codes = np.frombuffer(encoded, np.uint16)
    if len(codes) != len(padded):
        return None
    is_word = _word_table().take(codes)
    edges = (is_word[1:] != is_word[:-1]).nonzero()[0]
    # A sentence may begin or end within a word, after a heading that runs into it.
    if (cuts := (is_word.take(bounds) & is_word.take(bounds + 1)).nonzero()[0]).size:
        within = bounds.take(cuts)
        edges = np.sort(np.concatenate([edges, np.unique(within).repeat(2)]))
    starts = edges[::2].copy()
    lengths = edges[1::2] - starts
    # Behind an odd number of bounds a word stands within a sentence.
    passed = np.bincount(starts.searchsorted(bounds), minlength=len(starts) + 1)[:-1].cumsum()
    kept = (passed & 1).nonzero()[0]
    starts, lengths, sentence = starts.take(kept), lengths.take(kept), passed.take(kept) >> 1
    # Every four letters that follow each other, as one number.
    every: Blocks = np.ndarray((len(text) + 1,), "<u8", encoded, offset=2, strides=(2,)).copy()
    first = every.take(starts)
    first &= _MASKS.take(lengths, mode="clip")
    hashes = first * _FACTORS[0]
    longer = (lengths > BLOCK_LETTERS).nonzero()[0]
    following = every.take(starts.take(longer) + _NEXT, mode="clip")
    following &= _MASKS.take(lengths.take(longer) - _NEXT, mode="clip")
    hashes[longer] += (following * _FACTORS[1:, None]).sum(0)
    return Tokens(starts, lengths, sentence, hashes, first, longer, following)


def blocks_of(words: Sequence[str]) -> NDArray[np.uint64]:
    """Give the blocks of single words, a column for each; of longer words their beginning."""
    written = "".join([word[:MOST_LETTERS].ljust(MOST_LETTERS, "\0") for word in words])
    encoded = written.encode("utf-16-le", "surrogatepass")
    if len(encoded) > 2 * len(written):
        # Words with characters beyond the basic plane are never compared by blocks.
        encoded = "".join([min(letter, _LAST) for letter in written]).encode("utf-16-le", "surrogatepass")
    blocks: Blocks = np.frombuffer(encoded, "<u8")
    return blocks.reshape(len(words), MOST_BLOCKS).T


@cache
def _word_table() -> NDArray[np.bool_]:
    table = np.zeros(_PLANE, np.bool_)
    for run in re.finditer(r"\w+", "".join(map(chr, range(_PLANE)))):
        table[slice(*run.span())] = True
    return table
