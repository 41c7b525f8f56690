"""Turns that come seldom: two things that harm nobody alone happen to one delivery at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.sandbox.telegram.faults import Fault, FaultKind
from bot.sandbox.world.membership import set_blocked
from storage.model import ChatKind, DeliveryKind, DeliveryState, Priority, SubscriberState, Verb
from tests.delivery.post import eventually, now, refusing

if TYPE_CHECKING:
    from datetime import datetime

    from tests.delivery.post import Post


async def test_a_replacement_that_had_to_be_sent_anew_is_not_repeated_after_a_kill(post: Post) -> None:
    """An edit may be repeated after a kill; what it became since its message was gone may not."""
    reader = await post.reader()
    target = await post.sent(reader, "Reading…")
    post.world.delete_message(post.world.chats[reader.chat_id], target.message_id or 0)
    planned = await post.plan(reader, "Anew", verb=Verb.REPLACE, target_id=target.id)
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, method="sendMessage", delay_s=60.0))
    async with post.killed():
        await eventually(lambda: any(line.text == "Anew" for line in post.world.lines(method="sendMessage")))
    async with post.sending():
        (delivery,) = await post.settled(planned)
        await post.settled(await post.plan(reader, "Later"))
    assert delivery.state is DeliveryState.UNKNOWN
    assert [line.text for line in post.world.lines(method="sendMessage")].count("Anew") == 1


async def test_a_chat_that_came_back_before_its_refusal_was_written_down_gets_its_answer(post: Post) -> None:
    reader = await post.reader()
    set_blocked(post.world, reader.chat_id, blocked=True)
    async with post.sending() as sender:
        async with refusing(post, "NEW.state = 'dead'"):
            refused = await post.plan(reader, "News", kind=DeliveryKind.STORY, priority=Priority.STORY)
            await eventually(lambda: sender.last_error_at is not None)
            set_blocked(post.world, reader.chat_id, blocked=False)
            await post.subscribe(reader.chat_id, ChatKind.PRIVATE)
            welcome = await post.plan(reader, "Welcome back")
        dead, answer = await post.settled(refused, welcome)
    assert (dead.state, answer.state) == (DeliveryState.DEAD, DeliveryState.SENT)
    assert (await post.subscriber(reader)).state is SubscriberState.ACTIVE


async def test_a_group_becomes_a_supergroup_that_is_known_already_while_both_are_written_to(post: Post) -> None:
    group = await post.group()
    moved = post.sandbox.people.migrate(group.chat_id, announce=False)
    supergroup = await post.subscribe(moved.id, ChatKind.SUPERGROUP)
    everybody = {"kind": DeliveryKind.PUSH, "priority": Priority.PUSH, "subject": "p:7"}
    for chat in (group, supergroup):
        await post.plan(chat, "To everybody", **everybody)
    for part in range(2):
        await post.plan(group, f"Old {part}")
        await post.plan(supergroup, f"New {part}")
    async with post.sending():
        while await _open(post):
            await post.settled(await post.plan(supergroup, "Tick"))
    arrived = Counter(line.text for line in post.world.delivered([moved.id]))
    del arrived["Tick"]
    assert arrived == dict.fromkeys(["To everybody", "Old 0", "Old 1", "New 0", "New 1"], 1)
    assert not post.world.delivered([group.chat_id])


async def _open(post: Post) -> bool:
    async with post.storage.read() as work:
        found = await work.outbox.tally(DeliveryKind.REPLY, "u:1")
        waiting = [found, await work.outbox.tally(DeliveryKind.PUSH, "p:7")]
        return await work.outbox.backlog() > 0 or any(tally.sending for tally in waiting)


async def test_a_clock_set_back_while_nothing_can_be_written_is_made_good_afterwards(post: Post) -> None:
    first, second = await post.readers(2)
    set_by = timedelta(hours=2)

    def clock() -> datetime:
        return now() + set_by

    async with post.sending(clock=clock) as sender:
        await post.settled(await post.plan(first))
        async with refusing(post, "NEW.state = 'sending'"):
            set_by = timedelta(0)
            late = await post.plan(second, due_at=now() + timedelta(hours=1))  # in an hour that was now
            await post.plan(first)
            await eventually(lambda: sender.last_error_at is not None)
        (delivery,) = await post.settled(late)
    assert delivery.state is DeliveryState.SENT
