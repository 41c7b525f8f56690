"""The elements of RSS and Atom, read into entries; where feeds disagree with the specifications, the feeds win."""

from __future__ import annotations

import base64
import binascii
import html
import re
from html.entities import html5
from typing import TYPE_CHECKING

from lxml import etree

from bot.news.feeds.fields import Fields, fields_of
from bot.news.feeds.model import Entry, Feed
from bot.news.parsing.dates import parse_date
from bot.news.parsing.links import resolve
from bot.news.parsing.markup import one_line, plain_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

_MOST_EXPANDED_CHARS = 200_000
_XML = "{http://www.w3.org/XML/1998/namespace}"
_BASE = f"{_XML}base"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_NAMESPACE = re.compile(r"""(?<=[\w"]) xmlns(?::\w+)?="[^"]*"(?=[^<>]*>)""")
_REFERENCE = re.compile(r"&[\w.:-]+;")  # how lxml shows an entity that it was told not to resolve
_LONGEST_AUTHOR_CHARS = 200
_ADDRESS_FIRST = re.compile(r"[^\s@()<>]+@[^\s@()<>]+ \(([^()@]+)\)")
_ADDRESS_LAST = re.compile(r"([^()<>@]+) [(<][^\s@()<>]+@[^\s@()<>]+[)>]")
_PERIODS_S = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RSS_DATES = (
    "pubdate",
    "dc:date",
    "dcterms:issued",
    "dcterms:created",
    "atom:published",
    "atom:updated",
    "date",
    "dcterms:modified",
)
_ATOM_DATES = ("published", "issued", "updated", "modified", "created", "dc:date", "dcterms:issued")


def read_atom(root: etree._Element, *, url: str, entities: Mapping[str, str], most: int) -> Feed:
    """Read Atom 0.3 or 1.0 (RFC 4287).

    Args:
        root: the ``feed`` element, in whatever namespace.
        url: where the document came from.
        entities: names that it declares, with their values.
        most: entries to read, the newest by the order that the document keeps.
    """
    reader = _Reader(entities)
    fields = fields_of(root)
    elements = list(root.iter("{*}entry"))
    author = reader.people(fields.get("author", ()))
    return Feed(
        title=reader.title(fields),
        site_url=reader.atom_link(fields, url),
        lang=(root.get(f"{_XML}lang") or "").strip().lower() or None,
        entries=tuple(
            reader.atom_entry(element, url=url, author=author)
            for element in _newest(elements, reader, _ATOM_DATES, most)
        ),
        ttl_s=reader.ttl_s(fields),
        total=len(elements),
        hub_url=reader.related(fields, "hub", url),
        self_url=reader.related(fields, "self", url),
    )


def read_rss(root: etree._Element, *, url: str, entities: Mapping[str, str], most: int) -> Feed:
    """Read RSS 0.9x, 1.0 (RDF) or 2.0.

    Args:
        root: the ``rss``, ``RDF`` or ``channel`` element, in whatever namespace.
        url: where the document came from.
        entities: names that it declares, with their values.
        most: entries to read, the newest by the order that the document keeps.
    """
    reader = _Reader(entities)
    channel = next(root.iter("{*}channel"), root)
    fields = fields_of(channel)
    site_url = reader.rss_link(fields, url)
    elements = list(root.iter("{*}item"))
    lang = reader.first(fields, "language", "dc:language") or root.get(f"{_XML}lang") or ""
    return Feed(
        title=reader.title(fields),
        site_url=site_url,
        lang=lang.strip().lower() or None,
        # What is relative in RSS is meant against the site: many feeds are served from elsewhere.
        entries=tuple(
            reader.rss_entry(element, url=site_url or url) for element in _newest(elements, reader, _RSS_DATES, most)
        ),
        ttl_s=reader.ttl_s(fields),
        total=len(elements),
        skip_hours=reader.skip_hours(fields),
        skip_days=reader.skip_days(fields),
        hub_url=reader.related(fields, "hub", url),
        self_url=reader.related(fields, "self", url),
    )


def _newest(
    elements: Sequence[etree._Element], reader: _Reader, dates: tuple[str, ...], most: int
) -> Sequence[etree._Element]:
    """Cut to the most that is read: the first, or the last where the document has the oldest first."""
    if len(elements) <= most:
        return elements
    first, last = (parse_date(reader.first(fields_of(element), *dates)) for element in (elements[0], elements[-1]))
    if first is not None and last is not None and last > first:
        return elements[: -most - 1 : -1]
    return elements[:most]


class _Reader:
    """Reads elements of one document, whose own entities it knows.

    Args:
        entities: names that the document declares, with their values.
    """

    def __init__(self, entities: Mapping[str, str]) -> None:
        self._entities = entities
        self._left_chars = _MOST_EXPANDED_CHARS
        self._bases: dict[tuple[etree._Element, str], str] = {}

    def atom_entry(self, element: etree._Element, *, url: str, author: str) -> Entry:
        """Read an ``entry``; ``author`` is the feed's, for entries that name none."""
        fields = fields_of(element)
        summary = self.markup(fields.get("summary", ()), atom=True)
        content = self.markup(fields.get("content", ()), atom=True) or self.markup(fields.get("content:encoded", ()))
        return Entry(
            id=self.first(fields, "id"),
            url=self.atom_link(fields, url),
            title=self.title(fields),
            author=self.people(fields.get("author", ())) or one_line(self.first(fields, "dc:creator")) or author,
            published_at=self._date(fields, _ATOM_DATES),
            summary=summary,
            content=content,
        )

    def rss_entry(self, element: etree._Element, *, url: str) -> Entry:
        """Read an ``item``."""
        fields = fields_of(element)
        link = self.rss_link(fields, url)
        guid = next(iter(fields.get("guid", ())), None)
        identifier = self.first(fields, "guid", "atom:id") or element.get(_RDF_ABOUT) or ""
        if not link and guid is not None and (guid.get("isPermaLink") or "true").strip().lower() == "true":
            link = identifier if identifier.startswith(("http://", "https://")) else ""
        return Entry(
            id=identifier,
            url=link,
            title=self.title(fields),
            author=self._rss_author(fields),
            published_at=self._date(fields, _RSS_DATES),
            summary=self.markup(
                self._any(fields, "description", "summary", "dc:description", "atom:summary", "itunes:summary")
            ),
            content=self.markup(self._any(fields, "content:encoded", "xhtml:body", "body", "fullitem", "atom:content")),
        )

    def title(self, fields: Fields) -> str:
        """Read the first title that says something; media's and iTunes' own titles come last."""
        for key in ("title", "dc:title", "media:title", "itunes:title"):
            for element in fields.get(key, ()):
                kind = (element.get("type") or "").lower()
                if kind == "xhtml" or (element.get("mode") == "xml" and len(element)):
                    title = one_line(self.text(element))
                else:
                    text = self.text(element)
                    text = _decoded(text) if _is_base64(element, kind) else text
                    title = plain_title(text, tags=kind not in {"text", "text/plain"})
                if title:
                    return title
        return ""

    def first(self, fields: Fields, *keys: str) -> str:
        """Read the text of the first of these elements that has any, stripped."""
        for key in keys:
            for element in fields.get(key, ()):
                text = self.text(element).strip()
                if text:
                    return text
        return ""

    def people(self, elements: Iterable[etree._Element]) -> str:
        """Join the names of Atom's persons; the bare text where one has no parts."""
        names = []
        for element in elements:
            fields = fields_of(element) if len(element) else {}
            name = self.first(fields, "name", "atom:name") if fields else self.text(element)
            names.append(one_line(name or self.first(fields, "email", "atom:email")))
        return ", ".join(dict.fromkeys(name for name in names if name))

    def atom_link(self, fields: Fields, url: str) -> str:
        """Choose the page among an Atom element's links: alternate, HTML before other types."""
        links = [
            element
            for element in fields.get("link", [])
            if (element.get("rel") or "alternate").strip().lower()
            in {"alternate", "http://www.iana.org/assignments/relation/alternate"}
        ]
        pages = [
            element
            for element in links
            if (element.get("type") or "text/html").startswith(("text/html", "application/xhtml"))
        ]
        for element in pages + links:
            link = resolve(self._base(element, url), element.get("href") or self.text(element))
            if link:
                return link
        return ""

    def rss_link(self, fields: Fields, url: str) -> str:
        """Read the first link that leads to a page, Atom's inside RSS last."""
        for element in fields.get("link", ()):
            link = resolve(self._base(element, url), self.text(element) or element.get("href") or "")
            if link:
                return link
        for element in fields.get("atom:link", ()):
            if (element.get("rel") or "alternate") == "alternate":
                link = resolve(self._base(element, url), element.get("href") or "")
                if link:
                    return link
        return ""

    def ttl_s(self, fields: Fields) -> int | None:
        """Read how long the feed stays fresh: ``ttl`` in minutes, or the syndication module's period."""
        minutes = self.first(fields, "ttl")
        if minutes.isascii() and minutes.isdigit() and len(minutes) < 7 and int(minutes):
            return int(minutes) * 60
        period_s = _PERIODS_S.get(self.first(fields, "sy:updateperiod").lower())
        times = self.first(fields, "sy:updatefrequency")
        often = int(times) if times.isascii() and times.isdigit() and len(times) < 5 else 1
        return period_s // max(often, 1) if period_s else None

    def skip_hours(self, fields: Fields) -> frozenset[int]:
        """Read the hours, 0 to 23 in UTC, in which RSS says that nothing is new; 24 is midnight too."""
        texts = [self.text(hour).strip() for element in fields.get("skiphours", ()) for hour in element]
        return frozenset(int(text) % 24 for text in texts if text.isascii() and text.isdigit() and int(text[:3]) <= 24)

    def skip_days(self, fields: Fields) -> frozenset[int]:
        """Read the days of the week, Monday 0, on which RSS says that nothing is new."""
        names = {self.text(day).strip().lower() for element in fields.get("skipdays", ()) for day in element}
        return frozenset(number for number, name in enumerate(_DAYS) if name in names)

    def related(self, fields: Fields, relation: str, url: str) -> str:
        """Read the first Atom link of a relation, in a feed of either format."""
        for element in (*fields.get("link", ()), *fields.get("atom:link", ())):
            if relation in (element.get("rel") or "").lower().split():
                link = resolve(self._base(element, url), element.get("href") or "")
                if link:
                    return link
        return ""

    def markup(self, elements: Iterable[etree._Element], *, atom: bool = False) -> str:
        """Return the longest of these elements' content as HTML.

        Args:
            elements: text constructs.
            atom: whether ``type`` and ``mode`` say how the content is written, as in Atom; RSS always means HTML.
        """
        return max((self._markup(element, atom=atom) for element in elements), key=len, default="")

    def text(self, element: etree._Element) -> str:
        """Return all text inside an element, entities resolved by our own lists."""
        if not len(element):
            return element.text or ""
        return "".join(
            self._resolve(chunk[1:-1]) if _REFERENCE.fullmatch(chunk) else chunk for chunk in element.itertext()
        )

    def _base(self, element: etree._Element, url: str) -> str:
        """Apply the ``xml:base`` of an element and those around it; what is around all entries is looked at once."""
        parent = element.getparent()
        around = parent.getparent() if parent is not None else None
        if around is not None:
            known = self._bases.get((around, url))
            if known is None:
                known = self._bases[around, url] = _base((*reversed([*around.iterancestors()]), around), url)
            url = known
        return _base((parent, element) if parent is not None else (element,), url)

    def _any(self, fields: Fields, *keys: str) -> list[etree._Element]:
        for key in keys:
            for element in fields.get(key, ()):
                if len(element) or (element.text or "").strip():
                    return fields[key]
        return []

    def _date(self, fields: Fields, keys: tuple[str, ...]) -> datetime | None:
        for key in keys:
            if key in fields:
                for element in fields[key]:
                    when = parse_date(self.text(element))
                    if when is not None:
                        return when
        return None

    def _rss_author(self, fields: Fields) -> str:
        for key in ("author", "dc:creator", "atom:author", "itunes:author", "dc:author"):
            if key in fields and (names := self.people(fields[key])):
                return _without_address(plain_title(names))
        return ""

    def _markup(self, element: etree._Element, *, atom: bool) -> str:
        kind = (element.get("type") or "").strip().lower() if atom else "html"
        if len(element) and any(isinstance(child.tag, str) for child in element):
            return self._serialised(element)
        text = self.text(element)
        if _is_base64(element, kind):
            return _decoded(text)
        if kind in {"", "text", "text/plain"} and element.get("mode") != "escaped":
            return html.escape(text.strip(), quote=False) if kind or "<" not in text else text.strip()
        return text.strip()

    def _serialised(self, element: etree._Element) -> str:
        """Write an element's inner XHTML as HTML, namespaces left out."""
        for node in element.iter():
            if isinstance(node.tag, str):
                node.tag = node.tag.rpartition("}")[2].rpartition(":")[2] or "div"
        inner = [html.escape(element.text or "", quote=False)]
        for child in element:
            if child.tag is etree.Entity:
                inner.append(html.escape(self._resolve(child.name) + (child.tail or ""), quote=False))
            else:
                inner.append(_NAMESPACE.sub("", etree.tostring(child, encoding="unicode", method="html")))
        return "".join(inner).strip()

    def _resolve(self, name: str) -> str:
        value = self._entities.get(name) or html5.get(f"{name};") or ""
        self._left_chars -= len(value)
        return value if self._left_chars >= 0 else ""


def _without_address(author: str) -> str:
    """Leave the name of ``ada@example.org (Ada Quill)``, as RSS 2.0 writes authors, and of ``Ada Quill <ada@…>``."""
    if "@" not in author or len(author) > _LONGEST_AUTHOR_CHARS:
        return author
    found = _ADDRESS_FIRST.fullmatch(author) or _ADDRESS_LAST.fullmatch(author)
    return found.group(1).strip() if found else author


def _base(elements: Iterable[etree._Element], url: str) -> str:
    """Apply the ``xml:base`` of elements, the outermost first."""
    for element in elements:
        if value := element.get(_BASE):
            url = resolve(url, value) or url
    return url


def _is_base64(element: etree._Element, kind: str) -> bool:
    """Tell content that is neither text nor XML, which Atom writes as base64 (RFC 4287, 4.1.3.3)."""
    binary = "/" in kind and not kind.startswith("text/") and not kind.endswith(("xml", "html"))
    return element.get("mode") == "base64" or (binary and element.get("mode") is None)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode()
    except (binascii.Error, ValueError):
        return ""
