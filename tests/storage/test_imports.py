"""Lists of feeds that chats give."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage.model import (
    NO_SAMPLE,
    ChatKind,
    Import,
    ImportState,
    ListedFeed,
    Subscriber,
    SubscriptionMode,
    SubscriptionState,
)
from tests.support.databases import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage import Storage, Work


def listed(count: int, *, start: int = 0) -> list[ListedFeed]:
    return [ListedFeed(url=f"https://paper{n}.example/feed", title=f"Paper {n}") for n in range(start, start + count)]


async def draft(work: Work, entries: Sequence[ListedFeed], *, chat_id: int = 7) -> tuple[Subscriber, Import]:
    chat = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=NOW)
    made = await work.imports.draft(
        subscriber_id=chat.id,
        thread_id=0,
        user_id=chat_id,
        file_name="mine.opml",
        entries=entries,
        invalid=["nowhere"],
        invalid_count=1,
        now=NOW,
    )
    return chat, made


async def test_a_list_is_added_a_few_feeds_at_a_time_and_counted(storage: Storage) -> None:
    async with storage.write() as work:
        chat, made = await draft(work, listed(25))
        known, _ = await work.feeds.add("https://paper3.example/feed", title="Three", site_url="", now=NOW)
        await work.subscribers.subscribe(chat.id, known.id, now=NOW)
        assert await work.imports.count_known(chat.id, 0, [entry.url for entry in listed(25)]) == 1
        assert await work.imports.advance(limit=10, now=NOW) is None
        assert await work.imports.start(made.id, message_id=5, most_feeds=50)
        assert not await work.imports.start(made.id, message_id=5, most_feeds=50)
    states = []
    while await_running := await _advance(storage):
        states.append((await_running.reached, await_running.state))
    assert states == [(10, ImportState.RUNNING), (20, ImportState.RUNNING), (25, ImportState.DONE)]
    async with storage.read() as work:
        done = await work.imports.find(made.id)
        assert done is not None
        assert (done.added, done.known, done.left_out, done.invalid) == (24, 1, 0, ("nowhere",))
        mine = await work.subscribers.list_subscriptions(chat.id)
        assert len(mine) == 25
        assert len(await work.imports.list_brought(made.id)) == 24
        assert not await work.imports.is_any_running()
    async with storage.write() as work:
        due = [(await work.feeds.get(feed.id)).due_at for mark, feed in mine if mark.sample_id == NO_SAMPLE]
        assert len(set(due)) == 24, "a list brings no burst of polls"
        assert max(due) < NOW + timedelta(seconds=60)


async def _advance(storage: Storage) -> Import | None:
    async with storage.write() as work:
        return await work.imports.advance(limit=10, now=NOW)


async def test_what_there_is_no_room_for_is_left_out(storage: Storage) -> None:
    async with storage.write() as work:
        chat, made = await draft(work, listed(12))
        await work.imports.start(made.id, message_id=5, most_feeds=4)
        await work.imports.advance(limit=10, now=NOW)
        done = await work.imports.advance(limit=10, now=NOW)
        assert done is not None
        assert (done.added, done.left_out, done.state) == (4, 8, ImportState.DONE)
        assert len(await work.subscribers.list_subscriptions(chat.id)) == 4


async def test_folder_mode_name_and_pause_are_kept_and_the_name_is_its_readers_alone(storage: Storage) -> None:
    entry = ListedFeed(
        url="https://tidewatch.example/feed?key=4fK2",
        title="My tide",
        folder="News/Coast",
        mode=SubscriptionMode.DIGEST,
        paused=True,
        private=True,
    )
    async with storage.write() as work:
        chat, made = await draft(work, [entry])
        await work.imports.start(made.id, message_id=5, most_feeds=50)
        await work.imports.advance(limit=10, now=NOW)
    async with storage.read() as work:
        [(mark, feed)] = await work.subscribers.list_subscriptions(chat.id)
        assert (mark.folder, mark.mode, mark.state) == (
            "News/Coast",
            SubscriptionMode.DIGEST,
            SubscriptionState.PAUSED,
        )
        assert (mark.name, feed.title, feed.private) == ("My tide", "My tide", True)
        assert (await work.feeds.get(feed.id)).title == "tidewatch.example"


async def test_undone_removal_brings_back_what_its_reader_had_chosen(storage: Storage) -> None:
    entry = ListedFeed(
        url="https://one.example/feed", title="My one", folder="Coast", paused=True, mode=SubscriptionMode.DIGEST
    )
    async with storage.write() as work:
        chat, made = await draft(work, [entry])
        await work.imports.start(made.id, message_id=5, most_feeds=50)
        await work.imports.advance(limit=10, now=NOW)
    async with storage.write() as work:
        [(mark, feed)] = await work.subscribers.list_subscriptions(chat.id)
        await work.subscribers.set_length(mark.id, 200)
        await work.subscribers.unsubscribe(mark.id)
        assert await work.subscribers.purge_forsaken(NOW - timedelta(days=999)) == 0
        back = await work.subscribers.restore(chat.id, feed.id, thread_id=4, now=NOW)
        assert await work.subscribers.find_subscription(back.id) == back
        assert (back.name, back.folder, back.summary_chars, back.thread_id) == ("My one", "Coast", 200, 0)
        assert (back.state, back.mode) == (SubscriptionState.PAUSED, SubscriptionMode.DIGEST)
        assert await work.subscribers.restore(chat.id, feed.id, now=NOW) == back, "a second tap changes nothing"
        await work.subscribers.unsubscribe(back.id)
        await work.subscribers.purge_forsaken(NOW + timedelta(days=9999))
        assert (await work.subscribers.restore(chat.id, feed.id, now=NOW)).name is None, "nothing is kept for long"


async def test_a_discarded_list_keeps_nothing_and_an_old_one_goes(storage: Storage) -> None:
    async with storage.write() as work:
        _, one = await draft(work, listed(3))
        assert await work.imports.discard(one.id)
        assert not await work.imports.start(one.id, message_id=5, most_feeds=50)
        assert await work.imports.purge(NOW) == 0
        assert await work.imports.purge(NOW + timedelta(seconds=1)) == 1
        assert await work.imports.find(one.id) is None


async def test_only_a_feed_whose_readers_all_came_by_lists_wants_no_sample(storage: Storage) -> None:
    async with storage.write() as work:
        chat, made = await draft(work, listed(1))
        await work.imports.start(made.id, message_id=5, most_feeds=50)
        await work.imports.advance(limit=10, now=NOW)
        [(_, feed)] = await work.subscribers.list_subscriptions(chat.id)
        assert not await work.feeds.wants_sample(feed.id)
        other = await work.subscribers.ensure(8, kind=ChatKind.PRIVATE, lang="en", now=NOW)
        await work.subscribers.subscribe(other.id, feed.id, now=NOW)
        assert await work.feeds.wants_sample(feed.id)
