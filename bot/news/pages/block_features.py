"""What is known of each block of a page: by itself, by where it stands, by how a first draft treats its like."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from bot.news.pages.block_marks import Marks, marks_of, promotes, refers

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    from bot.news.pages.blocks import Block, Box

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.intp]
    Triple: TypeAlias = tuple[str, str, str]

_OF_ONE: Final = (
    "links", "bold", "words", "ends", "capitals", "commas", "paragraph", "heading", "plain", "quotation", "figure",
    "article", "clutter", "clutter_near", "media_near", "body", "depth", "promotes", "refers", "in_title",
    "title_alike", "in_description", "of_description", "after_headline", "stated", "author",
)  # fmt: skip
_OF_PLACE: Final = (
    "before", "page_words", "same_words", "same_mean", "same_links", "same_count", "parent_words", "parent_mean",
    "parent_links", "parent_count", "grandparent_words", "grandparent_mean", "grandparent_links", "grandparent_count",
    "previous_words", "next_words", "words_before", "words_after", "of_biggest_parent", "of_biggest_same",
)  # fmt: skip
_OF_DRAFT: Final = (
    "drafted", "same_share", "same_rate", "parent_share", "parent_rate", "grandparent_share", "grandparent_rate",
    "run_rate", "previous_drafted", "next_drafted", "rate_before", "rate_after", "drafted_before", "drafted_after",
    "inside", "draft_words", "draft_share",
)  # fmt: skip
ALONE: Final = _OF_ONE + _OF_PLACE
"""What is known without a draft."""
FEATURES: Final = ALONE + _OF_DRAFT

_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_HAS_CJK: Final = re.compile(f"[{_CJK}]")
_WORD: Final = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_PLAIN_WORD: Final = re.compile(r"\w+")
_ENDINGS: Final = tuple(".!?…。！？؟।")
_CLOSING: Final = "\"'”’»)]」』"
_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_PLAIN: Final = frozenset({"div", "section", "article"})
_LONG_WORDS: Final = 8
_WINDOW: Final = 3
_CAPITALS_CHARS: Final = 120
"""So much of a block's beginning tells whether it is set in capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What is known of an article before its text is.

    Attributes:
        title: the headline.
        descriptions: what the page says that the article is about.
        stated_body: the text that JSON-LD gives; often empty or cut.
        author: names, separated by commas.
    """

    title: str = ""
    descriptions: tuple[str, ...] = ()
    stated_body: str = ""
    author: str = ""


def tokens_of(text: str) -> list[str]:
    """Return lower-case words; each character of Chinese, Japanese and Korean is one."""
    pattern = _PLAIN_WORD if text.isascii() or not _HAS_CJK.search(text) else _WORD
    return pattern.findall(text.lower())


def triples_of(tokens: Sequence[str]) -> frozenset[Triple]:
    """Return the runs of three words."""
    return frozenset(zip(tokens, tokens[1:], tokens[2:], strict=False))


class Shingles:
    """A text's triples of words, to tell how much of another text it holds."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self._triples = triples_of(tokens)
        self._line = f" {' '.join(tokens)} "

    def cover(self, tokens: Sequence[str], triples: frozenset[Triple]) -> float:
        """Return the share of a text that this one holds, 0 to 1.

        Args:
            tokens: its words.
            triples: and their runs of three.
        """
        if not self._triples or not tokens:
            return 0.0
        if len(tokens) < 3:
            return float(f" {' '.join(tokens)} " in self._line)
        return len(triples & self._triples) / len(triples)


class _Place(NamedTuple):
    """What a box's own names speak of, and how many of each sort it stands in."""

    own: Marks
    article: int = 0
    figure: int = 0
    quotation: int = 0
    clutter: int = 0
    body: int = 0
    depth: int = 0


_OUTSIDE: Final = _Place(Marks(clutter=False, media=False, body=False))


class _Layout:
    """How a page's blocks lie among each other.

    Args:
        blocks: in order.
        tokens: the words of each.
    """

    def __init__(self, blocks: Sequence[Block], tokens: Sequence[Sequence[str]]) -> None:
        self.words: Floats = np.array([len(each) for each in tokens], dtype=np.float64)
        self.parents = [block.box.parent or block.box for block in blocks]
        self.grandparents = [parent.parent or parent for parent in self.parents]
        looks = {box: (box.tag, box.element.get("class")) for box in {*self.parents, *(one.box for one in blocks)}}
        like = [(looks[block.box], looks[parent]) for block, parent in zip(blocks, self.parents, strict=True)]
        self.groups = (_numbered(like), _numbered(self.parents), _numbered(self.grandparents))
        same = self.groups[0]
        self.runs: Ints = np.concatenate(([0], np.cumsum(same[1:] != same[:-1])))


class PageBlocks:
    """The blocks of a page, described.

    Args:
        blocks: in order.
        hints: what is known of the article.
    """

    def __init__(self, blocks: Sequence[Block], hints: Hints) -> None:
        self.blocks = blocks
        self.tokens = [tokens_of(block.text) for block in blocks]
        self.triples = [triples_of(each) for each in self.tokens]
        self._hints = hints

    @cached_property
    def alone(self) -> Floats:
        """What is known of each without a draft: blocks × ``ALONE``."""
        if not self.blocks:
            return np.zeros((0, len(ALONE)))
        return np.hstack([self._of_one(), _of_place(self._layout, self._links)])

    def beside(self, draft: Sequence[str]) -> Floats:
        """Describe each with what a draft makes of it and its like.

        Args:
            draft: the words of a first extraction of the text.

        Returns:
            blocks × ``FEATURES``.
        """
        if not self.blocks:
            return np.zeros((0, len(FEATURES)))
        held = Shingles(draft)
        drafted: Floats = np.array([held.cover(*each) for each in zip(self.tokens, self.triples, strict=True)])
        return np.hstack([self.alone, _of_draft(self._layout, drafted)])

    @cached_property
    def _layout(self) -> _Layout:
        return _Layout(self.blocks, self.tokens)

    @cached_property
    def _chars(self) -> list[int]:
        return [max(1, len(block.text) - block.text.count(" ")) for block in self.blocks]

    @property
    def _links(self) -> Floats:
        return np.array([block.link_chars / chars for block, chars in zip(self.blocks, self._chars, strict=True)])

    def _of_one(self) -> Floats:
        hints, layout = self._hints, self._layout
        title = set(tokens_of(hints.title))
        described = Shingles([word for text in hints.descriptions for word in tokens_of(text)])
        description = set(described.tokens)
        stated = Shingles(tokens_of(hints.stated_body))
        authors = [name.strip().lower() for name in hints.author.split(",") if len(name.strip()) > 2]
        alike = [_alike(title, each) for each in self.tokens]
        headline = next((i for i, likeness in enumerate(alike) if likeness > 0.6), -1)
        places: dict[Box, _Place] = {}
        rows: list[tuple[float, ...]] = []
        for i, (block, each, triples, chars) in enumerate(
            zip(self.blocks, self.tokens, self.triples, self._chars, strict=True)
        ):
            tag, text, distinct, size = block.box.tag, block.text, set(each), len(each)
            place = _place(block.box, places)
            own, up, above = place.own, places[layout.parents[i]].own, places[layout.grandparents[i]].own
            rows.append((
                block.link_chars / chars, block.bold_chars / chars, math.log1p(size),
                text.rstrip(_CLOSING).endswith(_ENDINGS),
                sum(map(str.isupper, text[:_CAPITALS_CHARS])) / min(chars, _CAPITALS_CHARS),
                min(5, text.count(",") + text.count("、") + text.count("，")),
                tag == "p", tag in _HEADINGS, tag in _PLAIN, place.quotation > 0, place.figure > 0,
                min(2, place.article), min(3, place.clutter), own.clutter + up.clutter + above.clutter,
                own.media or up.media, min(2, place.body), min(25, place.depth), promotes(text, each), refers(text),
                len(title & distinct) / max(1, len(distinct)), alike[i],
                described.cover(each, triples) if size >= 3 else 0.0,
                len(distinct & description) / max(1, len(description)),
                (min(15, i - headline) if i >= headline else -1) if headline >= 0 else 7,
                stated.cover(each, triples) if stated.tokens else 0.5,
                size < 40 and any(name in text.lower() for name in authors),
            ))  # fmt: skip
        return np.array(rows, dtype=np.float64)


def _of_place(layout: _Layout, links: Floats) -> Floats:
    words = layout.words
    total = max(1.0, words.sum())
    columns: list[Floats] = [np.cumsum(words) / total, np.full(len(words), math.log1p(total))]
    biggest: list[Floats] = []
    for ids in layout.groups:
        held, count, linked = np.bincount(ids, words), np.bincount(ids), np.bincount(ids, words * links)
        columns += [
            (held / total)[ids],
            np.log1p(held / count)[ids],
            (linked / np.maximum(1, held))[ids],
            np.minimum(30, count)[ids],
        ]
        biggest.append((held / max(1.0, held.max()))[ids])
    before, after = _around(words * (1 - links))
    logs = np.log1p(words)
    columns += [
        np.concatenate(([0.0], logs[:-1])),
        np.concatenate((logs[1:], [0.0])),
        np.log1p(before),
        np.log1p(after),
        biggest[1],
        biggest[0],
    ]
    return np.column_stack(columns)


def _of_draft(layout: _Layout, drafted: Floats) -> Floats:
    words, count = layout.words, len(layout.words)
    kept = drafted * words
    total = kept.sum() or 1.0
    columns: list[Floats] = [drafted]
    for ids in layout.groups:
        held = np.bincount(ids, kept)
        columns += [(held / total)[ids], (held / np.maximum(1, np.bincount(ids, words)))[ids]]
    runs = layout.runs
    columns.append((np.bincount(runs, kept) / np.maximum(1, np.bincount(runs, words)))[runs])
    long = words >= 3
    places = np.flatnonzero(long)
    rank = np.searchsorted(places, np.arange(count))  # how many long ones come before
    padded = np.concatenate(([0.0], drafted[places], [0.0]))
    columns += [padded[rank], padded[np.minimum(rank + 1 + long, len(places) + 1)]]
    (kept_before, kept_after), (words_before, words_after) = _around(kept), _around(words)
    columns += [kept_before / (1 + words_before), kept_after / (1 + words_after)]
    before = (np.cumsum(kept) - kept) / total
    solid = np.flatnonzero((drafted > 0.8) & (words >= _LONG_WORDS))
    first, last = (solid[0], solid[-1]) if len(solid) else (count, -1)
    numbers = np.arange(count)
    columns += [
        before,
        1 - before - kept / total,
        ((numbers >= first) & (numbers <= last)).astype(np.float64),
        np.full(count, math.log1p(total)),
        np.full(count, total / max(1.0, words.sum())),
    ]
    return np.column_stack(columns)


def _around(values: Floats) -> tuple[Floats, Floats]:
    """Sum the values of the three blocks before each one, and of the three after it."""
    count = len(values)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(count)
    before = sums[at] - sums[np.maximum(0, at - _WINDOW)]
    after = sums[np.minimum(count, at + _WINDOW + 1)] - sums[np.minimum(count, at + 1)]
    return before, after


def _numbered(keys: Iterable[Hashable]) -> Ints:
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)


def _alike(title: set[str], tokens: Sequence[str]) -> float:
    if not title or len(tokens) > 3 * len(title) + 5:
        return 0.0
    found = set(tokens)
    return len(title & found) / len(title | found)


def _place(box: Box, known: dict[Box, _Place]) -> _Place:
    """Count what a box stands in; without recursion, as nesting is the sender's choice."""
    waiting: list[Box] = []
    at: Box | None = box
    while at is not None and at not in known:
        waiting.append(at)
        at = at.parent
    place = known[at] if at is not None else _OUTSIDE
    for one in reversed(waiting):
        tag, marks = one.tag, marks_of(one.element)
        outer = one.parent is None
        place = _Place(
            marks,
            place.article + (tag == "article"),
            place.figure + (tag in {"figure", "figcaption"}),
            place.quotation + (tag == "blockquote"),
            place.clutter + (marks.clutter and not outer),
            place.body + (marks.body and not outer),
            place.depth + 1,
        )
        known[one] = place
    return place
