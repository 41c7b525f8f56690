"""Each answer of Telegram, and what becomes of the delivery."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from bot.delivery.pacing import Pacer
from bot.sandbox.telegram.faults import Fault, FaultKind
from bot.sandbox.world.model import Outcome
from storage.model import ChatKind, DeliveryKind, DeliveryState, Priority, SubscriberState
from tests.delivery.post import TOKEN, Post, eventually, hurried, now

if TYPE_CHECKING:
    import pytest

    from bot.delivery.calls import Rendered
    from storage import Work
    from storage.model import Delivery


NEVER_S = 600.0
"""Longer than any test: what happens before has been waited for."""


# It arrives


async def test_a_delivery_arrives_and_is_sent(post: Post) -> None:
    reader = await post.reader()
    planned = await post.plan(reader, "<b>Aye</b> &amp; no")
    async with post.sending() as sender:
        (delivery,) = await post.settled(planned)
        await eventually(lambda: sender.sent == 1)
    assert delivery.state is DeliveryState.SENT
    (line,) = post.delivered(reader)
    assert (line.text, line.message_id) == ("Aye & no", delivery.message_id)


async def test_what_is_planned_later_leaves_at_once(post: Post) -> None:
    reader = await post.reader()
    async with post.sending(idle_s=NEVER_S):
        await asyncio.sleep(0.1)
        await post.settled(await post.plan(reader))


async def test_what_is_due_later_leaves_then(post: Post) -> None:
    reader = await post.reader()
    async with post.sending(idle_s=NEVER_S):
        start = now()
        planned = await post.plan(reader, due_at=start + timedelta(seconds=0.5))
        await post.settled(planned)
    (line,) = post.delivered(reader)
    assert line.at - start.timestamp() >= 0.5


async def test_order_is_kept_within_a_chat(post: Post) -> None:
    reader = await post.reader()
    planned = [await post.plan(reader, f"Part {part}") for part in range(5)]
    async with post.sending():
        await post.settled(*planned)
    assert [line.text for line in post.delivered(reader)] == [f"Part {part}" for part in range(5)]


async def test_a_reply_overtakes_a_broadcast(post: Post) -> None:
    crowd = await post.readers(100)
    asker = await post.reader()
    await post.plan_many(crowd)
    async with post.sending(pacer=Pacer(per_second=5)):
        await eventually(lambda: len(post.world.delivered()) >= 2)
        await post.settled(await post.plan(asker, "An answer"))
        assert len(post.world.delivered()) < 100, "the broadcast takes twenty seconds"


async def test_a_shared_content_is_what_every_chat_gets(post: Post) -> None:
    crowd = await post.readers(5)
    async with post.storage.write() as work:
        content = await work.contents.put({"text": "<i>Pushed</i>", "parse_mode": "HTML"})
    planned = await post.plan_many(crowd, kind=DeliveryKind.PUSH, subject="p:1", payload=None, content_id=content.id)
    async with post.sending():
        await post.settled(*planned)
    assert {line.text for line in post.world.delivered()} == {"Pushed"}
    assert post.renders == []


async def test_a_story_is_rendered_when_it_leaves_and_its_revision_noted(post: Post) -> None:
    reader = await post.reader()
    async with post.storage.write() as work:
        story = await work.stories.create(lang="en", title="A bridge", title_key="bridge", now=now())
    planned = await post.plan(reader, None, kind=DeliveryKind.STORY, subject=f"s:{story.id}", priority=Priority.STORY)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert [line.text for line in post.delivered(reader)] == [f"Story s:{story.id}"]
    async with post.storage.read() as work:
        assert await work.subscribers.has_seen(reader.id, story.id)
        assert await work.stories.find_message(reader.id, story.id) == delivery.message_id


async def test_a_delivery_with_nothing_left_to_say_is_cancelled(post: Post) -> None:
    async def silent(_delivery: Delivery, _work: Work) -> Rendered | None:
        return None

    planned = await post.plan(await post.reader(), None, subject="s:9")
    async with post.sending(render=silent):
        (delivery,) = await post.settled(planned)
    assert delivery.state is DeliveryState.CANCELLED
    assert not post.world.lines()


async def test_one_that_cannot_be_rendered_blocks_nobody(post: Post) -> None:
    async def broken(delivery: Delivery, _work: Work) -> Rendered | None:
        raise KeyError(delivery.subject)

    reader, other = await post.reader(), await post.reader()
    poison = await post.plan(reader, None, subject="s:9")
    fine = await post.plan(other)
    with capture_logs() as logs:
        async with post.sending(render=broken) as sender:
            await post.settled(fine)
            await eventually(lambda: sender.returned == 1)
            await eventually(lambda: sender.last_error_at is not None)
    waiting = await post.get(poison)
    assert (waiting.state, waiting.attempts) == (DeliveryState.QUEUED, 1)
    assert any(entry["event"] == "rendering_failed" for entry in logs)


# It is refused


async def test_a_blocked_chat_stops_after_one_refusal(post: Post) -> None:
    """FAULTS 36."""
    reader = await post.reader()
    post.sandbox.people.block(reader.chat_id)
    planned = [await post.plan(reader, f"Part {part}") for part in range(3)]
    with capture_logs() as logs:
        async with post.sending() as sender:
            deliveries = await post.settled(*planned)
            await eventually(lambda: sender.dead == 1)
    assert [each.state for each in deliveries] == [
        DeliveryState.DEAD,
        DeliveryState.CANCELLED,
        DeliveryState.CANCELLED,
    ]
    assert deliveries[0].reason == "bot was blocked by the user"
    assert len(post.world.lines(chat_id=reader.chat_id)) == 1
    assert (await post.subscriber(reader)).state is SubscriberState.UNREACHABLE
    assert [entry["subscriber"] for entry in logs if entry["event"] == "chat_unreachable"] == [reader.id]


async def test_a_chat_that_does_not_exist_stops_too(post: Post) -> None:
    nobody = await post.subscribe(999, ChatKind.PRIVATE)
    planned = await post.plan(nobody)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert (delivery.state, delivery.reason) == (DeliveryState.DEAD, "Chat not found")
    assert (await post.subscriber(nobody)).state is SubscriberState.UNREACHABLE


async def test_a_migrated_group_gets_its_message_once_under_its_new_id(post: Post) -> None:
    """FAULTS 37."""
    group = await post.group()
    moved = post.sandbox.people.migrate(group.chat_id, announce=False)
    planned = [await post.plan(group, f"Part {part}") for part in range(2)]
    async with post.sending():
        deliveries = await post.settled(*planned)
    assert [delivery.state for delivery in deliveries] == [DeliveryState.SENT] * 2
    assert (await post.subscriber(group)).chat_id == moved.id
    assert [line.text for line in post.world.delivered([moved.id])] == ["Part 0", "Part 1"]
    assert len(post.world.lines(chat_id=group.chat_id)) == 1


async def test_a_poison_message_is_dead_and_blocks_nobody(post: Post) -> None:
    """FAULTS 39."""
    readers = await post.readers(4)
    poison = await post.plan(readers[0], "")
    fine = [await post.plan(reader) for reader in readers]
    async with post.sending():
        dead, *others = await post.settled(poison, *fine)
    assert (dead.state, dead.reason, dead.attempts) == (DeliveryState.DEAD, "Message text is empty", 1)
    assert {delivery.state for delivery in others} == {DeliveryState.SENT}
    assert (await post.subscriber(readers[0])).state is SubscriberState.ACTIVE


async def test_markup_that_telegram_cannot_parse_is_sent_as_plain_text(post: Post) -> None:
    """FAULTS 38."""
    reader = await post.reader()
    words = 'Ready <b>or not, <a href="https://example.org/a?b=1&amp;c=2">see</a> 1 &lt; 2'
    planned = await post.plan(reader, words)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 1)
    assert [line.text for line in post.delivered(reader)] == ["Ready or not, see (https://example.org/a?b=1&c=2) 1 < 2"]


async def test_a_revoked_token_stops_the_sending_and_loses_nothing(post: Post) -> None:
    readers = await post.readers(5)
    with capture_logs() as logs:
        async with post.sending() as sender:
            post.world.token = "700000042:a-new-token"
            planned = [await post.plan(reader) for reader in readers]
            await eventually(lambda: sender.token_rejected and sender.unsettled == 0)
            await asyncio.sleep(0.2)
    assert await post.states(planned) == [DeliveryState.QUEUED] * 5
    assert [entry["log_level"] for entry in logs if entry["event"] == "token_rejected"] == ["error"]
    post.world.token = TOKEN
    async with post.sending():
        await post.settled(*planned)
    assert len(post.world.delivered()) == 5


# Telegram asks to wait


async def test_a_429_lets_nothing_through_to_the_chat_before_its_deadline_and_holds_nobody_else(post: Post) -> None:
    reader, other = await post.reader(), await post.reader()
    post.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, chat_id=reader.chat_id, retry_after_s=2))
    mine = [await post.plan(reader, f"Part {part}") for part in range(2)]
    async with post.sending():
        await eventually(lambda: bool(post.world.lines(chat_id=reader.chat_id)))
        theirs = await post.plan(other)
        await post.settled(theirs)
        deliveries = await post.settled(*mine)
    refused, *arrived = post.world.lines(chat_id=reader.chat_id)
    assert [line.outcome for line in arrived] == [Outcome.ACCEPTED] * 2
    assert arrived[0].arrived_at - refused.arrived_at >= 2.0
    assert post.delivered(other)[0].arrived_at < arrived[0].arrived_at
    assert not any(line.in_ban for line in arrived)
    assert [delivery.attempts for delivery in deliveries] == [1, 1], "a refusal unread is no attempt"


async def test_a_ban_of_the_token_is_found_out_by_one_request_more_and_kept(post: Post) -> None:
    """FAULTS 33."""
    readers = await post.readers(40)
    post.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, after=10, retry_after_s=2, whole_token=True))
    planned = await post.plan_many(readers)
    async with post.sending(pacer=Pacer()) as sender:
        await eventually(lambda: len(post.world.lines()) >= 12)
        await post.settled(*planned)
        await eventually(lambda: sender.sent == 40)
    refused = [line for line in post.world.lines() if line.outcome is Outcome.REFUSED]
    assert len(refused) == 2, "the first, and the one that showed that it was meant for everybody"
    deadline = refused[0].arrived_at + 2.0
    assert not [line for line in post.world.lines() if refused[-1].arrived_at < line.arrived_at < deadline]
    assert len(post.world.delivered()) == 40


async def test_a_refused_chat_keeps_nobody_waiting_behind_a_slow_answer(post: Post) -> None:
    slow, refused, *others = await post.readers(6)
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, chat_id=slow.chat_id, delay_s=60.0))
    post.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, chat_id=refused.chat_id, retry_after_s=30))
    async with post.killed():
        await post.plan(slow)
        await eventually(lambda: bool(post.world.lines(chat_id=slow.chat_id)))
        waiting = await post.plan(refused)
        await eventually(lambda: bool(post.world.lines(chat_id=refused.chat_id)))
        theirs = [await post.plan(other) for other in others]
        await post.settled(*theirs)
        assert (await post.get(waiting)).state is DeliveryState.QUEUED


# A quiet sender


async def test_an_idle_sender_neither_claims_nor_writes(post: Post) -> None:
    async with post.sending() as sender:
        await asyncio.sleep(0.3)
        assert (sender.unsettled, sender.in_flight, sender.last_error_at) == (0, 0, None)


async def test_no_log_shows_the_token_or_the_words(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    words = "what a person wrote"
    reader, other = await post.reader(), await post.reader()
    for kind in FaultKind:
        post.world.faults.arm(Fault(kind=kind, chat_id=reader.chat_id, retry_after_s=1, delay_s=0.0))
    with capture_logs() as logs:
        planned = [await post.plan(reader, words) for _ in range(8)]
        planned.append(await post.plan(other, f"<{words}>"))
        async with post.sending(pacer=hurried()):
            await post.settled(*planned)
    # What the database's driver says at DEBUG is storage's to see to.
    told = repr([record.getMessage() for record in caplog.records if record.name != "aiosqlite"]) + repr(logs)
    assert {entry["event"] for entry in logs} >= {"delivery_sent", "delivery_unknown", "rate_limited"}
    assert "canary-token" not in told
    assert words not in told
