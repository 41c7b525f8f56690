"""RSS and Atom from lxml's tree: no entity is expanded by the parser, nothing is loaded, nothing recurses."""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING

from lxml import etree

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.items import read_atom, read_rss
from bot.news.parsing.mending import ROOT, declared_encoding, decode, mend, wrap_markup

if TYPE_CHECKING:
    from bot.news.feeds.model import Feed

_DOCTYPE = re.compile(r"<!DOCTYPE\b")
_ENTITY = re.compile(
    r"""<!ENTITY\s{1,99}(%\s{1,99})?([^\s"'%;&<>]{1,99})\s{1,99}(?:"([^"]*)"|'([^']*)'|(SYSTEM|PUBLIC)\b)""",
    re.IGNORECASE,
)
_LONGEST_ENTITY_CHARS = 1000
_MOST_REFERRED_CHARS = 200_000
_MOST_ENTITIES = 300  # HTML's own list, which some feeds copy, has 253


def read_xml_feed(body: bytes, *, url: str, charset: str | None, most_entries: int, most_mended_bytes: int) -> Feed:
    """Read an XML feed, strictly where it is well-formed, else mended.

    Args:
        body: the document.
        url: where it came from.
        charset: the server's word on the encoding; ``None`` without one.
        most_entries: how many are read, the newest.
        most_mended_bytes: what is ill-formed and larger is refused.

    Raises:
        FeedError: no feed, hopelessly broken, or an entity bomb.
    """
    text: str | None = None
    entities: dict[str, str] = {}
    if b"<!DOCTYPE" in body[:4096] or b"\x00" in body[:64]:
        text = decode(body, charset)
        entities = _declared_entities(text)
    root = _parse_strictly(body, charset)
    if root is not None and (feed := _read(root, url=url, entities=entities, most=most_entries)) is not None:
        return feed
    if len(body) > most_mended_bytes:
        raise FeedError(FeedFault.TOO_LARGE, "ill-formed")
    text = text if text is not None else decode(body, charset)
    if ROOT.search(text) is None:
        raise FeedError(FeedFault.NOT_A_FEED)
    mended = mend(text, entities)
    root = _parse(mended)
    if root is None:
        root = _parse(wrap_markup(mended), recover=True)
    feed = _read(root, url=url, entities=entities, most=most_entries) if root is not None else None
    if feed is None or not (feed.entries or feed.title or feed.site_url):
        # A whole feed may be empty; what had to be mended and says nothing at all then was none.
        raise FeedError(FeedFault.BROKEN)
    return feed


def _parse_strictly(body: bytes, charset: str | None) -> etree._Element | None:
    """Parse well-formed bytes; ``None`` where they are not, or where the server contradicts the document."""
    declared = (declared_encoding(body) or "utf-8").lower()
    if charset is not None and charset.lower() != declared and not body.isascii():
        return _parse(mend(decode(body, charset), {})) if b"<!DOCTYPE" not in body[:4096] else None
    return _parse(body)


def _parse(document: bytes | str, *, recover: bool = False) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8" if isinstance(document, str) else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
        huge_tree=False,
    )
    try:
        return etree.fromstring(document.encode() if isinstance(document, str) else document, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


def _read(root: etree._Element, *, url: str, entities: dict[str, str], most: int) -> Feed | None:
    """Read whichever format the root names; ``None`` where it names none."""
    name = local_name(root.tag)
    if name == "feed":
        return read_atom(root, url=url, entities=entities, most=most)
    if name in {"rss", "rdf", "channel"}:
        return read_rss(root, url=url, entities=entities, most=most)
    return None


def local_name(tag: object) -> str:
    """Return a tag's name in lower case without namespace or prefix."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _declared_entities(text: str) -> dict[str, str]:
    """Read the entities that the document type declares, as plain text by name.

    Raises:
        FeedError: one refers to another (which is how they explode), or there are too many, or they are too long.
    """
    start = _DOCTYPE.search(text)
    if start is None:
        return {}
    root = ROOT.search(text, start.end())
    declared: dict[str, str] = {}
    for found in _ENTITY.finditer(text, start.end(), root.start() if root else len(text)):
        parameter, name, double, single, external = found.groups()
        if external:  # never loaded; a reference to it reads as nothing
            continue
        value = double if double is not None else single
        if parameter or len(value) > _LONGEST_ENTITY_CHARS or len(declared) >= _MOST_ENTITIES:
            raise FeedError(FeedFault.ENTITY_BOMB)
        if re.search(r"&(?!#|amp;|lt;|gt;|quot;|apos;)|%", value) and f"&{name};" not in html5:
            raise FeedError(FeedFault.ENTITY_BOMB)
        declared[name] = _character_references(value)
    referred = sum(text.count(f"&{name};") * len(value) for name, value in declared.items() if len(value) > 8)
    if referred > _MOST_REFERRED_CHARS:  # the quadratic kind: one long entity, many times
        raise FeedError(FeedFault.ENTITY_BOMB)
    return declared


def _character_references(value: str) -> str:
    """Undo numeric references twice over, as XML does when it declares and when it refers (``&#38;#60;``)."""
    for _ in range(2):
        value = re.sub(r"&#(x[0-9A-Fa-f]{1,6}|[0-9]{1,7});", _character, value)
    return value


def _character(found: re.Match[str]) -> str:
    code = found.group(1)
    number = int(code[1:], 16) if code.startswith("x") else int(code)
    return chr(number) if 0x20 <= number < 0xD800 or 0xE000 <= number < 0x110000 else ""
