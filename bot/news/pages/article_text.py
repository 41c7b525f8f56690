"""An article's text: a page judged block by block, and what stands in for it where a page shows none."""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Final

from lxml import etree
from trafilatura import bare_extraction

from bot.news.pages.block_features import Hints, PageBlocks
from bot.news.pages.block_filter import Part, PartKind, find_parts
from bot.news.pages.blocks import find_blocks
from bot.news.pages.scripts import longest_html
from bot.news.parsing.fragments import text_of_html
from bot.news.parsing.markup import one_line

if TYPE_CHECKING:
    import lxml.html

    from bot.news.pages.metadata import PageMetadata

_FEWEST_CHARS: Final = 250
"""With fewer, the text is looked for where pages keep it that show it by script."""
_UNSEEN: Final = (
    "aside", "audio", "button", "canvas", "datalist", "dialog", "embed", "fieldset", "footer", "iframe", "input",
    "link", "map", "math", "menu", "meta", "nav", "noscript", "object", "option", "picture", "progress", "script",
    "select", "source", "style", "svg", "template", "textarea", "track", "video",
)  # fmt: skip
"""What the tool would leave out itself, only later."""


def article_parts(root: lxml.html.HtmlElement, metadata: PageMetadata, *, url: str) -> tuple[Part, ...]:
    """Find the paragraphs, headings, items and quotations of a page's article; none where it has no article.

    Args:
        root: the parsed page.
        metadata: what it says of itself.
        url: where it came from.
    """
    draft = cache(lambda: draft_text(root, url=url))
    parts = find_parts(PageBlocks(find_blocks(root), hints_of(metadata)), draft)
    while parts and _is_title(parts[0].text, metadata.title):
        del parts[0]  # the headline stands above the text, not in it
    if _length(parts) < _FEWEST_CHARS:
        others = (text_of_html(metadata.body), text_of_html(longest_html(root)), draft())
        parts = max([parts, *map(_paragraphs, others)], key=_length)
    return tuple(parts)


def draft_text(root: lxml.html.HtmlElement, *, url: str) -> str:
    """Extract what a general tool takes for the text; the tree stays as it is."""
    visible = copy(root)
    etree.strip_elements(visible, *_UNSEEN, with_tail=False)
    found = bare_extraction(
        visible,
        fast=True,  # the slower fallback gains nothing on news pages
        url=url,
        include_comments=False,
        include_formatting=False,
        with_metadata=False,
    )
    return getattr(found, "text", None) or ""


def hints_of(metadata: PageMetadata) -> Hints:
    """Gather what is known of an article before its blocks are judged."""
    return Hints(
        title=metadata.title,
        descriptions=metadata.descriptions,
        stated_body=metadata.body,
        author=metadata.author,
    )


def _paragraphs(text: str) -> list[Part]:
    return [Part(kind=PartKind.PARAGRAPH, text=line) for line in map(one_line, text.splitlines()) if line]


def _length(parts: list[Part]) -> int:
    return sum(len(part.text) - part.text.count(" ") for part in parts)


def _is_title(text: str, title: str) -> bool:
    return bool(title) and text.casefold() == title.casefold()
