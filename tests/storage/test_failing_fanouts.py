"""A fan-out whose planning fails holds up nobody but itself."""

from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.planning import Planner
from storage import Storage, Work
from storage.model import DeliveryKind, Fanout, FanoutKind, Priority, Role
from tests.storage.scenes import add_article, add_chat, add_feed, add_readers, add_story, claim
from tests.support.databases import NOW, Clock, Database, execute

NOBODYS = 999_999
"""A story that does not exist: whatever is to be planned of it fails."""


async def open_broken(work: Work) -> Fanout:
    """Open a fan-out of a story; once ``break_down`` has run, its planning fails."""
    story = await add_story(work, await add_feed(work, "broken"))
    return await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.BREAKING, now=NOW)


async def break_down(database: Database, fanout: Fanout) -> None:
    await execute(database.url, f"UPDATE fanouts SET subject_id = {NOBODYS} WHERE id = {fanout.id}")


async def test_a_fanout_that_fails_rests_longer_each_time_and_the_others_go_on(
    database: Database, storage: Storage
) -> None:
    clock = Clock()
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 3)
        broken = await open_broken(work)
        story = await add_story(work, feed)
        await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        await work.newsroom.add_editor(8, Role.EDITOR, now=NOW)
        owner, editor = await add_chat(work, 7), await add_chat(work, 8)
    await break_down(database, broken)
    planner = Planner(storage, clock=clock, owners=frozenset({7, 6}))
    assert await planner.plan_chunk(), "it fails, and is set aside"
    assert await planner.plan_chunk()
    async with storage.read() as work:
        fine = await work.fanouts.find(FanoutKind.STORY, story.id)
        assert fine is not None
        assert (fine.done, fine.planned, fine.failures) == (True, 3, 0)
    for rest_s in (15, 60, 240, 960):
        clock.advance(rest_s - 1)
        assert not await planner.plan_chunk(), "it rests"
        clock.advance(1)
        assert await planner.plan_chunk()
    clock.advance(86_400)
    assert not await planner.plan_chunk(), "the fifth failure closed it"
    async with storage.read() as work:
        closed = await work.fanouts.find(FanoutKind.STORY, NOBODYS)
        assert closed is not None
        assert (closed.done, closed.failures, closed.reason) == (True, 5, "NotFoundError")
    async with storage.write() as work:
        claimed = await work.outbox.claim(clock(), limit=64, excluding=())
    told = {each.subscriber_id: each.payload for each in claimed if each.kind is DeliveryKind.REPLY}
    assert set(told) == {owner.id, editor.id}
    for message in told.values():
        assert message is not None
        assert "goes to no more chats: an error of mine came back at every try (NotFoundError)" in message["text"]


async def test_what_rests_does_not_wait_for_a_clock_that_was_set_back(storage: Storage) -> None:
    async with storage.write() as work:
        broken = await open_broken(work)
        await work.fanouts.set_aside(broken.id, "ValueError", now=NOW)
    async with storage.read() as work:
        assert await work.fanouts.next_open(NOW) is None
        found = await work.fanouts.next_open(NOW - timedelta(hours=3))
        assert found is not None
        assert found.id == broken.id


async def test_a_chunk_that_goes_well_forgives_earlier_failures_and_one_that_is_done_stays_so(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 2)
        story = await add_story(work, feed)
        fanout = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        assert (await work.fanouts.set_aside(fanout.id, "ValueError", now=NOW)).failures == 1
        assert (await work.fanouts.expand(fanout.id, limit=1, now=NOW)).failures == 0
        assert await work.fanouts.next_open(NOW) is not None
        done = await work.fanouts.expand(fanout.id, now=NOW)
        assert await work.fanouts.set_aside(fanout.id, "ValueError", now=NOW) == done


async def test_whom_a_failed_fanout_left_out_the_next_revision_reaches(storage: Storage) -> None:
    async with storage.write() as work:
        one, two = await add_feed(work, "one"), await add_feed(work, "two")
        await add_readers(work, one, 2)
        await add_readers(work, two, 1, first=200)
        story = await add_story(work, one)
        failed = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        await work.fanouts.expand(failed.id, limit=1, now=NOW)
        while not failed.done:
            failed = await work.fanouts.set_aside(failed.id, "ValueError", now=NOW)
        story = await work.stories.attach(story.id, (await add_article(work, two)).id, url_key=None, now=NOW)
        fanout = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        assert (await work.fanouts.expand(fanout.id, now=NOW)).planned == 2, "nobody twice"
    assert len(await claim(storage)) == 3


@pytest.mark.parametrize(
    "audience",
    [
        pytest.param({"kind": "active"}, id="no day"),
        pytest.param({"kind": "active", "since": "yesterday"}, id="no date"),
        pytest.param({"kind": "team", "chat_ids": 5}, id="no list"),
        pytest.param({"kind": "team", "chat_ids": ["five"]}, id="no number"),
        pytest.param({"kind": "team", "chat_ids": [10**30]}, id="a number that no database knows"),
        pytest.param({"kind": "feed", "feed_id": None}, id="no feed"),
        pytest.param({"kind": ["all"]}, id="a kind that is none"),
        pytest.param(["all"], id="a list"),
    ],
)
async def test_a_malformed_audience_is_nobody(storage: Storage, audience: Any) -> None:
    async with storage.write() as work:
        chat, article = await add_chat(work, 9), await add_article(work, await add_feed(work))
        push = await work.pushes.create(
            editor_id=9, subscriber_id=chat.id, article_id=article.id, content={"text": "x"}, now=NOW
        )
        assert await work.fanouts.count_audience(FanoutKind.PUSH, push.id) == 1
        await work.pushes.set_audience(push.id, audience)
        assert await work.fanouts.count_audience(FanoutKind.PUSH, push.id) == 0
