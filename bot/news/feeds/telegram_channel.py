"""A public Telegram channel's page as a feed: what ``t.me/s/name`` shows to anybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import lxml.html

from bot.news.errors import ArticleError, FeedError, FeedFault
from bot.news.feeds.model import Entry, Feed
from bot.news.pages.tree import parse_page
from bot.news.parsing.dates import parse_date
from bot.news.parsing.links import resolve
from bot.news.parsing.markup import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOSTS: Final = frozenset({"t.me", "telegram.me"})
_PATH: Final = re.compile(r"^/s/[A-Za-z]\w{3,31}/?$")
_LONGEST_TITLE_CHARS: Final = 120
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s")


def is_channel(url: str) -> bool:
    """Tell the address of a public channel's page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.hostname in _HOSTS and _PATH.match(parts.path) is not None


def parse_channel(html: bytes, *, url: str) -> Feed:
    """Read the newest posts of a channel, the newest first.

    Args:
        html: The page as fetched.
        url: Where it came from.

    Raises:
        FeedError: It shows no channel: a group, a person, a channel that is closed or does not exist.
    """
    try:
        root = parse_page(html)
    except ArticleError as error:
        raise FeedError(FeedFault.NOT_A_FEED) from error
    title = next((one_line(each.text_content()) for each in _by_class(root, "tgme_channel_info_header_title")), "")
    entries = [entry for post in _by_class(root, "tgme_widget_message") if (entry := _entry(post, url)) is not None]
    if not title and not entries:
        raise FeedError(FeedFault.NOT_A_FEED, "no channel")
    entries.reverse()
    site = url.replace("/s/", "/", 1)
    return Feed(
        title=title or urlsplit(site).path.strip("/"), site_url=site, entries=tuple(entries), total=len(entries)
    )


def _entry(post: lxml.html.HtmlElement, url: str) -> Entry | None:
    """Read a post; ``None`` for one without words, such as a picture alone or a note that somebody joined."""
    place = post.get("data-post") or ""
    bodies = [each for each in _by_class(post, "tgme_widget_message_text") if not _is_quoted(each)]
    if not place or not bodies:
        return None
    body = bodies[-1]
    markup = lxml.html.tostring(body, encoding="unicode", with_tail=False)
    for line_break in body.iter("br"):
        line_break.tail = f"\n{line_break.tail or ''}"
    text = body.text_content()
    stamp = next((each.get("datetime") for each in post.iter("time") if each.get("datetime")), None)
    author = next((one_line(each.text_content()) for each in _by_class(post, "tgme_widget_message_from_author")), "")
    return Entry(
        id=place,
        url=resolve(url, f"/{place}"),
        title=_headline(text),
        author=author,
        published_at=parse_date(stamp) if stamp else None,
        summary=markup,
        content=markup,
    )


def _headline(text: str) -> str:
    """Take a post's first line as its title; of a long one the first sentence."""
    first = next((one_line(line) for line in text.splitlines() if line.strip()), "")
    if len(first) <= _LONGEST_TITLE_CHARS:
        return first
    sentence = _SENTENCE_END.split(first, maxsplit=1)[0]
    if len(sentence) <= _LONGEST_TITLE_CHARS:
        return sentence
    return f"{first[: _LONGEST_TITLE_CHARS - 1].rpartition(' ')[0]}…"


def _is_quoted(element: lxml.html.HtmlElement) -> bool:
    """Tell the words of the post that another replies to."""
    return any("tgme_widget_message_reply" in (parent.get("class") or "").split() for parent in element.iterancestors())


def _by_class(root: lxml.html.HtmlElement, name: str) -> Iterator[lxml.html.HtmlElement]:
    for element in root.iter():
        if isinstance(element.tag, str) and name in (element.get("class") or "").split():
            yield element
