"""The wall clock is set, forth or back: nothing waits for it, nothing leaves twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.delivery.pacing import Pacer
from storage.model import DeliveryState
from tests.delivery.post import eventually, now

if TYPE_CHECKING:
    from datetime import datetime

    from tests.delivery.post import Post

LONGEST_S = 20.0


@pytest.mark.parametrize(
    "step",
    [timedelta(hours=2), timedelta(hours=-2), timedelta(days=365), timedelta(days=-365)],
    ids=["two-hours-on", "two-hours-back", "a-year-on", "a-year-back"],
)
async def test_clock_that_is_set_neither_stops_deliveries_nor_repeats_them(post: Post, step: timedelta) -> None:
    """FAULTS 57."""
    readers = await post.readers(30)
    set_by = timedelta(0)

    def clock() -> datetime:
        return now() + set_by

    planned = await post.plan_many(readers)
    async with post.sending(pacer=Pacer(per_second=20), clock=clock):
        await eventually(lambda: len(post.world.delivered()) >= 5)
        set_by = step
        settled = await post.settled(*planned, timeout_s=LONGEST_S)
        set_by = timedelta(0)
        later = await post.plan_many(readers)
        settled += await post.settled(*later, timeout_s=LONGEST_S)
    assert {delivery.state for delivery in settled} == {DeliveryState.SENT}
    copies = Counter(line.chat_id for line in post.world.delivered())
    assert set(copies.values()) == {2}


async def test_delivery_planned_for_another_hour_waits_for_it_though_the_clock_was_set_back(post: Post) -> None:
    first, second = await post.readers(2)
    set_by = timedelta(0)

    def clock() -> datetime:
        return now() + set_by

    async with post.sending(clock=clock):
        tomorrow = await post.plan(first, due_at=now() + timedelta(hours=20))
        await post.settled(await post.plan(second))
        set_by = timedelta(hours=-2)
        await post.settled(await post.plan(second, due_at=clock()), timeout_s=LONGEST_S)
        assert (await post.get(tomorrow)).state is DeliveryState.QUEUED
