"""Which blocks of a page are its article: boosted trees, which ``tests.bench.train_pages`` trains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from bot.news.pages.block_features import FEATURES, block_features, tokens_of
from bot.news.pages.block_marks import refers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree
    from numpy.typing import NDArray

    from bot.news.pages.block_features import Hints
    from bot.news.pages.blocks import Block

    Floats: TypeAlias = NDArray[np.float64]

TREES_FILE: Final = Path(__file__).with_name("block_trees.json")
_REPEATED_WORDS: Final = 12
_REPEATED_SHARE: Final = 0.8
_MOSTLY: Final = 0.4
_NEAREST: Final = 5
"""How many elements up a list or a quotation is looked for."""


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


@cache
def shipped_trees() -> BlockTrees:
    """Load the trees that come with the package."""
    return BlockTrees(json.loads(TREES_FILE.read_text(encoding="utf-8")))


def find_parts(blocks: Sequence[Block], hints: Hints, trees: BlockTrees | None = None) -> list[Part]:
    """Choose the blocks that make up the article.

    Args:
        blocks: of one page, in order.
        hints: what is known of the article.
        trees: who decides; ``None``: those that come with the package.
    """
    tokens = [tokens_of(block.text) for block in blocks]
    chances = (trees or shipped_trees()).chances(block_features(blocks, tokens, hints))
    return compose(
        blocks,
        tokens,
        [chance > 0.5 and not _leads_away(block) for block, chance in zip(blocks, chances, strict=True)],
    )


def compose(blocks: Sequence[Block], tokens: Sequence[list[str]], chosen: Sequence[bool]) -> list[Part]:
    """Put the chosen blocks together; what a page says again in another place is left out.

    Args:
        blocks: of one page, in order.
        tokens: the words of each.
        chosen: whether each is the article's.
    """
    parts: list[Part] = []
    said: dict[tuple[str, ...], etree._Element | None] = {}
    for block, each, is_chosen in zip(blocks, tokens, chosen, strict=True):
        if not is_chosen or not each:
            continue
        if len(each) >= _REPEATED_WORDS:
            parent = block.element.getparent()
            triples = set(zip(each, each[1:], each[2:], strict=False))
            # Recipes repeat themselves in one place; whole texts stand twice in different ones.
            repeated = sum(triple in said and said[triple] is not parent for triple in triples)
            if repeated >= _REPEATED_SHARE * len(triples):
                continue
            for triple in triples:
                said.setdefault(triple, parent)
        parts.append(Part(kind=_kind(block.element), text=block.text))
    return parts


def _leads_away(block: Block) -> bool:
    """Tell "Read more: …" and its like, most of which is a link."""
    return block.link_chars > _MOSTLY * len(block.text) and refers(block.text)


def _kind(element: etree._Element) -> PartKind:
    at: etree._Element | None = element
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
                at = at.getparent()
    return PartKind.PARAGRAPH
