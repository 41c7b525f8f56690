"""A page → its article: pure and synchronous, to be run in a worker process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.news.errors import ArticleError
from bot.news.pages.article_text import article_parts
from bot.news.pages.metadata import read_metadata
from bot.news.pages.obstacles import Obstacle, find_obstacle
from bot.news.pages.tree import parse_page
from bot.news.parsing.fragments import text_of_html

if TYPE_CHECKING:
    from datetime import datetime

    from bot.news.pages.block_filter import Part

__all__ = ["Article", "choose_text", "extract_article", "text_of_html"]

_MUCH_LONGER = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as its page gives it; an empty string stands for what the page does not say.

    Attributes:
        title: plain text on one line.
        text: paragraphs, separated by one line break; empty where the page has no article.
        parts: the same, with what each paragraph is.
        author: names, separated by commas.
        published_at: aware, in the zone that the page writes.
        lang: two letters, as the page states; ``None`` where it does not.
        site: the site's name.
        url: the canonical address where it is of the same site, else the one fetched.
        image: absolute address of the picture for previews.
        obstacle: what kept the article, or all but its opening, from us.
    """

    title: str
    text: str
    parts: tuple[Part, ...] = ()
    author: str = ""
    published_at: datetime | None = None
    lang: str | None = None
    site: str = ""
    url: str
    image: str | None = None
    obstacle: Obstacle | None = None


def extract_article(html: bytes, *, url: str, charset: str | None = None) -> Article:
    """Extract the article's text and what the page says about it.

    Args:
        html: the page as fetched.
        url: where it came from, after redirects.
        charset: the server's; ``None`` leaves it to the page.

    Raises:
        ArticleError: the bytes are no page, or one nested too deeply; a page without an article gives an empty text.
    """
    try:
        return _extract(html, url=url, charset=charset)
    except RecursionError as error:
        raise ArticleError("nested too deeply") from error


def _extract(html: bytes, *, url: str, charset: str | None) -> Article:
    root = parse_page(html, charset=charset)
    elements = list(root.iter())  # lxml makes a Python object of an element anew each time that none is held
    metadata = read_metadata(root, url=url)
    parts = article_parts(root, metadata, url=url)
    del elements
    text = "\n".join(part.text for part in parts)
    return Article(
        title=metadata.title,
        text=text,
        parts=parts,
        author=metadata.author,
        published_at=metadata.published_at,
        lang=metadata.lang,
        site=metadata.site,
        url=metadata.url,
        image=metadata.image,
        obstacle=find_obstacle(root, metadata, text, url=url),
    )


def choose_text(page: Article | None, feed_html: str) -> str:
    """Choose the article's text: the page's, unless it failed or the feed's own content is clearly longer.

    Args:
        page: the extracted page; ``None`` where it could not be had.
        feed_html: the feed's content, HTML; may be empty.
    """
    own = text_of_html(feed_html)
    if page is None or page.obstacle in {Obstacle.CONSENT, Obstacle.MISSING, Obstacle.FRONT}:
        return own  # what stands there is no article's
    much = 1.0 if page.obstacle else _MUCH_LONGER
    return own if len(own) > much * len(page.text) else page.text
