"""Who answers while the house is closed for repairs: says when it opens again, and keeps what people write."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog
import telegram

from bot.chat.turn.requests import Deed, Request, read_call, read_update
from bot.messages.outgoing import OutgoingMessage
from bot.messages.speech import choose_language, speech
from bot.messages.zones import usual_zone
from storage import Channel
from storage.errors import StorageError
from storage.model import DeliveryKind, NewDelivery, Priority

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.chat.turn.turns import House
    from storage import Storage, Work
    from storage.model import InboxUpdate

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 64
_PAUSE_S: Final = 1.0


class Porter:
    """Leaves what comes in where it lies, for the next ordinary run, and tells each chat so once.

    A tap is answered and forgotten: hours later nobody means it any more. Whom the newsroom has shut out is told
    nothing, and their chat is not kept; what they wrote waits with the rest.

    Args:
        storage: Where the inbox is.
        bot: Telegram; only for answers to taps.
        house: What is known of the installation.
        back_at: When the house opens again, as far as its operator knows.
        clock: Tells the time, aware, in UTC.
    """

    def __init__(
        self, storage: Storage, bot: telegram.Bot, house: House, *, back_at: datetime, clock: Callable[[], datetime]
    ) -> None:
        self._storage = storage
        self._bot = bot
        self._house = house
        self._back_at = back_at
        self._clock = clock
        self._looked_at = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Stand at the door until ``stop`` is set."""
        while not stop.is_set():
            came = 0
            try:
                came = await self._look()
            except StorageError as error:
                _log.warning("storage_unavailable", cause=type(error).__name__)
                await asyncio.sleep(_PAUSE_S)
            if not came:
                await self._storage.wait(Channel.INBOX, timeout_s=1.0)

    async def _look(self) -> int:
        async with self._storage.read() as work:
            updates = await work.inbox.list_new(_AT_ONCE, after=self._looked_at)
        for update in updates:
            try:
                await self._receive(update)
            except StorageError:
                raise  # not the update's fault: it is looked at again
            except Exception:  # noqa: BLE001 - what cannot be read is kept like the rest, and holds up nobody
                _log.exception("update_unreadable", update_id=update.update_id)
            self._looked_at = update.id
        return len(updates)

    async def _receive(self, update: InboxUpdate) -> None:
        """Answer whoever wrote or tapped; done again, it says nothing twice."""
        request = read_update(telegram.Update.de_json(dict(update.payload), self._bot))
        if request is not None and request.deed is Deed.TAP:
            await self._send_away(update, request)
        elif request is not None and request.deed is Deed.MESSAGE and _is_for_us(request):
            async with self._storage.write() as work:
                if not await self._is_shut_out(work, request):
                    await self._tell(work, request)

    async def _is_shut_out(self, work: Work, request: Request) -> bool:
        """Tell whether the newsroom has shut out a person or chat, which it never can one of its own."""
        if request.user_id in self._house.owners or await work.newsroom.find_editor(request.user_id) is not None:
            return False
        return await work.admission.is_banned({request.user_id, request.chat_id})

    async def _tell(self, work: Work, request: Request) -> None:
        """Say when the house opens, once in each chat and thread."""
        lang, now = choose_language(request.language_code), self._clock()
        chat = await work.subscribers.ensure(
            request.chat_id,
            kind=request.chat_kind,
            lang=lang,
            tz=self._house.zone or usual_zone(lang),
            admitted=not self._house.by_invitation,
            now=now,
        )
        words = speech(chat.lang, chat.tz)
        text = words.say("Back about {time}. Your message is kept.", time=words.clock(self._back_at))
        told = NewDelivery(
            subscriber_id=chat.id,
            thread_id=request.thread_id,
            kind=DeliveryKind.REPLY,
            subject=f"back:{int(self._back_at.timestamp())}",
            priority=Priority.REPLY,
            due_at=now,
            payload=OutgoingMessage(text).parameters(),
        )
        await work.outbox.enqueue([told], now=now)

    async def _send_away(self, update: InboxUpdate, request: Request) -> None:
        async with self._storage.write() as work:
            chat = await work.subscribers.find_by_chat(request.chat_id)
            shut_out = await self._is_shut_out(work, request)
            await work.inbox.finish(update.id, now=self._clock())
        if shut_out:
            return
        lang = choose_language(request.language_code)
        words = speech(chat.lang, chat.tz) if chat is not None else speech(lang, self._house.zone or usual_zone(lang))
        said = words.toast("Back about {time}. Tap again then.", time=words.clock(self._back_at))
        with suppress(telegram.error.TelegramError):
            await self._bot.answer_callback_query(request.tap_id, text=said)


def _is_for_us(request: Request) -> bool:
    """Tell what is said to the bot from a group's own talk."""
    return request.is_private or read_call(request.text) is not None
