from datetime import timedelta

import pytest

from storage import Storage
from storage.errors import NotFoundError
from storage.model import (
    ChatKind,
    DeliveryKind,
    DeliveryState,
    Dialogue,
    NewDelivery,
    Priority,
    SubscriberState,
    SubscriptionMode,
    SubscriptionState,
)
from tests.storage.scenes import (
    EARLIER,
    add_article,
    add_chat,
    add_feed,
    add_readers,
    add_story,
    claim,
    reply,
    sent,
    settle,
    spread_story,
)
from tests.support.databases import NOW

LATER = NOW + timedelta(days=1)


async def test_a_chat_is_known_once_and_keeps_its_choices(storage: Storage) -> None:
    async with storage.write() as work:
        first = await work.subscribers.ensure(55, kind=ChatKind.PRIVATE, lang="uk", tz="Europe/Kyiv", now=NOW)
        again = await work.subscribers.ensure(55, kind=ChatKind.PRIVATE, lang="en", now=LATER)
        assert again == first
        assert await work.subscribers.get(first.id) == first
        assert await work.subscribers.find_by_chat(55) == first
        assert await work.subscribers.find_by_chat(56) is None
    assert (first.lang, first.tz, first.state) == ("uk", "Europe/Kyiv", SubscriberState.ACTIVE)


async def test_a_chat_that_speaks_again_is_active_again_but_a_paused_one_stays_paused(storage: Storage) -> None:
    async with storage.write() as work:
        gone, paused = await add_chat(work, 1), await add_chat(work, 2)
        await work.subscribers.mark_unreachable(gone.id, reason="blocked", now=NOW)
        await work.subscribers.update(paused.id, state=SubscriberState.PAUSED, paused_until=LATER)
        assert (await work.subscribers.get(gone.id)).state is SubscriberState.UNREACHABLE
        assert (await add_chat(work, 1)).state is SubscriberState.ACTIVE
        assert (await add_chat(work, 2)).state is SubscriberState.PAUSED
        assert (await add_chat(work, 2, ChatKind.GROUP)).kind is ChatKind.GROUP


async def test_an_update_changes_only_what_is_given(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        assert await work.subscribers.update(chat.id) == chat
        changed = await work.subscribers.update(chat.id, lang="uk", summary_chars=700)
        assert (changed.lang, changed.summary_chars, changed.tz) == ("uk", 700, "UTC")
        paused = await work.subscribers.update(chat.id, state=SubscriberState.PAUSED, paused_until=LATER)
        assert paused.paused_until == LATER
        assert (await work.subscribers.update(chat.id, tz="Europe/Kyiv")).paused_until == LATER
        assert (await work.subscribers.update(chat.id, state=SubscriberState.ACTIVE)).paused_until is None
        with pytest.raises(NotFoundError):
            await work.subscribers.update(99, lang="uk")
        with pytest.raises(NotFoundError):
            await work.subscribers.get(99)


async def test_chats_are_counted_by_state(storage: Storage) -> None:
    async with storage.write() as work:
        chats = [await add_chat(work, number) for number in range(1, 5)]
        await work.subscribers.update(chats[0].id, state=SubscriberState.PAUSED)
        assert await work.subscribers.count() == 4
        assert await work.subscribers.count(SubscriberState.ACTIVE) == 3
        assert await work.subscribers.count(SubscriberState.UNREACHABLE) == 0


async def test_a_pause_takes_back_news_but_not_replies(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        await spread_story(work, await add_story(work, feed))
        await work.outbox.enqueue([reply(reader, 1)], NOW)
        await work.subscribers.update(reader.id, state=SubscriberState.PAUSED)
    assert [delivery.kind for delivery in await claim(storage)] == [DeliveryKind.REPLY]


async def test_an_unreachable_chat_loses_what_is_queued_with_the_reason(storage: Storage) -> None:
    async with storage.write() as work:
        chat, other = await add_chat(work, 1), await add_chat(work, 2)
        ids = await work.outbox.enqueue([reply(chat, 1), reply(chat, 2), reply(other, 3)], NOW)
        await work.subscribers.mark_unreachable(chat.id, reason="bot was blocked by the user", now=NOW)
        states = [(await work.outbox.get(each)).state for each in ids]
        assert (await work.outbox.get(ids[0])).reason == "bot was blocked by the user"
    assert states == [DeliveryState.CANCELLED, DeliveryState.CANCELLED, DeliveryState.QUEUED]


async def test_a_feed_is_subscribed_to_once_in_each_thread(storage: Storage) -> None:
    async with storage.write() as work:
        feed, chat = await add_feed(work), await add_chat(work, 1)
        first, new = await work.subscribers.subscribe(chat.id, feed.id, now=EARLIER)
        again, new_again = await work.subscribers.subscribe(chat.id, feed.id, mode=SubscriptionMode.DIGEST, now=LATER)
        threaded, new_there = await work.subscribers.subscribe(chat.id, feed.id, thread_id=7, now=EARLIER)
        assert (new, new_again, new_there) == (True, False, True)
        assert again == first
        assert await work.subscribers.find_subscription(first.id) == first
        assert await work.subscribers.find_subscription_to(chat.id, feed.id, 7) == threaded
        assert await work.subscribers.find_subscription_to(chat.id, feed.id, 8) is None
        assert await work.subscribers.find_subscription(99) is None


async def test_subscriptions_are_listed_by_title(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        feeds = [await add_feed(work, name) for name in ("tidewatch", "kestrel", "weirpost")]
        for feed in feeds:
            await work.subscribers.subscribe(chat.id, feed.id, now=EARLIER)
        await work.subscribers.subscribe(chat.id, feeds[0].id, thread_id=3, now=EARLIER)
        everywhere = await work.subscribers.list_subscriptions(chat.id)
        threaded = await work.subscribers.list_subscriptions(chat.id, 3)
        plain = await work.subscribers.list_subscriptions(chat.id, 0)
    assert [feed.title for _, feed in everywhere] == ["Kestrel", "Tidewatch", "Tidewatch", "Weirpost"]
    assert [(subscription.thread_id, feed.title) for subscription, feed in threaded] == [(3, "Tidewatch")]
    assert [feed.title for _, feed in plain] == ["Kestrel", "Tidewatch", "Weirpost"]


async def test_unsubscribing_returns_what_was_removed_once(storage: Storage) -> None:
    async with storage.write() as work:
        chat, feed = await add_chat(work, 1), await add_feed(work)
        subscription, _ = await work.subscribers.subscribe(chat.id, feed.id, now=EARLIER)
        assert await work.subscribers.unsubscribe(subscription.id) == subscription
        assert await work.subscribers.unsubscribe(subscription.id) is None
        assert await work.subscribers.list_subscriptions(chat.id) == []


@pytest.mark.parametrize("act", ["unsubscribe", "pause"])
async def test_stories_that_are_no_longer_wanted_are_taken_back(storage: Storage, act: str) -> None:
    async with storage.write() as work:
        lost, kept = await add_feed(work, "lost"), await add_feed(work, "kept")
        (reader,) = await add_readers(work, lost, 1)
        await work.subscribers.subscribe(reader.id, kept.id, now=EARLIER)
        await work.subscribers.subscribe(reader.id, lost.id, thread_id=4, now=EARLIER)
        only_lost, both = await add_story(work, lost), await add_story(work, lost, kept)
        await spread_story(work, only_lost)
        await spread_story(work, both)
        subscription = await work.subscribers.find_subscription_to(reader.id, lost.id)
        assert subscription is not None
        if act == "unsubscribe":
            await work.subscribers.unsubscribe(subscription.id)
        else:
            paused = await work.subscribers.set_subscription_state(subscription.id, SubscriptionState.PAUSED)
            assert paused is not None
            assert paused.state is SubscriptionState.PAUSED
        tallies = [await work.outbox.tally(DeliveryKind.STORY, f"s:{story.id}") for story in (only_lost, both)]
    assert [(tally.queued, tally.cancelled) for tally in tallies] == [(1, 1), (2, 0)]


async def test_setting_the_state_of_nothing_gives_nothing(storage: Storage) -> None:
    async with storage.write() as work:
        assert await work.subscribers.set_subscription_state(5, SubscriptionState.PAUSED) is None


async def test_a_dialogue_replaces_the_one_before_and_ends_by_itself(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        old = Dialogue(subscriber_id=chat.id, user_id=9, expects="text", data={"push": 1}, expires_at=LATER)
        new = Dialogue(subscriber_id=chat.id, user_id=9, expects="hour", data={}, expires_at=LATER)
        await work.subscribers.expect(old)
        await work.subscribers.expect(new)
        assert await work.subscribers.find_dialogue(chat.id, 9, NOW) == new
        assert await work.subscribers.find_dialogue(chat.id, 8, NOW) is None
        assert await work.subscribers.find_dialogue(chat.id, 9, LATER) is None
        await work.subscribers.end_dialogue(chat.id, 9)
        assert await work.subscribers.find_dialogue(chat.id, 9, NOW) is None


async def test_the_latest_stories_are_those_of_active_subscriptions_newest_first(storage: Storage) -> None:
    async with storage.write() as work:
        mine, muted, foreign = [await add_feed(work, name) for name in ("mine", "muted", "foreign")]
        (reader,) = await add_readers(work, mine, 1)
        subscription, _ = await work.subscribers.subscribe(reader.id, muted.id, now=EARLIER)
        await work.subscribers.set_subscription_state(subscription.id, SubscriptionState.PAUSED)
        expected: list[int] = []
        for hours in range(3):
            story = await work.stories.create(lang="en", title=f"{hours}", title_key=f"{hours}", now=NOW)
            article = await add_article(work, mine)
            await work.stories.attach(story.id, article.id, url_key=None, now=NOW + timedelta(hours=hours))
            expected.insert(0, story.id)
        await add_story(work, muted)
        await add_story(work, foreign)
        latest = await work.subscribers.latest(reader.id, limit=2)
        assert [view.story.id for view in latest] == expected[:2]
        assert [len(view.articles) for view in latest] == [1, 1]
        rest = await work.subscribers.latest(reader.id, limit=9, before=latest[-1].story.last_at)
        assert [view.story.id for view in rest] == expected[2:]


async def test_a_chat_takes_its_new_id_with_all_it_has(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        group = await add_chat(work, -10, ChatKind.GROUP)
        await work.subscribers.subscribe(group.id, feed.id, now=EARLIER)
        await work.outbox.enqueue([reply(group, 1)], NOW)
        await work.subscribers.move(-10, -100_10)
        moved = await work.subscribers.find_by_chat(-100_10)
        assert moved is not None
        assert (moved.id, moved.kind) == (group.id, ChatKind.SUPERGROUP)
        assert await work.subscribers.find_by_chat(-10) is None
        await work.subscribers.move(-10, -100_10)
        await work.subscribers.move(-77, -78)
        assert await work.subscribers.count() == 1
    assert [delivery.chat_id for delivery in await claim(storage)] == [-100_10]


async def test_messages_of_the_old_chat_are_not_edited_in_the_new_one(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (group,) = await add_readers(work, feed, 1, first=-10)
        story = await add_story(work, feed)
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 31, revision=1))
    async with storage.write() as work:
        await work.subscribers.move(-10, -100_10)
        assert await work.stories.find_message(group.id, story.id) is None
        assert await work.subscribers.has_seen(group.id, story.id)
        assert (await work.outbox.get(delivery.id)).message_id is None


async def test_two_known_chats_become_one(storage: Storage) -> None:
    async with storage.write() as work:
        one, two, three = [await add_feed(work, name) for name in ("one", "two", "three")]
        old, new = await add_chat(work, -10, ChatKind.GROUP), await add_chat(work, -100_10, ChatKind.SUPERGROUP)
        for chat, feed in ((old, one), (old, two), (new, two), (new, three)):
            await work.subscribers.subscribe(chat.id, feed.id, now=EARLIER)
        shared, lone = await add_story(work, two), await add_story(work, one)
        await spread_story(work, shared)
        await spread_story(work, lone)
        await work.subscribers.move(-10, -100_10)
        assert await work.subscribers.find_by_chat(-10) is None
        feeds = [feed.id for _, feed in await work.subscribers.list_subscriptions(new.id)]
        assert sorted(feeds) == [one.id, two.id, three.id]
        tallies = [await work.outbox.tally(DeliveryKind.STORY, f"s:{story.id}") for story in (shared, lone)]
    assert [tally.planned for tally in tallies] == [1, 1]
    assert {delivery.chat_id for delivery in await claim(storage)} == {-100_10}


async def test_a_farewell_follows_a_moved_chat(storage: Storage) -> None:
    farewell = NewDelivery(
        subscriber_id=None,
        chat_id=-10,
        kind=DeliveryKind.FAREWELL,
        subject="u:1",
        priority=Priority.REPLY,
        due_at=NOW,
        payload={"text": "All gone."},
    )
    async with storage.write() as work:
        await add_chat(work, -10, ChatKind.GROUP)
        await work.outbox.enqueue([farewell], NOW)
        await work.subscribers.move(-10, -100_10)
    assert [delivery.chat_id for delivery in await claim(storage)] == [-100_10]


@pytest.mark.parametrize("is_known", [True, False])
async def test_whoever_is_shut_out_stays_so_under_a_new_id(storage: Storage, is_known: bool) -> None:
    async with storage.write() as work:
        await add_chat(work, -10, ChatKind.GROUP)
        await work.admission.ban(-10, now=NOW)
        if is_known:
            await add_chat(work, -100_10, ChatKind.SUPERGROUP)
        await work.subscribers.move(-10, -100_10)
        assert await work.admission.is_banned({-100_10})
        await work.subscribers.move(-10, -100_10)
