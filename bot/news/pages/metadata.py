"""Who wrote what, when and where: JSON-LD first, then the page's meta tags, then its markup."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from htmldate import find_date

from bot.news.pages.json_ld import address, article_node, names, text
from bot.news.pages.people import find_authors
from bot.news.parsing.dates import parse_local_date
from bot.news.parsing.links import resolve
from bot.news.parsing.markup import one_line

if TYPE_CHECKING:
    from datetime import datetime

    import lxml.html

_TITLE_SEPARATORS = (" | ", " — ", " – ", " - ", " :: ", " » ", " · ")
_SHORT_TITLE_CHARS = 12
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
_DESCRIPTIONS = ("description", "og:description", "twitter:description")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says of itself; empty strings and ``None`` for what it does not say.

    Attributes:
        title: the article's headline, without the site's name.
        author: names, separated by commas.
        published_at: aware, in the zone that the page writes.
        lang: two letters in lower case.
        site: the site's name, its host where it has none.
        url: the canonical address where it is of the same site, else the one fetched.
        image: absolute address of the picture for previews.
        is_article: whether the page declares itself an article.
        descriptions: what the page says that the article is about, in its several places.
        body: the text that JSON-LD gives, text or HTML; often empty or cut.
        must_pay: whether the page says that only those who pay may read it whole.
        is_video: whether it declares itself a video.
        words: how long it says that its article is; 0 where it does not.
    """

    title: str
    author: str
    published_at: datetime | None
    lang: str | None
    site: str
    url: str
    image: str | None
    is_article: bool
    descriptions: tuple[str, ...] = ()
    body: str = ""
    must_pay: bool = False
    is_video: bool = False
    words: int = 0


def read_metadata(root: lxml.html.HtmlElement, *, url: str) -> PageMetadata:
    """Read a page's own description.

    Args:
        root: the parsed page.
        url: where it came from.
    """
    node, pairs = article_node(root), _meta(root)
    meta: dict[str, str] = {}
    for key, value in pairs:
        meta.setdefault(key, value)
    publisher = names(node.get("publisher"))
    site = one_line(html.unescape(meta.get("og:site_name", "") or next(iter(publisher), "")))
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    image = resolve(url, meta.get("og:image") or address(node.get("image")) or meta.get("twitter:image") or "")
    return PageMetadata(
        title=_title(root, text(node.get("headline")), meta, site or host),
        author=", ".join(find_authors(root, node, pairs, (site, host, *host.split("."), *publisher))),
        published_at=_published_at(root, text(node.get("datePublished")), meta, url),
        lang=_lang(root, text(node.get("inLanguage")), meta),
        site=site or host,
        url=_canonical(root, meta, url),
        image=image or None,
        is_article=bool(node) or meta.get("og:type", "").lower() == "article",
        descriptions=tuple(
            dict.fromkeys(filter(None, [*(meta.get(key, "") for key in _DESCRIPTIONS), text(node.get("description"))]))
        ),
        body=text(node.get("articleBody")),
        must_pay=_is_no(node.get("isAccessibleForFree"))
        or meta.get("article:content_tier", "").lower() in {"locked", "metered", "paid", "premium"},
        is_video=meta.get("og:type", "").lower().startswith("video"),
        words=_count(node.get("wordCount")),
    )


def _meta(root: lxml.html.HtmlElement) -> list[tuple[str, str]]:
    """Gather the meta tags that say something, by lower-case name, in order."""
    found: list[tuple[str, str]] = []
    for element in root.iter("meta"):
        key = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
        value = (element.get("content") or "").strip()
        if key and value:
            found.append((key, value))
    return found


def _title(root: lxml.html.HtmlElement, headline: str, meta: dict[str, str], site: str) -> str:
    stated = [one_line(html.unescape(value)) for value in (headline, *(meta.get(key, "") for key in _TITLES))]
    stated = [_without_site(value, site) for value in stated if value]
    title = next((value for value in stated if len(value) > _SHORT_TITLE_CHARS), "") or next(iter(stated), "")
    headings = [one_line(element.text_content()) for element in root.iter("h1")]
    page = _without_site(one_line(root.findtext(".//title") or ""), site)
    if not title:
        return page or next(filter(None, headings), "")
    # Metadata may cut a headline short; what readers see of it is whole.
    begun = title.rstrip("….").rstrip().casefold()
    whole = [one for one in headings if len(title) > _SHORT_TITLE_CHARS and one.casefold().startswith(begun)]
    return next(iter(whole), title)


def _without_site(title: str, site: str) -> str:
    """Cut the site's name from the end of a title."""
    plain = "".join(char for char in site.casefold() if char.isalnum())
    for separator in _TITLE_SEPARATORS:
        head, found, tail = title.rpartition(separator)
        name = "".join(char for char in tail.casefold() if char.isalnum())
        if found and len(head) > 10 and name and plain and (name in plain or plain in name):
            return head.strip()
    return title


def _published_at(root: lxml.html.HtmlElement, stated: str, meta: dict[str, str], url: str) -> datetime | None:
    for value in (stated, *(meta.get(key, "") for key in _DATES)):
        if (when := _date(value)) is not None:
            return when
    for element in root.iter("time"):
        if (when := _date(element.get("datetime"))) is not None:
            return when
    return parse_local_date(find_date(root, url=url, original_date=True, extensive_search=False))


def _date(text: str | None) -> datetime | None:
    """Read a date; the year 1, as Go writes it, says that there is none."""
    when = parse_local_date(text)
    return when if when is not None and when.year >= 1000 else None


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


def _is_no(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in {"false", "no", "0"})


def _count(value: object) -> int:
    stated = str(value).strip() if isinstance(value, int | str) else ""
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 7 else 0
