"""What is known of each block of a page: by itself, by where it stands, by how a first draft treats its like."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from bot.news.pages.block_marks import Marks, marks_of, promotes, refers

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from lxml import etree
    from numpy.typing import NDArray

    from bot.news.pages.blocks import Block

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.intp]

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
FEATURES: Final = _OF_ONE + _OF_PLACE + _OF_DRAFT

_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD: Final = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_ENDINGS: Final = tuple(".!?…。！？؟।")
_CLOSING: Final = "\"'”’»)]」』"
_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_PLAIN: Final = frozenset({"div", "section", "article"})
_LONG_WORDS: Final = 8
_WINDOW: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What is known of an article before its text is.

    Attributes:
        draft: a first extraction of the text.
        title: the headline.
        descriptions: what the page says that the article is about.
        stated_body: the text that JSON-LD gives; often empty or cut.
        author: names, separated by commas.
    """

    draft: str
    title: str = ""
    descriptions: tuple[str, ...] = ()
    stated_body: str = ""
    author: str = ""


class Shingles:
    """A text's triples of words, to tell how much of another text it holds."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self._triples = set(zip(tokens, tokens[1:], tokens[2:], strict=False))
        self._line = f" {' '.join(tokens)} "

    def cover(self, tokens: Sequence[str]) -> float:
        """Return the share of ``tokens`` that the text holds, 0 to 1."""
        if not self._triples or not tokens:
            return 0.0
        if len(tokens) < 3:
            return float(f" {' '.join(tokens)} " in self._line)
        triples = set(zip(tokens, tokens[1:], tokens[2:], strict=False))
        return len(triples & self._triples) / len(triples)


class _Place(NamedTuple):
    """What an element's own names speak of, and how many elements of each sort it stands in."""

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
        self.chars: Floats = np.array([max(1, len(b.text) - b.text.count(" ")) for b in blocks], dtype=np.float64)
        self.links: Floats = np.array([block.link_chars for block in blocks], dtype=np.float64) / self.chars
        self.parents = [_parent(block.element) for block in blocks]
        self.grandparents = [_parent(parent) for parent in self.parents]
        like = [
            (block.element.tag, block.element.get("class"), parent.tag, parent.get("class"))
            for block, parent in zip(blocks, self.parents, strict=True)
        ]
        self.groups = tuple(map(_numbered, (like, self.parents, self.grandparents)))
        same = self.groups[0]
        self.runs: Ints = np.concatenate(([0], np.cumsum(same[1:] != same[:-1])))


def tokens_of(text: str) -> list[str]:
    """Return lower-case words; each character of Chinese, Japanese and Korean is one."""
    return _WORD.findall(text.lower())


def block_features(blocks: Sequence[Block], tokens: Sequence[list[str]], hints: Hints) -> Floats:
    """Describe every block.

    Args:
        blocks: of one page, in order.
        tokens: the words of each.
        hints: what is known of the article.

    Returns:
        blocks × ``FEATURES``.
    """
    if not blocks:
        return np.zeros((0, len(FEATURES)))
    layout = _Layout(blocks, tokens)
    draft = Shingles(tokens_of(hints.draft))
    drafted: Floats = np.array([draft.cover(each) for each in tokens])
    return np.hstack([_of_one(blocks, tokens, hints, layout), _of_place(layout), _of_draft(layout, drafted)])


def _of_one(blocks: Sequence[Block], tokens: Sequence[list[str]], hints: Hints, layout: _Layout) -> Floats:
    title = set(tokens_of(hints.title))
    described = Shingles([word for text in hints.descriptions for word in tokens_of(text)])
    description = set(described.tokens)
    stated = Shingles(tokens_of(hints.stated_body))
    authors = [name.strip().casefold() for name in hints.author.split(",") if len(name.strip()) > 2]
    alike = [_alike(title, each) for each in tokens]
    headline = next((i for i, likeness in enumerate(alike) if likeness > 0.6), -1)
    places: dict[etree._Element, _Place] = {}
    rows: list[tuple[float, ...]] = []
    for i, (block, each) in enumerate(zip(blocks, tokens, strict=True)):
        element, text, chars = block.element, block.text, layout.chars[i]
        tag, distinct, size = element.tag, set(each), len(each)
        place = _place(element, places)
        own = place.own
        up, above = _place(layout.parents[i], places).own, _place(layout.grandparents[i], places).own
        rows.append((
            layout.links[i], block.bold_chars / chars, math.log1p(size), text.rstrip(_CLOSING).endswith(_ENDINGS),
            sum(map(str.isupper, text)) / chars, min(5, text.count(",") + text.count("、") + text.count("，")),
            tag == "p", tag in _HEADINGS, tag in _PLAIN, place.quotation > 0, place.figure > 0, min(2, place.article),
            min(3, place.clutter), own.clutter + up.clutter + above.clutter, own.media or up.media,
            min(2, place.body), min(25, place.depth), promotes(text, each), refers(text),
            len(title & distinct) / max(1, len(distinct)), alike[i], described.cover(each) if size >= 3 else 0.0,
            len(distinct & description) / max(1, len(description)),
            (min(15, i - headline) if i >= headline else -1) if headline >= 0 else 7,
            stated.cover(each) if stated.tokens else 0.5,
            size < 40 and any(name in text.casefold() for name in authors),
        ))  # fmt: skip
    return np.array(rows, dtype=np.float64)


def _of_place(layout: _Layout) -> Floats:
    words, links = layout.words, layout.links
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


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    return element if parent is None else parent


def _place(element: etree._Element, known: dict[etree._Element, _Place]) -> _Place:
    """Count what an element stands in; without recursion, as nesting is the sender's choice."""
    waiting: list[etree._Element] = []
    at: etree._Element | None = element
    while at is not None and at not in known:
        waiting.append(at)
        at = at.getparent()
    place = known[at] if at is not None else _OUTSIDE
    for one in reversed(waiting):
        tag, marks = one.tag, marks_of(one)
        place = _Place(
            marks,
            place.article + (tag == "article"),
            place.figure + (tag in {"figure", "figcaption"}),
            place.quotation + (tag == "blockquote"),
            place.clutter + (marks.clutter and tag not in {"html", "body"}),
            place.body + (marks.body and tag not in {"html", "body"}),
            place.depth + 1,
        )
        known[one] = place
    return place
