"""What tests of storage start from: feeds, chats, stories, deliveries."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from storage.model import (
    Article,
    ArticleState,
    ChatKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    EntryKey,
    Fanout,
    FanoutKind,
    Feed,
    NewArticle,
    NewDelivery,
    Priority,
    Settlement,
    Story,
    Subscriber,
    Verb,
)
from tests.support.databases import NOW

if TYPE_CHECKING:
    from storage import Storage, Work

EARLIER = NOW - timedelta(days=1)
"""When readers subscribed: what they are owed came later."""

_numbers = count(1)


def entry(
    number: int | None = None, *, state: ArticleState = ArticleState.PENDING, title: str | None = None
) -> NewArticle:
    number = next(_numbers) if number is None else number
    return NewArticle(
        keys=(EntryKey(kind="id", digest=f"{number:064x}"), EntryKey(kind="url", digest=f"{number + 10**6:064x}")),
        url=f"https://weirpost.example/{number}",
        title=title or f"Lock {number} reopens",
        state=state,
    )


async def add_feed(work: Work, name: str = "weirpost", *, private: bool = False) -> Feed:
    feed, _ = await work.feeds.add(
        f"https://{name}.example/feed",
        title=name.title(),
        site_url=f"https://{name}.example",
        private=private,
        now=NOW,
    )
    return feed


async def add_chat(work: Work, chat_id: int, kind: ChatKind = ChatKind.PRIVATE) -> Subscriber:
    return await work.subscribers.ensure(chat_id, kind=kind, lang="en", now=NOW)


async def add_readers(work: Work, feed: Feed, number: int, *, first: int = 100) -> list[Subscriber]:
    readers = [await add_chat(work, chat_id) for chat_id in range(first, first + number)]
    for reader in readers:
        await work.subscribers.subscribe(reader.id, feed.id, now=EARLIER)
    return readers


async def add_article(work: Work, feed: Feed, text: str = "The lock reopened at noon.") -> Article:
    (article,) = await work.articles.add_entries(feed.id, [entry()], now=NOW)
    return await work.articles.make_ready(article.id, text=text, lang="en")


async def add_story(work: Work, *feeds: Feed) -> Story:
    story = await work.stories.create(lang="en", title="Lock reopens", title_key=f"lock {next(_numbers)}", now=NOW)
    for feed in feeds:
        article = await add_article(work, feed)
        story = await work.stories.attach(story.id, article.id, url_key=article.url, now=NOW)
    return story


async def spread_story(work: Work, story: Story) -> Fanout:
    fanout = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
    return await work.fanouts.expand(fanout.id, now=NOW)


def reply(
    subscriber: Subscriber,
    number: int,
    *,
    priority: Priority = Priority.REPLY,
    part: int = 0,
    thread_id: int = 0,
    text: str = "Done.",
    verb: Verb = Verb.SEND,
    target_id: int | None = None,
    message_id: int | None = None,
) -> NewDelivery:
    return NewDelivery(
        subscriber_id=subscriber.id,
        kind=DeliveryKind.REPLY,
        subject=f"u:{number}",
        part=part,
        priority=priority,
        due_at=NOW,
        thread_id=thread_id,
        payload={"text": text},
        verb=verb,
        target_id=target_id,
        message_id=message_id,
    )


def farewell(chat_id: int, number: int = 9) -> NewDelivery:
    return NewDelivery(
        subscriber_id=None,
        chat_id=chat_id,
        kind=DeliveryKind.FAREWELL,
        subject=f"u:{number}",
        priority=Priority.REPLY,
        due_at=NOW,
        payload={"text": "All gone."},
    )


async def claim(storage: Storage, *, limit: int = 64, excluding: tuple[int, ...] = ()) -> list[Delivery]:
    async with storage.write() as work:
        return await work.outbox.claim(NOW, limit=limit, excluding=excluding)


def sent(delivery: Delivery, message_id: int, *, revision: int | None = None) -> Settlement:
    return Settlement(delivery_id=delivery.id, state=DeliveryState.SENT, message_id=message_id, revision=revision)


async def settle(storage: Storage, *settlements: Settlement) -> None:
    async with storage.write() as work:
        await work.outbox.settle(settlements, NOW)
