"""A message in parts whose sending fails in the middle goes on where it was (FAULTS 40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.telegram.faults import Fault, FaultKind
from storage.model import DeliveryKind, DeliveryState, NewDelivery, Priority
from tests.delivery.post import eventually, now

if TYPE_CHECKING:
    from storage.model import Subscriber
    from tests.delivery.post import Post

PARTS = 5
TEXTS = [f"Part {part} of {PARTS}" for part in range(1, PARTS + 1)]


async def plan_parts(post: Post, reader: Subscriber) -> list[int]:
    news = [
        NewDelivery(
            subscriber_id=reader.id,
            kind=DeliveryKind.REPLY,
            subject="u:1",
            part=part,
            priority=Priority.REPLY,
            due_at=now(),
            payload={"text": text},
        )
        for part, text in enumerate(TEXTS)
    ]
    async with post.storage.write() as work:
        return await work.outbox.enqueue(news, now())


@pytest.mark.parametrize("failing", range(1, PARTS + 1))
async def test_a_part_that_telegram_refuses_for_a_while_is_where_the_message_goes_on(post: Post, failing: int) -> None:
    """FAULTS 40: part k of m is refused; k is sent again, then the rest, and nothing before it."""
    reader = await post.reader()
    post.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, after=failing - 1, retry_after_s=1))
    planned = await plan_parts(post, reader)
    async with post.sending():
        deliveries = await post.settled(*planned)
    assert {delivery.state for delivery in deliveries} == {DeliveryState.SENT}
    assert [line.text for line in post.delivered(reader)] == TEXTS
    asked = [line.text for line in post.world.lines() if line.method == "sendMessage"]
    assert asked == [*TEXTS[:failing], *TEXTS[failing - 1 :]]


@pytest.mark.parametrize("failing", [2, 4])
async def test_a_message_in_parts_goes_on_after_a_kill_at_the_part_after_the_last_one(post: Post, failing: int) -> None:
    """FAULTS 40: the sender is killed while part k waits for its answer; k is unknown, and k + 1 comes next."""
    reader = await post.reader()
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, after=failing - 1, delay_s=30.0))
    planned = await plan_parts(post, reader)
    async with post.killed():
        await eventually(lambda: len([each for each in post.world.lines() if each.text in TEXTS]) == failing)
    post.world.faults.clear()
    async with post.sending():
        deliveries = await post.settled(*planned)
    states = [delivery.state for delivery in deliveries]
    assert states[failing - 1] is DeliveryState.UNKNOWN
    assert states.count(DeliveryState.SENT) == PARTS - 1
    asked = [line.text for line in post.world.lines() if line.method == "sendMessage"]
    assert asked == TEXTS
