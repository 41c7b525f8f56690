"""The children of an element by the names that feeds know them by, whatever prefixes a document chose."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from lxml import etree

Fields: TypeAlias = "dict[str, list[etree._Element]]"

_MOST_FIELDS = 2000
_MOST_KEYS = 300
_LONGEST_KEPT_CHARS = 120
"""Tags are kept from feed to feed, which have few and short ones; strange feeds must not fill the memory."""
_PREFIXES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/rss/1.0": "rss",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://www.w3.org/1999/xhtml": "xhtml",
}


def fields_of(element: etree._Element) -> Fields:
    """Sort an element's first children by their keys: ``name`` in its own namespace, ``prefix:name`` in another."""
    tag = element.tag
    home = tag[1:].partition("}")[0] if tag.startswith("{") else ""
    keys = _keys_at(home) if len(home) <= _LONGEST_KEPT_CHARS else _Keys(home)
    fields: Fields = {}
    for child in islice(element.iterchildren("*"), _MOST_FIELDS):
        key = keys[child.tag]
        if key in fields:
            fields[key].append(child)
        else:
            fields[key] = [child]
    return fields


class _Keys(dict[str, str]):
    """The keys of children by their tags: ``name`` in their parent's namespace, ``prefix:name`` in another.

    Args:
        home: the parent's namespace.
    """

    def __init__(self, home: str) -> None:
        super().__init__()
        self._home = home

    def __missing__(self, tag: str) -> str:
        """Make the key of a tag as lxml has it; a prefix that nobody declared stands in it as written."""
        key = self._made(tag)
        if len(self) < _MOST_KEYS and len(tag) <= _LONGEST_KEPT_CHARS:
            self[tag] = key
        return key

    def _made(self, tag: str) -> str:
        if not tag.startswith("{"):
            return tag.lower()
        space, _, name = tag[1:].partition("}")
        if space == self._home:
            return name.lower()
        return f"{_PREFIXES.get(space.strip().rstrip('/').lower(), '?')}:{name.lower()}"


_keys_at = lru_cache(maxsize=64)(_Keys)
