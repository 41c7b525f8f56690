"""The sender's pace, as the server sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.delivery.pacing import Pacer
from bot.sandbox.telegram.pacing import Limits
from bot.sandbox.world.model import Outcome
from storage.model import ChatKind, Priority

if TYPE_CHECKING:
    from tests.delivery.post import Post


@pytest.fixture
def strict_limits() -> Limits:
    return Limits(chat_burst=1)


async def test_a_broadcast_keeps_telegrams_limits_and_nearly_reaches_them(post: Post, strict_limits: Limits) -> None:
    post.world.pacer.limits = strict_limits
    readers = await post.readers(55)
    groups = [await post.group() for _ in range(3)]
    planned = [await post.plan(group, f"Part {part}") for part in range(3) for group in groups]
    planned += await post.plan_many(readers)
    async with post.sending(pacer=Pacer()):
        await post.settled(*planned)
    lines = post.world.lines()
    assert {line.outcome for line in lines} == {Outcome.ACCEPTED}
    arrivals = [line.arrived_at for line in lines]
    assert max(sum(start <= at < start + 1.0 for at in arrivals) for start in arrivals) <= 30
    people = [line.arrived_at for line in lines if (line.chat_id or 0) > 0]
    assert people[-1] - arrivals[0] < 20, "64 messages take 2.2 s at 29.4 a second"


async def test_a_paid_broadcast_leaves_at_its_own_pace_and_the_rest_at_the_free_one(post: Post) -> None:
    readers, others = await post.readers(60), await post.readers(6)
    paid = {"text": "Paid", "allow_paid_broadcast": True}
    planned = await post.plan_many(readers, priority=Priority.PUSH, payload=paid)
    planned += await post.plan_many(others, payload={"text": "Free"})
    # When they left, not when they arrived: sandbox and sender share a process, and where that is starved of the
    # processor, arrivals bunch that left evenly.
    pacer = Watched(per_second=2)
    async with post.sending(pacer=pacer):
        await post.settled(*planned)
    paid_at, free_at = ([pacer.left[each.chat_id] for each in chats] for chats in (readers, others))
    assert max(paid_at) - min(paid_at) < 15, "at the free pace it would be thirty seconds"
    assert max(sum(start <= at < start + 1.0 for at in free_at) for start in free_at) <= 2
    assert len(post.world.lines()) == 66


class Watched(Pacer):
    """A pacer that remembers when something last left for each chat."""

    def __init__(self, **limits: int) -> None:
        super().__init__(**limits)
        self.left: dict[int, float] = {}

    def note_left(self, chat_id: int, kind: ChatKind, at: float) -> None:
        super().note_left(chat_id, kind, at)
        self.left[chat_id] = at
