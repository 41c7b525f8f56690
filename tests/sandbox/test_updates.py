from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.world.updates import UpdateQueue
from tests.sandbox.waiting import PATIENCE_S

if TYPE_CHECKING:
    from bot.sandbox.world.model import Json


def queue_of(count: int) -> UpdateQueue:
    queue = UpdateQueue(100)
    for number in range(count):
        queue.put("message", {"n": number})
    return queue


def ids(updates: list[Json]) -> list[int]:
    return [update["update_id"] for update in updates]


async def test_updates_come_again_until_they_are_confirmed() -> None:
    queue = queue_of(3)
    assert ids(await queue.poll(offset=0, limit=2, timeout_s=0)) == [100, 101]
    assert ids(await queue.poll(offset=0, limit=100, timeout_s=0)) == [100, 101, 102]
    assert ids(await queue.poll(offset=101, limit=100, timeout_s=0)) == [101, 102]
    assert ids(await queue.poll(offset=0, limit=100, timeout_s=0)) == [101, 102]
    assert ids(await queue.poll(offset=103, limit=100, timeout_s=0)) == []


async def test_a_negative_offset_keeps_the_last_ones_only() -> None:
    queue = queue_of(5)
    assert ids(await queue.poll(offset=-2, limit=100, timeout_s=0)) == [103, 104]
    assert ids(await queue.poll(offset=0, limit=100, timeout_s=0)) == [103, 104]


async def test_a_long_poll_returns_as_soon_as_something_comes() -> None:
    queue = queue_of(0)
    waiting = asyncio.create_task(queue.poll(offset=0, limit=100, timeout_s=20))
    await asyncio.sleep(0)  # it is asked
    queue.put("message", {})
    assert ids(await asyncio.wait_for(waiting, PATIENCE_S)) == [100]


async def test_a_long_poll_ends_empty_when_its_time_is_up() -> None:
    assert await queue_of(0).poll(offset=0, limit=100, timeout_s=0.02) == []


async def test_a_second_poller_ends_the_first_with_a_conflict() -> None:
    queue = queue_of(0)
    first = asyncio.create_task(queue.poll(offset=0, limit=100, timeout_s=20))
    await asyncio.sleep(0)  # it is asked
    second = asyncio.create_task(queue.poll(offset=0, limit=100, timeout_s=20))
    with pytest.raises(ApiError, match="terminated by other getUpdates request") as caught:
        await first
    assert caught.value.code == 409
    queue.put("message", {})
    assert ids(await asyncio.wait_for(second, PATIENCE_S)) == [100]


async def test_only_kinds_that_were_asked_for_are_queued() -> None:
    queue = queue_of(0)
    assert queue.put("chat_member", {}) is None
    assert queue.put("my_chat_member", {}) == 100
    queue.allow(["message"])
    assert queue.put("my_chat_member", {}) is None
    assert queue.put("message", {}) == 101
    queue.allow([])
    assert queue.put("my_chat_member", {}) == 102


async def test_closing_lets_a_waiting_poller_go() -> None:
    queue = queue_of(0)
    waiting = asyncio.create_task(queue.poll(offset=0, limit=100, timeout_s=20))
    await asyncio.sleep(0)  # it is asked
    queue.close()
    assert await asyncio.wait_for(waiting, PATIENCE_S) == []
