"""What workers do for the reader: parse, extract, summarise. It loads nothing that only the bot itself needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.identity import entry_keys
from bot.news.feeds.parser import parse_feed
from bot.news.feeds.sitemap import looks_like_sitemap, parse_sitemap
from bot.news.feeds.telegram_channel import is_channel, parse_channel
from bot.news.pages.prepare import prepare_text
from summarizer import Document, Method, Sentence, Summary, explain

if TYPE_CHECKING:
    from bot.news.feeds.parser import Feed
    from storage.model import EntryKey
    from summarizer import Why

_SAMPLES = (
    "The ferry sails again. It leaves every hour.",  # so short that its language is guessed by other means
    "The ferry sails again from Monday, after three weeks in which its engine was mended at the yard. "
    "It leaves the quay every hour between six in the morning and ten at night, as it did before.",
)


def warm_up() -> None:
    """Load what the first article would wait for, such as weights and languages: a third of a second."""
    for text in _SAMPLES:
        prepare_text(text, title="", max_chars=200)


def read_feed(
    body: bytes, url: str, content_type: str | None, charset: str | None
) -> tuple[Feed, tuple[tuple[EntryKey, ...], ...]]:
    """Parse a feed of any kind; give it with the keys of each of its entries.

    Raises:
        FeedError: It is no feed, or one without anything in it.
    """
    if is_channel(url):
        feed = parse_channel(body, url=url)
    elif looks_like_sitemap(body):
        feed = parse_sitemap(body, url=url)
    else:
        feed = parse_feed(body, url=url, content_type=content_type, charset=charset)
    # What has neither name nor place nor words is no news: the rest of a feed that was cut off, most often.
    entries = tuple(each for each in feed.entries if each.title or each.url or each.summary or each.content)
    if not entries and not feed.title:
        raise FeedError(FeedFault.EMPTY)
    feed = replace(feed, entries=entries)
    return feed, tuple(map(entry_keys, feed.entries))


def explain_spans(text: str, title: str, lang: str, spans: tuple[tuple[int, int], ...]) -> tuple[tuple[Why, ...], ...]:
    """Find the reasons for which the sentences between these places of an article were chosen."""
    sentences = tuple(Sentence(text=text[start:end], start=start, end=end) for start, end in spans)
    document = Document(text=text, title=title, lang=lang or None)
    return explain(document, Summary(sentences=sentences, lang=lang, method=Method.NEWS))
