"""Updates from Telegram into the inbox, before Telegram is told that we have them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import structlog
import telegram

from bot.delivery.errors import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.delivery.telegram import BotApi
    from storage import Storage

_log = structlog.get_logger(__name__)

WANTED: Final = ("message", "edited_message", "channel_post", "callback_query", "my_chat_member")
_LONG_POLL_S: Final = 25
_RETRY_S: Final = 2.0
_CONFLICT_RETRY_S: Final = 5.0
_FLAVOURS: Final = ("message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member")


class Poller:
    """Asks Telegram for updates and keeps each before the next request confirms it.

    Attributes:
        conflict: Another program polls with this token; it is told in log and readiness, and we keep trying.
    """

    def __init__(self, storage: Storage, bot: BotApi, *, clock: Callable[[], datetime]) -> None:
        self._storage = storage
        self._bot = bot
        self._clock = clock
        self.conflict = False

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set."""
        async with self._storage.read() as work:
            offset = await work.inbox.next_offset()
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                asking = asyncio.create_task(self._ask(offset))
                await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not asking.done():
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)
                    return
                updates = asking.result()
                if updates:
                    offset = updates[-1]["update_id"] + 1
        finally:
            stopping.cancel()

    async def _ask(self, offset: int | None) -> list[dict[str, Any]]:
        """Fetch and keep one batch; on trouble wait and give none."""
        try:
            updates: list[dict[str, Any]] = await self._bot.call(
                "getUpdates",
                {"timeout": _LONG_POLL_S, "allowed_updates": list(WANTED)}
                | ({} if offset is None else {"offset": offset}),
                read_timeout_s=_LONG_POLL_S + 10,
            )
        except telegram.error.Conflict:
            if not self.conflict:
                _log.error("another_poller", advice="another program polls with this token; stop it")
            self.conflict = True
            await asyncio.sleep(_CONFLICT_RETRY_S)
            return []
        except RateLimitedError as error:
            await asyncio.sleep(error.retry_after_s)
            return []
        except telegram.error.TelegramError as error:
            _log.warning("updates_unavailable", cause=type(error).__name__)
            await asyncio.sleep(_RETRY_S)
            return []
        self.conflict = False
        await receive(self._storage, updates, now=self._clock())
        return updates


async def receive(storage: Storage, payloads: list[dict[str, Any]], *, now: datetime) -> None:
    """Keep updates in the inbox, each once."""
    if payloads:
        async with storage.write() as work:
            await work.inbox.receive([(each["update_id"], chat_id_of(each), each) for each in payloads], now=now)


def chat_id_of(payload: Mapping[str, Any]) -> int | None:
    """Find the chat that an update belongs to; ``None`` where it has none."""
    for flavour in _FLAVOURS:
        if flavour in payload:
            return int(payload[flavour]["chat"]["id"])
    message = payload.get("callback_query", {}).get("message")
    return int(message["chat"]["id"]) if message else None
