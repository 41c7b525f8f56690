"""A server that takes requests and answers none of them: little is sent into the silence, and all the rest after it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bot.delivery.pacing import Pacer
from bot.sandbox.telegram.faults import Fault, FaultKind
from storage.model import DeliveryState
from tests.delivery.post import eventually

if TYPE_CHECKING:
    from tests.delivery.post import Post

MOST_UNKNOWN = 64
SILENT_S = 2.0


def fall_silent(post: Post) -> None:
    for method in ("sendMessage", "getMe"):
        post.world.faults.arm(Fault(kind=FaultKind.DROP, method=method, times=None))


async def test_little_is_sent_into_a_silence_and_the_rest_when_it_ends(post: Post) -> None:
    readers = await post.readers(150)
    async with post.sending(pacer=Pacer(per_second=100)) as sender:
        fall_silent(post)
        planned = await post.plan_many(readers)
        await eventually(lambda: sender.unknown >= 3)
        await asyncio.sleep(SILENT_S)  # at this pace everything would be gone twice over
        await eventually(lambda: sender.in_flight == 0)
        lost = sender.unknown
        assert lost <= MOST_UNKNOWN
        assert sum(line.method == "sendMessage" for line in post.world.ledger) <= MOST_UNKNOWN
        post.world.faults.clear()
        settled = await post.settled(*planned)
    states = [delivery.state for delivery in settled]
    assert states.count(DeliveryState.UNKNOWN) == lost
    assert states.count(DeliveryState.SENT) == 150 - lost


async def test_server_that_fails_now_and_then_is_asked_and_believed(post: Post) -> None:
    readers = await post.readers(6)
    for reader in readers[:5]:
        post.world.faults.arm(Fault(kind=FaultKind.SERVER_ERROR, method="sendMessage", chat_id=reader.chat_id))
    async with post.sending():
        post.world.faults.arm(Fault(kind=FaultKind.DROP, method="getMe", times=2))
        planned = await post.plan_many(readers)
        settled = await post.settled(*planned)
    assert settled[-1].state is DeliveryState.SENT


async def test_a_stop_does_not_wait_for_a_silence_to_end(post: Post) -> None:
    readers = await post.readers(50)
    async with post.sending() as sender:
        fall_silent(post)
        await post.plan_many(readers)
        await eventually(lambda: sender.unknown >= 3)
        await asyncio.sleep(0.5)
        began = time.monotonic()
    assert time.monotonic() - began < 20
    assert sender.unsettled == 0
