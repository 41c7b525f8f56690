"""News that waits for the morning, for tomorrow, or for the end of a holiday."""

from datetime import datetime, timedelta

import pytest

from storage import Storage
from storage.model import Delivery, DeliveryKind, FanoutKind, Priority, QuietHours, SubscriberState
from tests.storage.scenes import EARLIER, add_chat, add_feed, add_readers, add_story, claim, sent, spread_story
from tests.support.databases import NOW

# NOW is told in UTC: quiet hours around it, and such that have not begun.
NOW_MINUTE = NOW.hour * 60 + NOW.minute
QUIET_NOW = QuietHours(start=(NOW_MINUTE - 60) % 1440, end=(NOW_MINUTE + 120) % 1440)
QUIET_LATER = QuietHours(start=(NOW_MINUTE + 60) % 1440, end=(NOW_MINUTE + 120) % 1440)
MORNING = NOW.replace(second=0, microsecond=0) + timedelta(minutes=120)


async def test_stories_wait_for_the_end_of_quiet_hours_and_others_do_not(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        sleeper, waker, other = await add_readers(work, feed, 3)
        await work.subscribers.set_quiet(sleeper.id, QUIET_NOW)
        await work.subscribers.set_quiet(waker.id, QUIET_LATER)
        await spread_story(work, await add_story(work, feed))
        assert await work.subscribers.count_waiting(sleeper.id) == 1
    assert [delivery.subscriber_id for delivery in await claim(storage)] == [waker.id, other.id]
    async with storage.write() as work:
        assert await work.outbox.claim(MORNING - timedelta(seconds=1), limit=9, excluding=()) == []
        (woken,) = await work.outbox.claim(MORNING, limit=9, excluding=())
        assert woken.subscriber_id == sleeper.id


async def test_a_push_waits_too_unless_breaking_news_wakes(storage: Storage) -> None:
    async with storage.write() as work:
        sleeper, light = await add_chat(work, 1), await add_chat(work, 2)
        await work.subscribers.set_quiet(sleeper.id, QUIET_NOW)
        await work.subscribers.set_quiet(
            light.id, QuietHours(start=QUIET_NOW.start, end=QUIET_NOW.end, breaking_wakes=True)
        )
        content = await work.contents.put({"text": "Water off on Wednesday"})
        fanout = await work.fanouts.open(FanoutKind.PUSH, 1, priority=Priority.PUSH, content_id=content.id, now=NOW)
        await work.fanouts.expand(fanout.id, now=NOW)
    assert [delivery.subscriber_id for delivery in await claim(storage)] == [light.id]


async def test_what_waits_goes_by_the_new_hours_or_at_once_when_asked(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        await work.subscribers.set_quiet(reader.id, QUIET_NOW)
        await spread_story(work, await add_story(work, feed))
    assert await claim(storage) == []
    async with storage.write() as work:
        await work.subscribers.set_quiet(reader.id, None)
        assert await work.subscribers.count_waiting(reader.id) == 0
        await work.subscribers.set_quiet(reader.id, QUIET_NOW)
        assert await work.subscribers.count_waiting(reader.id) == 1
        assert await work.subscribers.release_waiting(reader.id) == 1
    assert len(await claim(storage)) == 1


async def test_more_than_a_days_cap_waits_for_the_days_that_follow(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        capped, free = await add_readers(work, feed, 2)
        await work.subscribers.set_daily_cap(capped.id, 2)
        for _ in range(5):
            await spread_story(work, await add_story(work, feed))
        assert await work.subscribers.count_waiting(capped.id) == 3
        assert await work.subscribers.count_waiting(free.id) == 0
    for days, number in ((0, 2), (1, 2), (2, 1)):
        assert len(await _leave(storage, capped.id, NOW + timedelta(days=days))) == number
    async with storage.write() as work:
        assert await work.subscribers.count_waiting(capped.id) == 0


async def test_a_cap_that_is_lifted_lets_all_go(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        await work.subscribers.set_daily_cap(reader.id, 1)
        for _ in range(3):
            await spread_story(work, await add_story(work, feed))
        assert await work.subscribers.count_waiting(reader.id) == 2
        await work.subscribers.set_daily_cap(reader.id, None)
        assert await work.subscribers.count_waiting(reader.id) == 0


async def _leave(storage: Storage, subscriber_id: int, now: datetime) -> list[Delivery]:
    """Send a chat all that is due, one after the other, as the sender does."""
    left: list[Delivery] = []
    while True:
        async with storage.write() as work:
            claimed = await work.outbox.claim(now, limit=99, excluding=())
            await work.outbox.settle([sent(delivery, delivery.id) for delivery in claimed], now)
        if not claimed:
            return [delivery for delivery in left if delivery.subscriber_id == subscriber_id]
        left += claimed


async def test_quiet_hours_need_a_length(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        with pytest.raises(ValueError, match="none, or all"):
            await work.subscribers.set_quiet(chat.id, QuietHours(start=60, end=60))


async def test_a_pause_ends_by_itself_and_what_came_meanwhile_is_not_owed(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        await work.subscribers.update(reader.id, state=SubscriberState.PAUSED, paused_until=NOW + timedelta(days=1))
        assert await work.subscribers.end_pauses() == 0
        await work.subscribers.update(reader.id, state=SubscriberState.PAUSED, paused_until=EARLIER)
        missed = await add_story(work, feed)
        assert await work.subscribers.end_pauses() == 1
        back = await work.subscribers.get(reader.id)
        assert (back.state, back.paused_until) == (SubscriberState.ACTIVE, None)
        assert (await spread_story(work, missed)).planned == 0


async def test_a_story_that_is_a_day_late_is_not_sent_any_more_and_still_can_be_read(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        sleeper, reader = await add_readers(work, feed, 2)
        await work.subscribers.set_quiet(sleeper.id, QUIET_NOW)
        story = await add_story(work, feed)
        await spread_story(work, story)
        late = NOW + timedelta(days=1)
        # Whoever put it off until the morning has a day from then on.
        (left,) = await work.outbox.claim(late, limit=9, excluding=())
        assert left.subscriber_id == sleeper.id
        tally = await work.outbox.tally(DeliveryKind.STORY, f"s:{story.id}")
        assert (tally.cancelled, tally.sending) == (1, 1)
        assert await work.stories.view(story.id, 400, reader_id=reader.id) is not None
