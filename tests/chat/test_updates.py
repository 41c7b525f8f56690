"""Asking Telegram for updates: what it has numbered anew is not forgotten."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.chat.updates import Poller
from tests.support.databases import Database, sqlite_database, sqlite_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage import Storage

__all__ = ["sqlite_database", "sqlite_template"]

WEEK_S = 8 * 86_400.0


class Telegram:
    """Gives updates, and forgets those below the number that it is asked for."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []

    async def call(
        self, method: str, parameters: Mapping[str, Any], *, read_timeout_s: float | None = None
    ) -> list[dict[str, Any]]:
        assert method == "getUpdates"
        del read_timeout_s
        self.updates = [each for each in self.updates if each["update_id"] >= parameters.get("offset", 0)]
        await asyncio.sleep(0.01)  # where there is nothing, the real one waits for longer
        return list(self.updates)

    def hear(self, update_id: int) -> None:
        self.updates.append({"update_id": update_id, "message": {"chat": {"id": 1}}})


async def test_updates_that_are_numbered_anew_after_a_week_of_silence_are_kept(sqlite_database: Database) -> None:
    telegram: Any = Telegram()
    waited_s = 0.0
    stop = asyncio.Event()
    async with sqlite_database.open() as storage:
        poller = Poller(storage, telegram, clock=sqlite_database.clock, monotonic=lambda: waited_s)
        running = asyncio.create_task(poller.run(stop))
        telegram.hear(900)
        await kept(storage, 900)
        sqlite_database.clock.advance(WEEK_S)
        waited_s += WEEK_S
        await asyncio.sleep(0.1)
        telegram.hear(17)
        await kept(storage, 17)
        telegram.hear(18)
        await kept(storage, 18)
        assert telegram.updates == [] or telegram.updates[0]["update_id"] == 18, "what is kept is confirmed"
        stop.set()
        await running


async def kept(storage: Storage, update_id: int) -> None:
    async with asyncio.timeout(30):
        while True:
            async with storage.read() as work:
                if update_id in [update.update_id for update in await work.inbox.list_new(10)]:
                    return
            await asyncio.sleep(0.01)
