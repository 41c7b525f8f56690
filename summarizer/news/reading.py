"""Articles as numbers: which term stands where, and what is known of each term.

What numpy does costs as much for one article as for several, so that these are read together: the arrays of one stand
behind those of the other, and nothing that is told of an article depends on those beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from summarizer.news.cleaned import Cleaned
from summarizer.text.terms import WIDE_SCRIPTS, cased_words, cased_words_between
from summarizer.text.tokens import find_tokens
from summarizer.text.vocabulary import CAPITAL, POINTER, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning.report import Piece
    from summarizer.text.vocabulary import Vocabulary

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float32]

# Keys and places are sorted as one number of so many bits.
_WORD_BITS = 63
_NO_WORDS = np.zeros(0, np.intp)
_LETTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The terms of the sentences of some articles, and the pairs of terms that follow each other in a sentence.

    A articles, n tokens, T terms, S sentences, P pairs. Terms and pairs are items, I = T + P of them: the terms first,
    then the pairs by their first and their second term. Each article has its own, one article's behind another's.

    Args:
        sentence_at: A + 1, where the sentences of each article begin, and one beyond the last.
        token_at: A + 1, where its tokens begin.
        term_at: A + 1, where its terms begin.
        pair_at: A + 1, where its pairs begin.
        terms: T, ascending: the number of each term in the language's vocabulary, and above it the article's.
        tokens: n, the term at each place, sentence after sentence.
        sentence: n, the sentence of each place.
        lengths: S, in tokens.
        starts: S, the place at which each sentence begins.
        is_filled: whether every sentence has a token.
        may_point: S, whether the sentence opens with what may be a word that leans on the one before.
        item_counts: I, how often each item occurs.
        item_first: I, the place at which each item, or its first term, first occurs.
        item_spread: I, how many sentences hold each item.
        held: the sentences that hold each item, those of the first item first, in the text's order.
        held_item: for each of these, the item.
        held_times: for each of these, how often it has the item.
        held_groups: I, where the sentences of each item begin in ``held``.
        traits: T × 5, what each term is by itself; see :class:`summarizer.text.vocabulary.Vocabulary`.
        capitals: T, the share of its occurrences inside sentences that are capitalised.
        inner: T, whether it occurs other than as a sentence's first word.
        in_title: T, whether the headline has it.
        in_first_paragraph: S, whether the sentence stands in the first of several lines.
        pair_left: P, the first term of each pair.
        pair_right: P, the second.
        pair_in_title: P, whether the headline has it.
    """

    sentence_at: Ints
    token_at: Ints
    term_at: Ints
    pair_at: Ints
    terms: Ints
    tokens: Ints
    sentence: Ints
    lengths: Ints
    starts: Ints
    is_filled: bool
    may_point: NDArray[np.bool_]
    item_counts: Ints
    item_first: Ints
    item_spread: Ints
    held: Ints
    held_item: Ints
    held_times: Ints
    held_groups: Ints
    traits: Floats
    capitals: Floats
    inner: NDArray[np.bool_]
    in_title: Floats
    in_first_paragraph: NDArray[np.bool_]
    pair_left: Ints
    pair_right: Ints
    pair_in_title: Floats

    @property
    def articles(self) -> int:
        """A, how many these are."""
        return len(self.token_at) - 1

    @property
    def counts(self) -> Ints:
        """T, how often each term occurs."""
        return self.item_counts[: len(self.terms)]

    @property
    def pair_counts(self) -> Ints:
        """P, how often each pair occurs."""
        return self.item_counts[len(self.terms) :]

    @property
    def pair_keys(self) -> Ints:
        """P, ascending: first term times T plus second term."""
        return self.pair_left * len(self.terms) + self.pair_right

    @property
    def digit(self) -> Floats:
        """T, 1 for a term that holds a digit."""
        return self.traits[:, 0]

    @property
    def stop(self) -> Floats:
        """T, 1 for a term that says little by itself."""
        return self.traits[:, 1]


def has_words(article: Cleaned) -> bool:
    """Whether any sentence of an article has a word, without which there is nothing to read."""
    return any(_LETTER.search(article.text, piece.start, piece.end) for piece in article.pieces)


def read_article(
    text: str, title: str, pieces: Sequence[Piece], lang: str, words: Vocabulary | None = None
) -> Reading | None:
    """Read one article; ``None`` where no sentence has a word.

    Args:
        text: the article.
        title: its headline, or an empty string.
        pieces: its sentences.
        lang: ISO 639-1.
        words: whose numbers of terms to use; ``None``: the language's.
    """
    article = Cleaned(text, title, pieces)
    return read_articles([article], lang, words) if has_words(article) else None


def read_articles(articles: Sequence[Cleaned], lang: str, words: Vocabulary | None = None) -> Reading:
    """Read the sentences and the headlines of articles in one language.

    Args:
        articles: each of which :func:`has_words`.
        lang: ISO 639-1.
        words: whose numbers of terms to use; ``None``: the language's.
    """
    words = vocabulary(lang) if words is None else words
    many, sentences = len(articles), [len(article.pieces) for article in articles]
    sentence_at = _bounds(sentences)
    found = _words(articles, sentence_at, lang, words)
    word_at, sentence = found.numbers, found.sentence
    lengths = np.bincount(sentence, minlength=int(sentence_at[-1]))
    ends = lengths.cumsum()
    starts = ends - lengths
    token_at = np.zeros(many + 1, np.intp)
    token_at[1:] = ends.take(sentence_at[1:] - 1)
    places = (sentence[1:] == sentence[:-1]).nonzero()[0]
    numbers, bits = words.term.take(word_at), len(words.terms).bit_length()
    items = _items(numbers, places, sentence, token_at, bits)
    tokens, size = items.tokens, len(items.terms)
    first = items.first[:size]
    is_filled = bool(lengths.all())
    opening = starts if is_filled else starts.take(lengths.nonzero()[0])
    inner = items.counts[:size] - np.bincount(tokens.take(opening), minlength=size)
    kinds = words.kind.take(word_at)
    may_point = (kinds.take(starts, mode="clip") & POINTER).astype(np.bool_)
    capital = kinds & CAPITAL
    capital[opening] = 0
    term_at = items.terms.searchsorted(np.arange(many + 1) << bits)
    left_at = items.first[size:]
    left, right = tokens.take(left_at), tokens.take(left_at + 1)
    headline = found.headline
    if len(headline):
        headline = words.term.take(headline) | (found.headline_of << bits)
    in_title, pair_in_title = _in_title(headline, bits, items.terms, left, right)
    return Reading(
        sentence_at=sentence_at,
        token_at=token_at,
        term_at=term_at,
        pair_at=left.searchsorted(term_at),
        terms=items.terms,
        tokens=tokens,
        sentence=sentence,
        lengths=lengths,
        starts=starts,
        is_filled=is_filled,
        may_point=may_point,
        item_counts=items.counts,
        item_first=items.first,
        item_spread=items.spread,
        held=items.held,
        held_item=items.held_item,
        held_times=items.held_times,
        held_groups=items.held_groups,
        # A term is what the first of its words is.
        traits=words.traits.take(word_at.take(first), axis=0),
        capitals=np.bincount(tokens.take(capital.nonzero()[0]), minlength=size).astype(np.float32)
        / np.maximum(inner, 1),
        inner=inner > 0,
        in_title=in_title,
        in_first_paragraph=found.starts < found.line_ends.repeat(sentences),
        pair_left=left,
        pair_right=right,
        pair_in_title=pair_in_title,
    )


def _bounds(sizes: Sequence[int]) -> Ints:
    """Say where each of some groups of such sizes begins, and where the last ends."""
    return np.array([0, *accumulate(sizes)])


class _Words(NamedTuple):
    """The words of some articles.

    Args:
        numbers: n, of the words in sentences, in the vocabulary.
        sentence: n, the sentence that each stands in.
        headline: numbers of the words in headlines.
        headline_of: the article of each of these.
        starts: S, where each sentence begins.
        line_ends: A, where an article's first line ends; where it has one only, at its beginning.
    """

    numbers: Ints
    sentence: Ints
    headline: Ints
    headline_of: Ints
    starts: Ints
    line_ends: Ints


def _words(articles: Sequence[Cleaned], sentence_at: Ints, lang: str, words: Vocabulary) -> _Words:
    """Find the words of articles and their headlines in one text: first the articles, then the headlines."""
    titled = [number for number, article in enumerate(articles) if article.title]
    parts = [*(article.text for article in articles), *(articles[number].title for number in titled)]
    *begins, _ = accumulate(map(len, parts), lambda begin, size: begin + size + 1, initial=0)
    starts = [piece.start for article in articles for piece in article.pieces]
    ends = [piece.end for article in articles for piece in article.pieces]
    sentences = len(starts)
    starts += [0] * len(titled)
    ends += [len(articles[number].title) for number in titled]
    bounds = np.empty((len(starts), 2), np.intp)
    bounds[:, 0] = starts
    bounds[:, 1] = ends
    if len(parts) > 1:
        counts = [len(article.pieces) for article in articles]
        bounds += np.array(begins).repeat(counts + [1] * len(titled))[:, None]
    line_ends = [
        max(article.text.find("\n", article.pieces[0].start), 0) + begin
        for begin, article in zip(begins, articles, strict=False)
    ]
    numbers, sentence = _numbers("\n".join(parts), bounds.ravel(), lang, words)
    headline = headline_of = _NO_WORDS
    if titled:
        split = int(sentence.searchsorted(sentences))
        headline, headline_of = numbers[split:], np.array(titled).take(sentence[split:] - sentences)
        numbers, sentence = numbers[:split], sentence[:split]
    return _Words(numbers, sentence, headline, headline_of, bounds[:sentences, 0], np.array(line_ends))


def _numbers(text: str, bounds: Ints, lang: str, words: Vocabulary) -> tuple[Ints, Ints]:
    """Give the number of each word between bounds, two for each sentence, and the sentence that it stands in."""
    if lang not in WIDE_SCRIPTS and (tokens := find_tokens(text, bounds)):
        return words.number(text, tokens), tokens.sentence
    pairs = list(zip(bounds[::2].tolist(), bounds[1::2].tolist(), strict=True))
    found, ends = cased_words_between(text, pairs, lang)
    numbers = np.fromiter(map(words.__getitem__, found), np.intp, len(found))
    return numbers, np.arange(len(pairs)).repeat(np.diff(ends, prepend=0))


def term_numbers(text: str, lang: str, words: Vocabulary) -> Ints:
    """Give the numbers of the terms of a text, one for each of its words."""
    found = cased_words(text, lang)
    numbers = np.fromiter(map(words.__getitem__, found), np.intp, len(found))
    return words.term[numbers].astype(np.intp)


def find_terms(terms: Ints, numbers: Ints) -> Ints:
    """Find numbers of terms among an article's; -1 for those that it does not have."""
    at = np.minimum(np.searchsorted(terms, numbers), len(terms) - 1)
    return np.where(terms[at] == numbers, at, -1)


def weighted_counts(numbers: Ints, weights: NDArray[np.floating], size: int) -> NDArray[np.floating]:
    """Sum weights by the number, below ``size``, that each belongs to."""
    # numpy's own types know this function only for whole numbers.
    return cast("NDArray[np.floating]", np.bincount(numbers, weights=weights, minlength=size))


class _Items(NamedTuple):
    """The items of an article, as :class:`Reading` has them."""

    terms: Ints
    tokens: Ints
    counts: Ints
    first: Ints
    spread: Ints
    held: Ints
    held_item: Ints
    held_times: Ints
    held_groups: Ints


def _items(numbers: NDArray[np.int32], places: Ints, sentence: Ints, token_at: Ints, bits: int) -> _Items:
    """Group the places of articles by term and by pair, and within these by sentence: one sort for both.

    Args:
        numbers: n, the number of the term at each place.
        places: of the first terms of pairs.
        sentence: n, the sentence of each place.
        token_at: A + 1, where each article begins.
        bits: how many a term's number has at most.
    """
    tokens_total, total = len(numbers), len(numbers) + len(places)
    keys = np.empty(total, np.int64)
    of_terms = keys[:tokens_total]
    of_terms[:] = numbers
    many, all_bits = len(token_at) - 1, bits
    if many > 1:
        of_terms |= np.arange(0, many << bits, 1 << bits).repeat(token_at[1:] - token_at[:-1])
        all_bits += many.bit_length()
    left = of_terms.take(places)
    # Above the key of any term.
    left += 1 << all_bits
    left <<= bits
    left |= numbers.take(places + 1)
    keys[tokens_total:] = left
    place = np.concatenate([np.arange(tokens_total), places])
    ordered, order = _sorted(keys, all_bits + bits + 1)
    held_at = sentence.take(place.take(order))
    # Where an item, and where an item or a sentence, begins; and one beyond the last.
    is_item = np.ones(total + 1, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_item[1:-1])
    is_held = is_item.copy()
    is_held[1:-1] |= held_at[1:] != held_at[:-1]
    bounds = is_held.nonzero()[0]
    opens = is_item.take(bounds)
    groups = opens.nonzero()[0]
    items, begins = bounds.take(groups), bounds[:-1]
    counts, spread = items[1:] - items[:-1], groups[1:] - groups[:-1]
    each = np.arange(len(counts))
    tokens = np.empty(tokens_total, np.intp)
    tokens[order[:tokens_total]] = each.repeat(counts)[:tokens_total]
    return _Items(
        terms=ordered.take(items[: int(items.searchsorted(tokens_total))]),
        tokens=tokens,
        counts=counts,
        first=place.take(order.take(items[:-1])),
        spread=spread,
        held=held_at.take(begins),
        held_item=each.repeat(spread),
        held_times=bounds[1:] - begins,
        held_groups=groups[:-1],
    )


def _sorted(keys: NDArray[np.int64], bits: int) -> tuple[NDArray[np.int64], Ints]:
    """Sort keys of so many bits; give also the places they stood at, those of one key in order."""
    shift = len(keys).bit_length()
    if bits + shift > _WORD_BITS:
        order = keys.argsort(kind="stable")
        return keys[order], order
    # Key and place in one number sort several times faster than places by key.
    packed = keys << shift
    packed |= np.arange(len(keys))
    packed.sort()
    return packed >> shift, packed & ((1 << shift) - 1)


def _in_title(headline: Ints, bits: int, terms: Ints, left: Ints, right: Ints) -> tuple[Floats, Floats]:
    """Say which terms, and which pairs of them, the headline of their article has."""
    in_title, pair_in_title = np.zeros(len(terms), np.float32), np.zeros(len(left), np.float32)
    if len(headline):
        local, article = find_terms(terms, headline), headline >> bits
        in_title[local[local >= 0]] = 1.0
        together = (local[1:] >= 0) & (local[:-1] >= 0) & (article[1:] == article[:-1])
        if len(left):
            size = len(terms)
            at = find_terms(left * size + right, (local[:-1] * size + local[1:])[together])
            pair_in_title[at[at >= 0]] = 1.0
    return in_title, pair_in_title
