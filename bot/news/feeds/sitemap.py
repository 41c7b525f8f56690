"""A site's news sitemap as a feed, for sites that offer none (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from lxml import etree

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.model import MOST_ENTRIES, Entry, Feed
from bot.news.parsing.dates import parse_date
from bot.news.parsing.links import resolve
from bot.news.parsing.markup import one_line
from bot.news.parsing.mending import decode, mend

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PLACES: Final = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap.xml")
_ROOT: Final = re.compile(r"<(?:\w{1,20}:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)
_HEAD_BYTES: Final = 4096
_MOST_BYTES: Final = 20 * 1024 * 1024
_NEWS: Final = re.compile(r"news|latest|aktuell|actualit|noticias|notizie|nyheter|novosti", re.IGNORECASE)
_NAMED: Final = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*>")
_MOST_MAPS: Final = 50


def looks_like_sitemap(body: bytes) -> bool:
    """Tell a sitemap, or an index of sitemaps, by its first bytes."""
    return _ROOT.search(decode(body[:_HEAD_BYTES])) is not None


def named_sitemaps(robots: str, site: str) -> list[str]:
    """List the sitemaps that a robots.txt names, those of the news first.

    Args:
        robots: Its text.
        site: The site's root.
    """
    found = [resolve(site, place) for place in _NAMED.findall(robots)[:_MOST_MAPS]]
    return sorted(dict.fromkeys(url for url in found if url), key=lambda url: _NEWS.search(url) is None)


def list_sitemaps(body: bytes, *, url: str) -> list[str]:
    """List the news sitemaps that an index of sitemaps names; none where it is no index."""
    root = _parse(body)
    if root is None or _name(root) != "sitemapindex":
        return []
    found = [resolve(url, one_line(each.text or "")) for each in _named(root, "loc")]
    return [place for place in dict.fromkeys(found) if place and _NEWS.search(urlsplit(place).path)][:_MOST_MAPS]


def parse_sitemap(body: bytes, *, url: str, most_entries: int = MOST_ENTRIES) -> Feed:
    """Read a sitemap's articles, the newest first: those with a title, or at least with a date.

    Args:
        body: The document as fetched.
        url: Where it came from.
        most_entries: Of more the newest.

    Raises:
        FeedError: It is no sitemap, or holds no news.
    """
    root = _parse(body)
    if root is None or _name(root) != "urlset":
        raise FeedError(FeedFault.NOT_A_FEED, "no sitemap")
    entries = [entry for each in _named(root, "url") if (entry := _entry(each, url)) is not None]
    if not any(entry.title for entry in entries):
        raise FeedError(FeedFault.NOT_A_FEED, "a sitemap without news")
    told = [entry for entry in entries if entry.title]
    dated = sorted(
        (entry for entry in told if entry.published_at is not None),
        key=lambda entry: entry.published_at.timestamp() if entry.published_at else 0.0,
        reverse=True,
    )
    told = dated + [entry for entry in told if entry.published_at is None]
    outlets = [one_line(each.text or "") for each in _named(root, "name") if (each.text or "").strip()]
    langs = [one_line(each.text or "").lower() for each in _named(root, "language") if (each.text or "").strip()]
    parts = urlsplit(url)
    return Feed(
        title=outlets[0] if outlets else (parts.hostname or "").removeprefix("www."),
        site_url=f"{parts.scheme}://{parts.netloc}/",
        lang=langs[0] if langs else None,
        entries=tuple(told[:most_entries]),
        total=len(told),
    )


def _entry(element: etree._Element, base: str) -> Entry | None:
    facts: dict[str, str] = {}
    for each in element.iter():
        if isinstance(each.tag, str) and each.text and each.text.strip():
            facts.setdefault(_name(each), one_line(each.text))
    url = resolve(base, facts.get("loc", ""))
    if not url:
        return None
    date = facts.get("publication_date") or facts.get("lastmod")
    return Entry(
        id=url,
        url=url,
        title=unquote(facts.get("title", "")) if "%20" in facts.get("title", "") else facts.get("title", ""),
        published_at=parse_date(date) if date else None,
    )


def _parse(body: bytes) -> etree._Element | None:
    if len(body) > _MOST_BYTES or not looks_like_sitemap(body):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    text = _DECLARATION.sub("", mend(decode(body), {}))
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError):
        return None


def _named(root: etree._Element, name: str) -> Sequence[etree._Element] | Iterator[etree._Element]:
    return [each for each in root.iter() if isinstance(each.tag, str) and _name(each) == name]


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname).lower()
