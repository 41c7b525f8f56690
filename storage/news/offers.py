"""What newcomers are offered: feeds by topic and language, polled before anybody follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import ArticleState, Feed, FeedState
from storage.rows import columns, make
from storage.tables import articles, feeds, followed_topics, offers, subscribers, subscriptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.connection.transaction import Transaction

_HOPELESS_FAILURES = 3


class Offers:
    """The offers of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def put(self, topic: str, lang: str, feed_ids: Sequence[int]) -> None:
        """Offer these feeds, best first, and no others of that topic to those who speak a language."""
        await self._tx.run(offers.delete().where(offers.c.topic == topic, offers.c.lang == lang))
        rows = [
            {"topic": topic, "lang": lang, "feed_id": feed_id, "rank": rank} for rank, feed_id in enumerate(feed_ids)
        ]
        if rows:
            await self._tx.run(offers.insert(), rows)
        self._tx.rung.add(Channel.FEEDS)

    async def keep_languages(self, langs: Sequence[str]) -> None:
        """Offer nothing in other languages than these, so that nothing is polled for nobody."""
        await self._tx.run(offers.delete().where(offers.c.lang.not_in(langs)))

    async def list_feeds(self, topic: str, lang: str) -> list[Feed]:
        """List what is offered of a topic, best first."""
        rows = await self._tx.all(
            sa.select(*columns(Feed, feeds))
            .join_from(offers, feeds)
            .where(offers.c.topic == topic, offers.c.lang == lang)
            .order_by(offers.c.rank)
        )
        return [make(Feed, row, feeds) for row in rows]

    async def list_topics(self, lang: str) -> set[str]:
        """Name the topics of which anything is offered in a language."""
        found = sa.select(offers.c.topic).where(offers.c.lang == lang).distinct()
        return {str(topic) for topic in await self._tx.values(found)}

    async def list_hopeless(self) -> set[str]:
        """List the addresses of feeds that are closed or have failed again and again without ever being read."""
        given_up = sa.or_(
            feeds.c.state == FeedState.GONE,
            sa.and_(feeds.c.failures >= _HOPELESS_FAILURES, feeds.c.checked_at.is_(None)),
        )
        return {str(url) for url in await self._tx.values(sa.select(feeds.c.url).where(given_up))}

    async def list_languages(self) -> list[str]:
        """List the languages that this bot's chats speak."""
        spoken = sa.select(subscribers.c.lang).where(subscribers.c.bot_id == self._tx.bot_id).distinct()
        return sorted(str(lang) for lang in await self._tx.values(spoken))

    async def find_sample(self, feed_ids: Sequence[int]) -> int | None:
        """Find the newest story that any of these feeds has told; ``None`` where none has been read yet."""
        story_id: int | None = await self._tx.value(
            sa.select(articles.c.story_id)
            .where(
                articles.c.feed_id.in_(feed_ids),
                articles.c.state == ArticleState.READY,
                articles.c.story_id.is_not(None),
            )
            .order_by(articles.c.fetched_at.desc(), articles.c.id.desc())
            .limit(1)
        )
        return story_id

    # ---- the topics that a chat follows

    async def list_followed(self, subscriber_id: int, thread_id: int = 0) -> set[str]:
        """Name the topics that a chat follows in one of its threads."""
        found = (
            sa.select(followed_topics.c.topic)
            .join_from(followed_topics, subscriptions)
            .where(subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.thread_id == thread_id)
            .distinct()
        )
        return {str(topic) for topic in await self._tx.values(found)}

    async def follow(self, topic: str, subscription_id: int, *, is_new: bool) -> None:
        """Note that a subscription belongs to a topic that the chat follows.

        Args:
            topic: The topic.
            subscription_id: The subscription.
            is_new: Whether it came with the topic, rather than by the chat's own wish.
        """
        by_topic = sa.select(followed_topics.c.topic).where(
            followed_topics.c.subscription_id == subscription_id, followed_topics.c.brought.is_(True)
        )
        brought = is_new or await self._tx.value(by_topic.limit(1)) is not None
        await self._tx.run(
            self._tx.insert(followed_topics)
            .values(subscription_id=subscription_id, topic=topic, brought=brought)
            .on_conflict_do_nothing()
        )

    async def leave(self, topic: str, subscriber_id: int, thread_id: int = 0) -> list[int]:
        """Stop following a topic; give the subscriptions that came with it and that no other topic holds."""
        mine = sa.select(subscriptions.c.id).where(
            subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.thread_id == thread_id
        )
        rows = await self._tx.all(
            followed_topics.delete()
            .where(followed_topics.c.topic == topic, followed_topics.c.subscription_id.in_(mine))
            .returning(followed_topics.c.subscription_id, followed_topics.c.brought)
        )
        left = [row[followed_topics.c.subscription_id] for row in rows if row[followed_topics.c.brought]]
        held = await self._tx.values(
            sa.select(followed_topics.c.subscription_id).where(followed_topics.c.subscription_id.in_(left))
        )
        return sorted(set(left) - {int(each) for each in held})
