"""Which blocks of a page are its article: boosted trees, which ``tests.bench.train_pages`` trains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from bot.news.pages.block_features import FEATURES, PageBlocks, tokens_of
from bot.news.pages.block_marks import asks_to_write, refers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from bot.news.pages.block_features import Triple
    from bot.news.pages.blocks import Block, Box

    Floats: TypeAlias = NDArray[np.float64]

TREES_FILE: Final = Path(__file__).with_name("block_trees.json")
_REPEATED_WORDS: Final = 12
_REPEATED_SHARE: Final = 0.8
_MOSTLY: Final = 0.4
_MOST_DOUBT: Final = 0.07
_FEWEST_WORDS: Final = 20
_NEAREST: Final = 5
"""How many boxes up a list or a quotation is looked for."""


class PartKind(StrEnum):
    """What a part of an article is to its readers."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTATION = "quotation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A paragraph of an article, or what stands for one, on one line."""

    kind: PartKind
    text: str


class BlockTrees:
    """Trees that vote on each block.

    Args:
        stated: what the file of trees holds: ``features`` by name, and ``trees``, each with ``feature``,
            ``threshold``, ``left``, ``right`` and ``value``, one number for each node; a leaf leads to itself.
    """

    def __init__(self, stated: dict[str, Any]) -> None:
        numbers = {name: number for number, name in enumerate(FEATURES)}
        order = np.array([numbers[name] for name in stated["features"]], dtype=np.intp)
        sizes = [len(tree["feature"]) for tree in stated["trees"]]
        self._roots = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
        base = np.repeat(self._roots, sizes)

        def joined(key: str) -> NDArray[Any]:
            return np.concatenate([np.asarray(tree[key]) for tree in stated["trees"]])

        self._feature = order[joined("feature")]
        self._threshold = joined("threshold").astype(np.float64)
        self._left = joined("left").astype(np.intp) + base
        self._right = joined("right").astype(np.intp) + base
        self._value = joined("value").astype(np.float64)
        self._depth = int(stated["depth"])

    def chances(self, features: Floats) -> Floats:
        """Return for each block the chance that it is the article's, 0 to 1.

        Args:
            features: blocks × ``FEATURES``.
        """
        count, width = features.shape
        flat = np.ascontiguousarray(features).ravel()
        rows = (np.arange(count, dtype=np.intp) * width)[:, None]
        nodes = np.broadcast_to(self._roots, (count, len(self._roots)))
        for _ in range(self._depth):
            goes_left = flat[rows + self._feature[nodes]] <= self._threshold[nodes]
            nodes = np.where(goes_left, self._left[nodes], self._right[nodes])
        chances: Floats = 1 / (1 + np.exp(-self._value[nodes].sum(axis=1)))
        return chances


class PageTrees(NamedTuple):
    """Who decides: first those that know the blocks alone, and where these doubt, those that know a draft besides."""

    alone: BlockTrees
    beside: BlockTrees

    def chances(self, page: PageBlocks, draft: Callable[[], str]) -> Floats:
        """Return for each block the chance that it is the article's, 0 to 1.

        Args:
            page: the blocks.
            draft: makes a first extraction of the text, which takes longer than all else.
        """
        chances = self.alone.chances(page.alone)
        if doubt(chances, page) > _MOST_DOUBT:
            chances = self.beside.chances(page.beside(tokens_of(draft())))
        return chances


def doubt(chances: Floats, page: PageBlocks) -> float:
    """Return how many words may have been judged wrongly, as a share of those of the article; 1 where it has few.

    Args:
        chances: that each block is the article's.
        page: the blocks.
    """
    words: Floats = np.array([len(each) for each in page.tokens], dtype=np.float64)
    held = float(words @ chances)
    return float(words @ np.minimum(chances, 1 - chances)) / held if held >= _FEWEST_WORDS else 1.0


@cache
def shipped_trees() -> PageTrees:
    """Load the trees that come with the package."""
    return read_trees(json.loads(TREES_FILE.read_text(encoding="utf-8")))


def read_trees(stated: dict[str, Any]) -> PageTrees:
    """Make trees of what the file of trees holds: those ``alone`` and those ``beside`` a draft."""
    return PageTrees(alone=BlockTrees(stated["alone"]), beside=BlockTrees(stated["beside"]))


def find_parts(page: PageBlocks, draft: Callable[[], str], trees: PageTrees | None = None) -> list[Part]:
    """Choose the blocks that make up the article.

    Args:
        page: the blocks.
        draft: makes a first extraction of the text; called where the blocks alone leave doubt.
        trees: who decides; ``None``: those that come with the package.
    """
    chances = (trees or shipped_trees()).chances(page, draft)
    return compose(
        page, [chance > 0.5 and not _leads_away(block) for block, chance in zip(page.blocks, chances, strict=True)]
    )


def compose(page: PageBlocks, chosen: Sequence[bool]) -> list[Part]:
    """Put the chosen blocks together; what a page says again in another place is left out.

    Args:
        page: the blocks.
        chosen: whether each is the article's.
    """
    parts: list[Part] = []
    said: dict[Triple, Box | None] = {}
    for block, each, triples, is_chosen in zip(page.blocks, page.tokens, page.triples, chosen, strict=True):
        if not is_chosen or not each:
            continue
        if len(each) >= _REPEATED_WORDS:
            parent = block.box.parent
            # Recipes repeat themselves in one place; whole texts stand twice in different ones.
            repeated = sum(said[triple] is not parent for triple in triples & said.keys())
            if repeated >= _REPEATED_SHARE * len(triples):
                continue
            for triple in triples:
                said.setdefault(triple, parent)
        parts.append(Part(kind=_kind(block.box), text=block.text))
    return parts


def _leads_away(block: Block) -> bool:
    """Tell "Read more: …" and its like, most of which is a link, and calls to write to the newsroom."""
    if asks_to_write(block.text):
        return True
    return block.link_chars > _MOSTLY * len(block.text) and refers(block.text)


def _kind(box: Box) -> PartKind:
    at: Box | None = box
    for _ in range(_NEAREST):
        if at is None:
            break
        match at.tag:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                return PartKind.HEADING
            case "li" | "dd" | "dt":
                return PartKind.ITEM
            case "blockquote":
                return PartKind.QUOTATION
            case _:
                at = at.parent
    return PartKind.PARAGRAPH
