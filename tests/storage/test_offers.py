"""What newcomers are offered, and the topics that they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model import ChatKind
from tests.support.databases import NOW

if TYPE_CHECKING:
    from storage import Storage, Work
    from storage.model import Feed, Subscription


async def add_feed(work: Work, name: str) -> Feed:
    feed, _ = await work.feeds.add(
        f"https://{name}.example/feed", title=name, site_url=f"https://{name}.example/", now=NOW
    )
    return feed


async def follow(work: Work, feed: Feed, *, chat_id: int = 7) -> tuple[Subscription, bool]:
    chat = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=NOW)
    return await work.subscribers.subscribe(chat.id, feed.id, now=NOW)


async def test_offered_feed_is_polled_before_anybody_follows_it(storage: Storage) -> None:
    async with storage.write() as work:
        offered = await add_feed(work, "tidewatch")
        await add_feed(work, "kestrel")
        await work.offers.put("science", "en", [offered.id])
    async with storage.write() as work:
        claimed = await work.feeds.claim_due(NOW, limit=10, lease_s=60)
    assert [feed.id for feed in claimed] == [offered.id]


async def test_offers_are_listed_best_first_and_replaced_as_a_whole(storage: Storage) -> None:
    async with storage.write() as work:
        one, two, three = [await add_feed(work, name) for name in ("one", "two", "three")]
        await work.offers.put("science", "en", [two.id, one.id])
        await work.offers.put("science", "uk", [one.id])
        await work.offers.put("science", "en", [three.id, two.id])
    async with storage.read() as work:
        assert [feed.id for feed in await work.offers.list_feeds("science", "en")] == [three.id, two.id]
        assert await work.offers.list_topics("uk") == {"science"}
    async with storage.write() as work:
        await work.offers.keep_languages(["en"])
    async with storage.read() as work:
        assert not await work.offers.list_topics("uk")


async def test_feed_that_never_answered_is_hopeless_and_one_that_did_is_not(storage: Storage) -> None:
    async with storage.write() as work:
        dead, shaky, gone = [await add_feed(work, name) for name in ("dead", "shaky", "gone")]
        await work.feeds.record_success(shaky.id, now=NOW, due_at=NOW, etag=None, last_modified=None, changed=False)
        for _ in range(3):
            await work.feeds.record_failure(dead.id, due_at=NOW, error="HostUnreachable")
            await work.feeds.record_failure(shaky.id, due_at=NOW, error="HostUnreachable")
        await work.feeds.record_failure(gone.id, due_at=NOW, error="BadStatus 410", gone=True)
    async with storage.read() as work:
        assert await work.offers.list_hopeless() == {dead.url, gone.url}


async def test_leaving_a_topic_gives_what_came_with_it_alone(storage: Storage) -> None:
    async with storage.write() as work:
        own, shared, brought = [await add_feed(work, name) for name in ("own", "shared", "brought")]
        marks = {feed.id: (await follow(work, feed))[0] for feed in (own, shared, brought)}
        chat_id = marks[own.id].subscriber_id
        await work.offers.follow("science", marks[own.id].id, is_new=False)
        await work.offers.follow("science", marks[shared.id].id, is_new=True)
        await work.offers.follow("science", marks[brought.id].id, is_new=True)
        await work.offers.follow("sport", marks[shared.id].id, is_new=False)
        assert await work.offers.list_followed(chat_id) == {"science", "sport"}
    async with storage.write() as work:
        assert await work.offers.leave("science", chat_id) == [marks[brought.id].id]
        assert await work.offers.list_followed(chat_id) == {"sport"}
        # What science brought first is held by sport, and goes with it.
        assert await work.offers.leave("sport", chat_id) == [marks[shared.id].id]


async def test_topic_ends_with_the_last_of_its_subscriptions(storage: Storage) -> None:
    async with storage.write() as work:
        mark, is_new = await follow(work, await add_feed(work, "kestrel"))
        await work.offers.follow("science", mark.id, is_new=is_new)
        portrait = await work.subscribers.portray(mark.subscriber_id)
        assert portrait["followed_topics"] == [{"subscription_id": mark.id, "topic": "science", "brought": True}]
        await work.subscribers.unsubscribe(mark.id)
        assert await work.offers.list_followed(mark.subscriber_id) == set()
