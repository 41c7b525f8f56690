import asyncio
from datetime import timedelta

import pytest

from storage import Channel, Storage
from storage.errors import NotFoundError
from storage.model import (
    DeliveryKind,
    DeliveryState,
    Fanout,
    FanoutKind,
    Priority,
    Settlement,
    SubscriberState,
    SubscriptionMode,
    SubscriptionState,
    Verb,
)
from tests.storage.scenes import (
    EARLIER,
    add_article,
    add_chat,
    add_feed,
    add_readers,
    add_story,
    claim,
    entry,
    reply,
    sent,
    settle,
    spread_story,
)
from tests.support.databases import NOW


async def test_a_fan_out_is_opened_once_for_each_revision(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        story = await add_story(work, feed)
        first = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        again = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key=None, now=NOW)
        grown = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        with pytest.raises(NotFoundError, match="no story 99"):
            await work.fanouts.open(FanoutKind.STORY, 99, priority=Priority.STORY, now=NOW)
        with pytest.raises(NotFoundError, match="no fan-out 99"):
            await work.fanouts.expand(99, now=NOW)
    assert first == again
    assert grown.id != first.id
    assert await storage.wait(Channel.FANOUT, 0.01)


async def test_the_most_urgent_fan_out_comes_next(storage: Storage) -> None:
    async with storage.write() as work:
        assert await work.fanouts.next_open(NOW) is None
        story = await add_story(work, await add_feed(work))
        slow = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        urgent = await work.fanouts.open(FanoutKind.PUSH, 1, priority=Priority.PUSH, now=NOW)
        assert await work.fanouts.next_open(NOW) == urgent
        await work.fanouts.expand(urgent.id, now=NOW)
        assert await work.fanouts.next_open(NOW) == slow
        await work.fanouts.expand(slow.id, now=NOW)
        assert await work.fanouts.next_open(NOW) is None


async def test_a_story_reaches_every_chat_that_reads_one_of_its_feeds_once(storage: Storage) -> None:
    async with storage.write() as work:
        one, two, foreign = [await add_feed(work, name) for name in ("one", "two", "foreign")]
        readers = await add_readers(work, one, 3)
        await work.subscribers.subscribe(readers[0].id, two.id, now=EARLIER)
        await work.subscribers.subscribe(readers[0].id, two.id, thread_id=8, now=EARLIER)
        paused, lost, digest = await add_readers(work, one, 3, first=200)
        await work.subscribers.update(paused.id, state=SubscriberState.PAUSED)
        await work.subscribers.mark_unreachable(lost.id, reason="blocked", now=NOW)
        subscription = await work.subscribers.find_subscription_to(digest.id, one.id)
        assert subscription is not None
        await work.subscribers.unsubscribe(subscription.id)
        await work.subscribers.subscribe(digest.id, one.id, mode=SubscriptionMode.DIGEST, now=EARLIER)
        await add_readers(work, foreign, 1, first=300)
        story = await add_story(work, one, two)
        assert await work.fanouts.count_audience(FanoutKind.STORY, story.id) == 4
        fanout = await spread_story(work, story)
        assert (fanout.planned, fanout.done) == (4, True)
        assert await work.fanouts.expand(fanout.id, now=NOW) == fanout
    assert await storage.wait(Channel.OUTBOX, 0.01)
    claimed = await claim(storage)
    assert [(each.chat_id, each.thread_id) for each in claimed] == [(100, 0), (101, 0), (102, 0)]
    assert {(each.kind, each.subject, each.payload, each.verb) for each in claimed} == {
        (DeliveryKind.STORY, f"s:{story.id}", None, Verb.SEND)
    }


async def test_a_push_reaches_every_active_chat_with_one_content(storage: Storage) -> None:
    async with storage.write() as work:
        chats = [await add_chat(work, number) for number in range(1, 5)]
        await work.subscribers.update(chats[1].id, state=SubscriberState.PAUSED)
        content = await work.contents.put({"text": "Water off"})
        assert await work.fanouts.count_audience(FanoutKind.PUSH, 3) == 3
        fanout = await work.fanouts.open(FanoutKind.PUSH, 3, priority=Priority.PUSH, content_id=content.id, now=NOW)
        assert (await work.fanouts.expand(fanout.id, now=NOW)).planned == 3
    claimed = await claim(storage)
    assert [each.chat_id for each in claimed] == [1, 3, 4]
    assert {(each.kind, each.subject, each.content_id, each.priority) for each in claimed} == {
        (DeliveryKind.PUSH, "p:3", content.id, Priority.PUSH)
    }


async def crash_in_a_chunk(storage: Storage, fanout_id: int) -> None:
    async with storage.write() as work:
        await work.fanouts.expand(fanout_id, limit=10, now=NOW)
        raise ZeroDivisionError


@pytest.mark.parametrize("kind", list(FanoutKind), ids=str)
async def test_a_fan_out_goes_on_where_it_was_stopped(storage: Storage, kind: FanoutKind) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 23)
        story = await add_story(work, feed)
        subject_id = story.id if kind is FanoutKind.STORY else 6
        fanout = await work.fanouts.open(kind, subject_id, priority=Priority.STORY, now=NOW)
    planned, cursors = [], []
    for _ in range(3):
        async with storage.write() as work:
            fanout = await work.fanouts.expand(fanout.id, limit=10, now=NOW)
        planned.append(fanout.planned)
        cursors.append(fanout.cursor)
        with pytest.raises(ZeroDivisionError):
            await crash_in_a_chunk(storage, fanout.id)
    assert planned == [10, 20, 23]
    assert cursors == sorted(cursors)
    assert fanout.done
    assert len({each.chat_id for each in await claim(storage)}) == 23


async def test_two_workers_on_one_fan_out_plan_each_delivery_once(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 60)
        story = await add_story(work, feed)
        opened = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)

    async def expand() -> Fanout:
        while True:
            async with storage.write() as work:
                fanout = await work.fanouts.expand(opened.id, limit=7, now=NOW)
            if fanout.done:
                return fanout

    done = await asyncio.gather(expand(), expand(), expand())
    assert {fanout.planned for fanout in done} == {60}
    async with storage.read() as work:
        assert (await work.outbox.tally(DeliveryKind.STORY, f"s:{story.id}")).planned == 60


async def test_a_chat_that_came_during_the_fan_out_is_not_passed_over_twice(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 4)
        fanout = await work.fanouts.open(
            FanoutKind.STORY, (await add_story(work, feed)).id, priority=Priority.STORY, now=NOW
        )
        await work.fanouts.expand(fanout.id, limit=4, now=NOW)
        await add_readers(work, feed, 1, first=900)
        assert (await work.fanouts.expand(fanout.id, limit=4, now=NOW)).planned == 5


async def test_a_story_that_was_seen_is_never_sent_again(storage: Storage) -> None:
    async with storage.write() as work:
        feed, second = await add_feed(work, "one"), await add_feed(work, "two")
        (reader,) = await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 70, revision=1))
    async with storage.write() as work:
        assert await work.subscribers.has_seen(reader.id, story.id)
        assert not await work.subscribers.has_seen(reader.id, story.id, 5)
        assert await work.stories.find_message(reader.id, story.id) == 70
        await work.outbox.purge(NOW.replace(year=2030))
        subscription = await work.subscribers.find_subscription_to(reader.id, feed.id)
        assert subscription is not None
        await work.subscribers.unsubscribe(subscription.id)
        await work.subscribers.subscribe(reader.id, second.id, now=EARLIER)
        await work.stories.attach(story.id, (await add_article(work, second)).id, url_key=None, now=NOW)
        await spread_story(work, story)
    (edit,) = await claim(storage)
    assert (edit.kind, edit.part, edit.message_id) == (DeliveryKind.EDIT, 2, 70)


async def test_what_may_have_arrived_counts_as_seen(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        one, two = await add_readers(work, feed, 2)
        story = await add_story(work, feed)
        await spread_story(work, story)
    first, _ = await claim(storage)
    await settle(storage, Settlement(delivery_id=first.id, state=DeliveryState.UNKNOWN))
    async with storage.write() as work:
        assert await work.outbox.recover(NOW) == 1
        assert await work.subscribers.has_seen(one.id, story.id)
        assert await work.subscribers.has_seen(two.id, story.id)
        assert await work.stories.find_message(one.id, story.id) is None
        await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key=None, now=NOW)
        assert (await spread_story(work, story)).planned == 0


async def test_later_reports_become_one_edit_of_the_message(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 70, revision=1))
    async with storage.write() as work:
        for _ in range(3):
            await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key=None, now=NOW)
            await spread_story(work, story)
        assert (await work.outbox.tally(DeliveryKind.EDIT, f"s:{story.id}")).planned == 1
    (edit,) = await claim(storage)
    assert (edit.verb, edit.message_id, edit.subject, edit.priority) == (
        Verb.EDIT,
        70,
        f"s:{story.id}",
        Priority.EDIT,
    )
    await settle(storage, sent(edit, 70, revision=4))
    assert await claim(storage) == []
    async with storage.write() as work:
        assert (await spread_story(work, story)).done
        assert await work.outbox.backlog() == 0
        assert await work.stories.find_message(reader.id, story.id) == 70


@pytest.mark.parametrize("leaving", [DeliveryKind.STORY, DeliveryKind.EDIT], ids=str)
async def test_a_report_that_comes_while_the_message_is_leaving_is_not_lost(
    storage: Storage, leaving: DeliveryKind
) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    if leaving is DeliveryKind.EDIT:
        await settle(storage, sent(delivery, 70, revision=1))
        async with storage.write() as work:
            story = await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key=None, now=NOW)
            await spread_story(work, story)
        (delivery,) = await claim(storage)
    rendered = story.revision
    async with storage.write() as work:
        story = await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key=None, now=NOW)
        await spread_story(work, story)
    await settle(storage, sent(delivery, 70, revision=rendered))
    (edit,) = await claim(storage)
    assert (edit.kind, edit.message_id, edit.part) == (DeliveryKind.EDIT, 70, story.revision)
    await settle(storage, sent(edit, 70, revision=story.revision))
    assert await claim(storage) == []


async def test_a_pushed_story_counts_as_seen(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        view = await work.stories.view(story.id, 400)
        assert view is not None
        push = await work.pushes.create(
            editor_id=9, subscriber_id=reader.id, article_id=view.articles[0].id, content={"text": "x"}, now=NOW
        )
        fanout = await work.fanouts.open(
            FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=NOW
        )
        await work.fanouts.expand(fanout.id, now=NOW)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 80))
    async with storage.write() as work:
        assert await work.subscribers.has_seen(reader.id, story.id)
        assert await work.fanouts.count_audience(FanoutKind.STORY, story.id) == 0
        assert (await spread_story(work, story)).planned == 0


async def test_replies_and_pushes_without_a_story_mark_nothing_as_seen(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        story = await add_story(work, await add_feed(work))
        await work.outbox.enqueue([reply(chat, story.id)], NOW)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 80))
    async with storage.read() as work:
        assert not await work.subscribers.has_seen(chat.id, story.id)


async def test_what_a_stranger_says_of_a_story_edits_nobody_elses_message(storage: Storage) -> None:
    async with storage.write() as work:
        herald, friend, stranger = [await add_feed(work, name) for name in ("herald", "friend", "stranger")]
        (reader,) = await add_readers(work, herald, 1)
        await work.subscribers.subscribe(reader.id, friend.id, now=EARLIER)
        await work.subscribers.subscribe(reader.id, stranger.id, thread_id=5, now=EARLIER)
        story = await add_story(work, herald)
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    async with storage.write() as work:  # once while the message is leaving, once when it stands there
        await work.stories.attach(story.id, (await add_article(work, stranger)).id, url_key=None, now=NOW)
        await spread_story(work, story)
    await settle(storage, sent(delivery, 70, revision=1))
    async with storage.write() as work:
        await work.stories.attach(story.id, (await add_article(work, stranger)).id, url_key=None, now=NOW)
        await spread_story(work, story)
        assert (await work.outbox.tally(DeliveryKind.EDIT, f"s:{story.id}")).planned == 0
    (own,) = await claim(storage)
    assert (own.kind, own.thread_id) == (DeliveryKind.STORY, 5)
    await settle(storage, sent(own, 71, revision=3))
    async with storage.write() as work:
        story = await work.stories.attach(story.id, (await add_article(work, friend)).id, url_key=None, now=NOW)
        await spread_story(work, story)
    (edit,) = await claim(storage)
    assert (edit.kind, edit.part, edit.thread_id, edit.message_id) == (DeliveryKind.EDIT, 4, 0, 70)
    await settle(storage, sent(edit, 70, revision=4))
    assert await claim(storage) == []


async def test_a_report_that_joined_under_anothers_fan_out_is_not_lost(storage: Storage) -> None:
    async with storage.write() as work:
        one, two = await add_feed(work, "one"), await add_feed(work, "two")
        await add_readers(work, one, 1, first=1)
        await add_readers(work, two, 1, first=2)
        assert (await spread_story(work, await add_story(work, one, two))).planned == 2


@pytest.mark.parametrize("way", ["new", "resumed", "back after a block", "back after a pause"])
async def test_what_came_before_a_subscription_began_is_not_owed_to_it(storage: Storage, way: str) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 1, first=1)
        (late,) = await add_readers(work, feed, 1, first=2)
        mark = await work.subscribers.find_subscription_to(late.id, feed.id)
        assert mark is not None
        old = await add_story(work, feed)
        match way:
            case "new":
                await work.subscribers.unsubscribe(mark.id)
                mark, _ = await work.subscribers.subscribe(late.id, feed.id, now=NOW)
            case "resumed":
                await work.subscribers.set_subscription_state(mark.id, SubscriptionState.PAUSED)
                await work.subscribers.set_subscription_state(mark.id, SubscriptionState.ACTIVE)
            case "back after a block":
                await work.subscribers.mark_unreachable(late.id, reason="blocked", now=NOW)
                await add_chat(work, late.chat_id)
            case _:
                await work.subscribers.update(late.id, state=SubscriberState.PAUSED)
                await work.subscribers.update(late.id, state=SubscriberState.ACTIVE)
        assert (await spread_story(work, old)).planned == 1
        (article,) = await work.articles.add_entries(feed.id, [entry()], now=NOW + timedelta(seconds=1))
        await work.articles.make_ready(article.id, text="It is news.", lang="en")
        news = await work.stories.create(lang="en", title="News", title_key="news", now=NOW)
        await work.stories.attach(news.id, article.id, url_key=None, now=NOW)
        assert (await spread_story(work, news)).planned == 2
        sample = await add_story(work, feed)
        view = await work.stories.view(sample.id, 400)
        assert view is not None
        await work.subscribers.begin_with(mark.id, view.articles[0].id)
        assert (await spread_story(work, sample)).planned == 2


async def test_resuming_what_was_never_paused_loses_nothing(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        mark = await work.subscribers.find_subscription_to(reader.id, feed.id)
        assert mark is not None
        assert await work.subscribers.set_subscription_state(mark.id, SubscriptionState.ACTIVE) == mark
        await add_chat(work, reader.chat_id)
        await work.subscribers.update(reader.id, state=SubscriberState.ACTIVE)
        assert await work.subscribers.find_subscription(mark.id) == mark


async def test_who_left_while_a_story_was_queued_and_came_back_is_told_by_its_next_report(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        await spread_story(work, story)
        subscription = await work.subscribers.find_subscription_to(reader.id, feed.id)
        assert subscription is not None
        await work.subscribers.unsubscribe(subscription.id)
    assert await claim(storage) == []
    async with storage.write() as work:
        await work.subscribers.subscribe(reader.id, feed.id, now=EARLIER)
        await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key=None, now=NOW)
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    assert (delivery.subscriber_id, delivery.subject) == (reader.id, f"s:{story.id}")
