"""The article that a page describes in JSON-LD (schema.org), found in graphs and lists, from broken JSON too."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import lxml.html

_ARTICLE_TYPES = re.compile(
    r"(?:Article|BlogPosting|LiveBlog|Report|Review)$|^NewsArticle|^(?:Social|Discussion)\w*Posting$"
)
_LONGEST_CHARS = 2_000_000
_MOST_NODES = 5000
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>|\]\]>)?\s*;?\s*$", re.DOTALL
)


def article_node(root: lxml.html.HtmlElement) -> dict[str, Any]:
    """Return the first node that is an article, the fullest where there are several; empty where there is none."""
    best: dict[str, Any] = {}
    for node in _nodes(root):
        if any(_ARTICLE_TYPES.search(kind) for kind in _types(node)) and _weight(node) > _weight(best):
            best = node
    return best


def _weight(node: dict[str, Any]) -> int:
    return sum(bool(node.get(key)) for key in ("headline", "datePublished", "author", "mainEntityOfPage"))


def names(value: object) -> list[str]:
    """Read the names of persons or organisations, given as text, as nodes, or as lists of either."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return names(value.get("name"))
    if isinstance(value, list):
        return [name for one in value[:20] if not isinstance(one, list) for name in names(one)]
    return []


def text(value: object) -> str:
    """Read a text, or the first of a list of texts."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) else ""


def address(value: object) -> str:
    """Read an address, given as text or as a node with ``url`` or ``@id``."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("url") or value.get("@id")
    return value if isinstance(value, str) else ""


def _nodes(root: lxml.html.HtmlElement) -> Iterator[dict[str, Any]]:
    seen = 0
    for script in root.iterfind(".//script[@type]"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        waiting: list[object] = [_load(script.text or "")]
        while waiting and seen < _MOST_NODES:
            seen += 1
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting.extend(value[:200])
            elif isinstance(value, dict):
                yield value
                waiting.extend(
                    value[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed") if key in value
                )


def _types(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _load(source: str) -> object:
    """Parse JSON as sites write it: comments and CDATA around it, line breaks in strings, trailing commas."""
    source = _WRAPPING.sub("", source[:_LONGEST_CHARS])
    for attempt in (source, _TRAILING_COMMA.sub(r"\1", source), source.replace("\\'", "'")):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None
