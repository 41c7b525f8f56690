"""A page as a sequence of blocks of text: what a browser would set as paragraphs, headings, items and rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import lxml.html
    from lxml import etree

_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
# A row of a table is one block, unless its cells hold blocks of their own.
_SPACING = frozenset({"br", "td", "th"})
_SILENT = frozenset({
    "audio", "button", "canvas", "datalist", "embed", "frame", "frameset", "head", "iframe", "img", "input",
    "link", "map", "math", "meta", "meter", "nav", "noframes", "noscript", "object", "option", "param", "picture",
    "progress", "script", "select", "source", "style", "svg", "template", "textarea", "title", "track", "video",
})  # fmt: skip
_MOST_BLOCKS = 4000


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text within one block-level element.

    Attributes:
        text: on one line, white space collapsed.
        element: the block-level element that holds it.
        link_chars: how many of its characters, spaces left out, are within links.
        bold_chars: how many are within bold or italic type.
    """

    text: str
    element: etree._Element
    link_chars: int
    bold_chars: int


def find_blocks(root: lxml.html.HtmlElement) -> list[Block]:
    """Cut a page's visible text into blocks, in document order; at most four thousand."""
    blocks: list[Block] = []
    body = root.find("body")
    _Walk(blocks).run(root if body is None else body)
    return blocks


class _Walk:
    """A walk through the tree without recursion, as nesting is the sender's choice."""

    def __init__(self, blocks: list[Block]) -> None:
        self._blocks = blocks
        self._parts: list[str] = []
        self._links = self._bolds = 0
        self._open: list[etree._Element] = []
        self._in_link = self._in_bold = 0

    def run(self, root: etree._Element) -> None:
        self._open.append(root)
        stack: list[tuple[etree._Element, bool]] = [(root, False)]
        while stack and len(self._blocks) < _MOST_BLOCKS:
            element, done = stack.pop()
            tag = element.tag
            if done:
                self._leave(element, tag)
                if element is not root and element.tail:
                    self._say(element.tail)
                continue
            if not isinstance(tag, str) or tag in _SILENT:
                if element.tail:
                    self._say(element.tail)
                continue
            self._enter(element, tag)
            if element.text:
                self._say(element.text)
            stack.append((element, True))
            stack.extend((child, False) for child in element.iterchildren(reversed=True))
        self._flush()

    def _enter(self, element: etree._Element, tag: str) -> None:
        if tag == "a":
            self._in_link += 1
        elif tag in {"b", "strong", "em", "i"}:
            self._in_bold += 1
        elif tag in _SPACING:
            self._parts.append(" ")
        elif tag not in _INLINE:
            self._flush()
            self._open.append(element)

    def _leave(self, element: etree._Element, tag: str) -> None:
        if tag == "a":
            self._in_link -= 1
        elif tag in {"b", "strong", "em", "i"}:
            self._in_bold -= 1
        elif tag in _SPACING:
            self._parts.append(" ")
        elif tag not in _INLINE:
            self._flush()
            self._open.pop()

    def _say(self, text: str) -> None:
        self._parts.append(text)
        if self._in_link or self._in_bold:
            chars = len("".join(text.split()))
            if self._in_link:
                self._links += chars
            if self._in_bold:
                self._bolds += chars

    def _flush(self) -> None:
        if self._parts:
            text = " ".join("".join(self._parts).split())
            if text:
                self._blocks.append(Block(text, self._open[-1], self._links, self._bolds))
            self._parts = []
            self._links = self._bolds = 0
