"""Updates from Telegram into the inbox, before Telegram is told that we have them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import structlog
import telegram

from bot.delivery.errors import RateLimitedError
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.delivery.telegram import BotApi
    from storage import Storage

_log = structlog.get_logger(__name__)

WANTED: Final = ("message", "edited_message", "channel_post", "callback_query", "my_chat_member")
_LONG_POLL_S: Final = 25
_RETRY_S: Final = 2.0
_FIRST_RETRY_S, _CONFLICT_RETRY_S = 1.0, 5.0
"""A process that took over from one that was killed may meet its last request for a moment."""
_NUMBERS_LAST_S: Final = 6 * 86_400.0
"""After a week without updates Telegram numbers them anew, at random: those below our number would be forgotten."""
_FLAVOURS: Final = ("message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member")


class Poller:
    """Asks Telegram for updates and keeps each before the next request confirms it.

    Attributes:
        trouble: What keeps updates from us just now, for readiness; empty when nothing does.
    """

    def __init__(
        self,
        storage: Storage,
        bot: BotApi,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._bot = bot
        self._clock = clock
        self._monotonic = monotonic
        self._heard_at = monotonic()
        self._offset: int | None = None
        self.trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                asking = asyncio.create_task(self._ask())
                await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not asking.done():
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)
                    return
                await asking
        finally:
            stopping.cancel()

    async def _ask(self) -> None:
        """Fetch and keep one batch; on trouble say so and wait, for there is nobody else to fetch it."""
        try:
            if self._monotonic() - self._heard_at > _NUMBERS_LAST_S:
                self._offset = None
            elif self._offset is None:
                async with self._storage.read() as work:
                    self._offset = await work.inbox.next_offset()
            updates = await self._fetch()
            await receive(self._storage, updates, now=self._clock())
            if updates:
                self._offset = updates[-1]["update_id"] + 1
                self._heard_at = self._monotonic()
        except telegram.error.Conflict:
            pause_s = _CONFLICT_RETRY_S if self.trouble else _FIRST_RETRY_S
            await self._pause("another program polls Telegram with this token", pause_s)
        except RateLimitedError as error:
            await asyncio.sleep(error.retry_after_s)
        except telegram.error.TelegramError as error:
            await self._pause(f"Telegram gives no updates ({type(error).__name__})", _RETRY_S)
        except StorageError as error:
            await self._pause(f"updates cannot be kept ({type(error).__name__})", _RETRY_S)
        except Exception:  # noqa: BLE001 - without updates the bot is deaf: whatever it is, try again
            _log.exception("updates_unreadable")
            await self._pause("Telegram's updates cannot be read", _RETRY_S)
        else:
            if self.trouble:
                _log.info("updates_resumed", after=self.trouble)
            self.trouble = ""

    async def _fetch(self) -> list[dict[str, Any]]:
        offset = {} if self._offset is None else {"offset": self._offset}
        updates: list[dict[str, Any]] = await self._bot.call(
            "getUpdates",
            {"timeout": _LONG_POLL_S, "allowed_updates": list(WANTED), **offset},
            read_timeout_s=_LONG_POLL_S + 10,
        )
        return updates

    async def _pause(self, trouble: str, seconds: float) -> None:
        if trouble != self.trouble:
            _log.error("updates_stopped", cause=trouble)
        self.trouble = trouble
        await asyncio.sleep(seconds)


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
