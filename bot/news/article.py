"""A page → its article: pure and synchronous, to be run in a worker process."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trafilatura import bare_extraction

from bot.news.markup import one_line, text_of_html
from bot.news.page import parse_page
from bot.news.page_metadata import read_metadata

if TYPE_CHECKING:
    from datetime import datetime

    import lxml.html

__all__ = ["Article", "choose_text", "extract_article", "text_of_html"]

_MUCH_LONGER = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as its page gives it; an empty string stands for what the page does not say.

    Attributes:
        title: plain text on one line.
        text: paragraphs, separated by one line break; empty where the page has no article.
        author: names, separated by commas.
        published_at: aware, UTC.
        lang: two letters, as the page states; ``None`` where it does not.
        site: the site's name.
        url: the canonical address where it is of the same site, else the one fetched.
        image: absolute address of the picture for previews.
        is_partial: whether the site keeps the rest for its subscribers.
    """

    title: str
    text: str
    author: str = ""
    published_at: datetime | None = None
    lang: str | None = None
    site: str = ""
    url: str
    image: str | None = None
    is_partial: bool = False


def extract_article(html: bytes, *, url: str, charset: str | None = None) -> Article:
    """Extract the article's text and what the page says about it.

    Args:
        html: the page as fetched.
        url: where it came from, after redirects.
        charset: the server's; ``None`` leaves it to the page.

    Raises:
        ArticleError: the bytes are no page; a page without an article gives an empty text.
    """
    root = parse_page(html, charset=charset)
    metadata = read_metadata(root, url=url)
    return Article(
        title=metadata.title,
        text=_text(root, url=url, title=metadata.title),
        author=metadata.author,
        published_at=metadata.published_at,
        lang=metadata.lang,
        site=metadata.site,
        url=metadata.url,
        image=metadata.image,
        is_partial=metadata.is_partial,
    )


def choose_text(page: Article | None, feed_html: str) -> str:
    """Choose the article's text: the page's, unless it failed or the feed's own content is clearly longer.

    Args:
        page: the extracted page; ``None`` where it could not be had.
        feed_html: the feed's content, HTML; may be empty.
    """
    own = text_of_html(feed_html)
    text = page.text if page is not None else ""
    return own if len(own) > _MUCH_LONGER * len(text) else text


def _text(root: lxml.html.HtmlElement, *, url: str, title: str) -> str:
    found = bare_extraction(
        deepcopy(root),
        fast=True,  # the slower fallback gains nothing on news pages
        url=url,
        include_comments=False,
        include_tables=False,
        include_formatting=False,
        with_metadata=False,
    )
    text = getattr(found, "text", None) or ""
    lines = [line for line in map(one_line, text.splitlines()) if line]
    if lines and title and lines[0].casefold() == title.casefold():
        del lines[0]  # the headline stands above the text, not in it
    return "\n".join(lines)
