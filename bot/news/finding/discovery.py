"""What an address turned out to be: a feed, a page with feeds, or an article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.news.errors import ArticleError
from bot.news.pages.metadata import read_metadata
from bot.news.pages.tree import parse_page
from bot.news.parsing.links import resolve
from bot.news.parsing.markup import one_line
from bot.news.parsing.mending import ROOT, decode

if TYPE_CHECKING:
    from datetime import datetime

    import lxml.html

_HEAD_BYTES = 4096
_MOST_FEEDS = 20
_LEAST_ARTICLE_CHARS = 900
_COMMENTS = re.compile(r"\bcomments?\b|\bkommentar|\bcommentaires?\b|comentarios|коментар|комментар", re.IGNORECASE)
_NOT_FEEDS = re.compile(r"/oembed\b|/wp-json/|/manifest\.json|\.webmanifest", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:/|\.)(?:rss|atom|feed|feeds|rdf)(?:\.xml|\.json|/)?$|/feed\.json$|/index\.xml$", re.IGNORECASE
)
_SECTION = re.compile(r"^/(?:[a-z]{2}(?:-[a-z]{2})?/?)?(?:index\.\w+|home|news|latest)?/?$", re.IGNORECASE)


class FeedKind(StrEnum):
    """The format that a link announces."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    RDF = "rdf"
    UNKNOWN = "unknown"


_KINDS = {
    "application/rss+xml": FeedKind.RSS,
    "application/x-rss+xml": FeedKind.RSS,
    "application/rss": FeedKind.RSS,
    "text/rss": FeedKind.RSS,
    "text/rss+xml": FeedKind.RSS,
    "application/atom+xml": FeedKind.ATOM,
    "application/x-atom+xml": FeedKind.ATOM,
    "text/atom+xml": FeedKind.ATOM,
    "application/feed+json": FeedKind.JSON,
    "application/json": FeedKind.JSON,
    "application/rdf+xml": FeedKind.RDF,
    "application/xml": FeedKind.UNKNOWN,
    "text/xml": FeedKind.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page offers.

    Attributes:
        url: absolute address.
        title: as the page names it; empty where it does not.
        kind: the format that the link announces.
        lang: of the feed, ISO 639-1; empty where it is not known.
        newest: title of its newest article; empty where it is not known.
        newest_at: when that was published.
    """

    url: str
    title: str
    kind: FeedKind
    lang: str = ""
    newest: str = ""
    newest_at: datetime | None = None


def find_feeds(html: bytes, *, url: str, charset: str | None = None) -> list[FeedLink]:
    """List the feeds that a page offers by ``rel=alternate``, the likeliest first, comments last.

    Where it offers none that way, links in its text that look like feeds are taken.

    Args:
        html: the page as fetched.
        url: where it came from, after redirects.
        charset: the server's; ``None`` leaves it to the page.
    """
    try:
        root = parse_page(html, charset=charset)
    except ArticleError:
        return []
    base = _base(root, url)
    found = [link for element in root.iter("link") if (link := _announced(element, base)) is not None]
    if not found:
        found = [link for element in root.iter("a") if (link := _mentioned(element, base)) is not None]
    unique: dict[str, FeedLink] = {}
    for link in found:
        unique.setdefault(link.url, link)
    return sorted(unique.values(), key=_rank)[:_MOST_FEEDS]


def looks_like_feed(body: bytes, content_type: str | None = None) -> bool:
    """Tell whether a document is worth parsing as a feed, by its first bytes rather than by the server's word.

    Args:
        body: the document as fetched.
        content_type: the server's; ``None`` where it did not say.
    """
    head = decode(body[:_HEAD_BYTES]).lstrip("\ufeff \t\r\n\x00")
    if head.startswith("{"):
        return "jsonfeed.org/version" in head or (content_type or "").lower().startswith("application/feed+json")
    root = ROOT.search(head)
    page = re.search(r"<html[\s>]|<!doctype\s+html", head, re.IGNORECASE)
    return root is not None and (page is None or root.start() < page.start())


def looks_like_article(html: bytes, url: str) -> bool:
    """Tell an article's page from a front page or a section.

    Args:
        html: the page as fetched.
        url: where it came from, after redirects.
    """
    if _SECTION.match(urlsplit(url).path or "/") and not urlsplit(url).query:
        return False
    try:
        root = parse_page(html)
    except ArticleError:
        return False
    if read_metadata(root, url=url).is_article:
        return True
    articles = list(root.iter("article"))
    return 1 <= len(articles) <= 3 and max(map(_prose_chars, articles)) >= _LEAST_ARTICLE_CHARS


def _prose_chars(element: lxml.html.HtmlElement) -> int:
    return sum(len(one_line(paragraph.text_content())) for paragraph in element.iter("p"))


def _base(root: lxml.html.HtmlElement, url: str) -> str:
    for element in root.iter("base"):
        if element.get("href"):
            return resolve(url, element.get("href")) or url
    return url


def _announced(element: lxml.html.HtmlElement, base: str) -> FeedLink | None:
    rels = (element.get("rel") or "").lower().split()
    if not {"alternate", "feed"} & set(rels) or "stylesheet" in rels:
        return None
    media = (element.get("type") or "").partition(";")[0].strip().lower()
    kind = _KINDS.get(media)
    if kind is None and "feed" in rels and not media:
        kind = FeedKind.UNKNOWN
    url = resolve(base, element.get("href") or "")
    if kind is None or not url or _NOT_FEEDS.search(url) or element.get("hreflang", "").lower() == "x-default":
        return None
    if kind is FeedKind.UNKNOWN and "alternate" in rels and not _FEED_PATH.search(urlsplit(url).path):
        return None
    return FeedLink(url=url, title=one_line(element.get("title") or ""), kind=kind)


def _mentioned(element: lxml.html.HtmlElement, base: str) -> FeedLink | None:
    url = resolve(base, element.get("href") or "")
    parts = urlsplit(url)
    if not url or not _FEED_PATH.search(parts.path) or parts.hostname != urlsplit(base).hostname:
        return None
    return FeedLink(url=url, title=one_line(element.text_content())[:120], kind=FeedKind.UNKNOWN)


def is_about_comments(link: FeedLink) -> bool:
    """Tell a feed of readers' comments by its title or address."""
    parts = urlsplit(link.url)
    place = f"{parts.path} {parts.query}".replace("-", " ")
    return _COMMENTS.search(link.title) is not None or _COMMENTS.search(place) is not None


def _rank(link: FeedLink) -> tuple[bool, bool]:
    return is_about_comments(link), link.kind is FeedKind.UNKNOWN
