"""Who wrote what, when and where: JSON-LD first, then the page's meta tags, then its markup."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from htmldate import find_date

from bot.news.dates import parse_date
from bot.news.json_ld import address, article_node, names, text
from bot.news.links import resolve
from bot.news.markup import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import lxml.html

_LONGEST_NAME_CHARS = 80
_BY = re.compile(r"^\s*(?:by|von|par|por|di|da|door|av|автор|текст)\b[:\s]+", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    r"https?://|www\.|@|^\d+$|^(?:admin|administrator|editor|staff|redaktion|unknown|null|none)$", re.IGNORECASE
)
_TITLE_SEPARATORS = (" | ", " — ", " – ", " - ", " :: ", " » ", " · ")
_TITLES = ("og:title", "twitter:title", "title", "dc.title", "parsely-title", "sailthru.title", "headline")
_DATES = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "article.published",
    "cxenseparse:recs:publishtime",
)
_AUTHORS = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "byl", "cxenseparse:author")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says of itself; empty strings and ``None`` for what it does not say.

    Attributes:
        title: the article's headline, without the site's name.
        author: names, separated by commas.
        published_at: aware, UTC.
        lang: two letters in lower case.
        site: the site's name, its host where it has none.
        url: the canonical address where it is of the same site, else the one fetched.
        image: absolute address of the picture for previews.
        is_article: whether the page declares itself an article.
        is_partial: whether it declares that only its opening is free.
    """

    title: str
    author: str
    published_at: datetime | None
    lang: str | None
    site: str
    url: str
    image: str | None
    is_article: bool
    is_partial: bool = False


def read_metadata(root: lxml.html.HtmlElement, *, url: str) -> PageMetadata:
    """Read a page's own description.

    Args:
        root: the parsed page.
        url: where it came from.
    """
    node, meta = article_node(root), _meta(root)
    site = one_line(html.unescape(meta.get("og:site_name", "") or next(iter(names(node.get("publisher"))), "")))
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    image = resolve(url, meta.get("og:image") or address(node.get("image")) or meta.get("twitter:image") or "")
    return PageMetadata(
        title=_title(root, text(node.get("headline")), meta, site or host),
        author=_author(root, names(node.get("author")) or names(node.get("creator")), meta),
        published_at=_published_at(root, text(node.get("datePublished")), meta, url),
        lang=_lang(root, text(node.get("inLanguage")), meta),
        site=site or host,
        url=_canonical(root, meta, url),
        image=image or None,
        is_article=bool(node) or meta.get("og:type", "").lower() == "article",
        is_partial=_is_partial(node, meta),
    )


def _is_partial(node: dict[str, Any], meta: dict[str, str]) -> bool:
    """Read what a site tells search engines of its paywall (https://schema.org/isAccessibleForFree)."""
    if str(node.get("isAccessibleForFree", "")).strip().lower() in {"false", "no"}:
        return True
    return meta.get("article:content_tier", "").lower() in {"locked", "metered"}


def _meta(root: lxml.html.HtmlElement) -> dict[str, str]:
    """Gather meta tags by lower-case name, the first that says something."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        key = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
        value = (element.get("content") or "").strip()
        if key and value:
            found.setdefault(key, value)
    return found


def _title(root: lxml.html.HtmlElement, headline: str, meta: dict[str, str], site: str) -> str:
    heading = [one_line(element.text_content()) for element in root.iter("h1")]
    page = one_line(root.findtext(".//title") or "")
    stated = [one_line(html.unescape(value)) for value in (headline, *(meta.get(key, "") for key in _TITLES))]
    stated = [_without_site(value, site) for value in stated if value]
    # A headline on the page that is also what its metadata begins with is the one that readers see.
    for title in heading:
        if len(title) > 12 and any(title.casefold() in value.casefold() for value in [*stated[:2], page]):
            return title
    return next(iter(stated), "") or _without_site(page, site) or next((title for title in heading if title), "")


def _without_site(title: str, site: str) -> str:
    """Cut the site's name from the end of a title."""
    plain = "".join(char for char in site.casefold() if char.isalnum())
    for separator in _TITLE_SEPARATORS:
        head, found, tail = title.rpartition(separator)
        name = "".join(char for char in tail.casefold() if char.isalnum())
        if found and len(head) > 10 and name and plain and (name in plain or plain in name):
            return head.strip()
    return title


def _author(root: lxml.html.HtmlElement, stated: list[str], meta: dict[str, str]) -> str:
    found = _people(stated) or _people(meta.get(key, "") for key in _AUTHORS)
    if not found:
        found = _people(
            element.get("content") or element.text_content()
            for path in (
                './/*[@itemprop="author"]//*[@itemprop="name"]',
                './/*[@itemprop="author"]',
                './/a[@rel="author"]',
            )
            for element in root.iterfind(path)
        )
    return ", ".join(found)


def _people(stated: Iterable[str]) -> list[str]:
    people = [_BY.sub("", one_line(html.unescape(name))) for name in stated]
    return list(
        dict.fromkeys(name for name in people if 1 < len(name) <= _LONGEST_NAME_CHARS and not _NOT_A_NAME.search(name))
    )


def _published_at(root: lxml.html.HtmlElement, stated: str, meta: dict[str, str], url: str) -> datetime | None:
    for value in (stated, *(meta.get(key, "") for key in _DATES)):
        if (when := parse_date(value)) is not None:
            return when
    for element in root.iter("time"):
        if (when := parse_date(element.get("datetime"))) is not None:
            return when
    return parse_date(find_date(root, url=url, original_date=True, extensive_search=False))


def _lang(root: lxml.html.HtmlElement, stated: str, meta: dict[str, str]) -> str | None:
    for value in (root.get("lang"), root.get("xml:lang"), stated, meta.get("og:locale"), meta.get("content-language")):
        code = (value or "").strip().replace("_", "-").partition("-")[0].lower()
        if len(code) == 2 and code.isascii() and code.isalpha():
            return code
    return None


def _canonical(root: lxml.html.HtmlElement, meta: dict[str, str], url: str) -> str:
    """Believe a page's canonical address only within its own site, and never one that is a mere front page."""
    stated = [
        link.get("href") or "" for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    for value in (*stated, meta.get("og:url", "")):
        found = resolve(url, value)
        parts = urlsplit(found)
        theirs = (parts.hostname or "").removeprefix("www.")
        same = theirs == host or theirs.endswith(f".{host}") or host.endswith(f".{theirs}")
        if found and theirs and same and (len(parts.path) > 1 or parts.query):
            return found
    return url
