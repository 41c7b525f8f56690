"""A page as a sequence of blocks of text: what a browser would set as paragraphs, headings, items and rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    import lxml.html

_BOX, _INLINE, _LINK, _BOLD, _SPACING, _SILENT = range(6)
_INLINE_TAGS: Final = (
    "abbr", "acronym", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "font", "ins", "kbd", "label",
    "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
)  # fmt: skip
_SILENT_TAGS: Final = (
    "audio", "button", "canvas", "datalist", "embed", "frame", "frameset", "head", "iframe", "img", "input",
    "link", "map", "math", "meta", "meter", "nav", "noframes", "noscript", "object", "option", "param", "picture",
    "progress", "script", "select", "source", "style", "svg", "template", "textarea", "title", "track", "video",
)  # fmt: skip
_SORTS: Final = (
    dict.fromkeys(_INLINE_TAGS, _INLINE)
    | dict.fromkeys(("b", "strong", "em", "i"), _BOLD)
    # A row of a table is one block, unless its cells hold blocks of their own.
    | dict.fromkeys(("br", "td", "th"), _SPACING)
    | dict.fromkeys(_SILENT_TAGS, _SILENT)
    | {"a": _LINK}
)
"""What a browser makes of a tag; a box, if it is not here."""
_MOST_BLOCKS: Final = 4000


class Box:
    """An element that a browser sets as a block of its own.

    Attributes:
        element: the element.
        tag: its tag.
        parent: the box that it stands in; ``None`` for the outermost.
    """

    __slots__ = ("element", "parent", "tag")

    def __init__(self, element: etree._Element, tag: str, parent: Box | None) -> None:
        self.element = element
        self.tag = tag
        self.parent = parent


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text within one box.

    Attributes:
        text: on one line, white space collapsed.
        box: what holds it.
        link_chars: how many of its characters, spaces left out, are within links.
        bold_chars: how many are within bold or italic type.
    """

    text: str
    box: Box
    link_chars: int
    bold_chars: int


def find_blocks(root: lxml.html.HtmlElement) -> list[Block]:  # noqa: PLR0912 - calls would cost more than all it does
    """Cut a page's visible text into blocks, in document order; at most four thousand.

    Args:
        root: the parsed page, without comments.
    """
    body = root.find("body")
    start = root if body is None else body
    blocks: list[Block] = []
    box = Box(start, start.tag, None)
    said: list[str] = []
    links = bolds = in_link = in_bold = 0
    walk = etree.iterwalk(start, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        sort = _SORTS.get(tag, _BOX)
        begins = event == "start"
        if sort == _SILENT:
            if begins:
                walk.skip_subtree()
                continue
        elif sort == _BOX:
            if said:
                if text := " ".join("".join(said).split()):
                    blocks.append(Block(text, box, links, bolds))
                    if len(blocks) == _MOST_BLOCKS:
                        break
                said = []
                links = bolds = 0
            if not begins:
                box = box.parent or box
            elif element is not start:
                box = Box(element, tag, box)
        elif sort == _SPACING:
            said.append(" ")
        elif sort == _LINK:
            in_link += 1 if begins else -1
        elif sort == _BOLD:
            in_bold += 1 if begins else -1
        more = element.text if begins else element.tail
        if more and (begins or element is not start):
            said.append(more)
            if in_link or in_bold:
                chars = len("".join(more.split()))
                if in_link:
                    links += chars
                if in_bold:
                    bolds += chars
    return blocks
