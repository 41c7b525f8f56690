"""From the inbox to the outbox: each update acts once, in one transaction, whatever crashes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
import telegram

from bot.chat.limits import FetchAllowance
from bot.chat.requests import Deed, Request, read_update
from bot.chat.rights import ChatRights, refuse
from bot.chat.routes import Route, route
from bot.chat.turns import Rewrite, Say, SendStory, Toast, Turn
from bot.messages.outgoing import OutgoingMessage
from bot.messages.speech import choose_language, speech
from bot.messages.story import render_story
from storage import Channel
from storage.model import DeliveryKind, NewDelivery, Priority, SubscriberState, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.chat.turns import House, Reply, Research
    from storage import Storage, Work
    from storage.model import InboxUpdate, Subscriber

_log = structlog.get_logger(__name__)
_AT_ONCE = 16
_ATTEMPTS = 3
_TYPING_AFTER_S = 0.3


class Dispatcher:
    """Takes updates from the inbox, oldest first, one at a time in each chat, many chats at once.

    Args:
        storage: Where inbox and outbox are.
        bot: Telegram; only for answers to taps, "typing…" and the question who is an admin.
        house: What handlers may know.
        clock: Tells the time, aware, in UTC.
    """

    def __init__(self, storage: Storage, bot: telegram.Bot, house: House, *, clock: Callable[[], datetime]) -> None:
        self._storage = storage
        self._bot = bot
        self._house = house
        self._clock = clock
        self._rights = ChatRights(bot)
        self._allowance = FetchAllowance()
        self._busy: dict[int, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set; then let what has begun come to its end."""
        while not stop.is_set():
            started = 0
            try:
                started = await self._start_some()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("inbox_unreadable")
                await asyncio.sleep(1)
            if not started:
                await self._storage.wait(Channel.INBOX, timeout_s=1.0)
        if self._busy:
            _done, late = await asyncio.wait(self._busy.values(), timeout=8)
            for task in late:
                task.cancel()

    async def _start_some(self) -> int:
        room = _AT_ONCE - len(self._busy)
        if room <= 0:
            await asyncio.wait(self._busy.values(), return_when=asyncio.FIRST_COMPLETED)
            return 0
        async with self._storage.read() as work:
            waiting = await work.inbox.list_new(limit=room * 4, excluding_chats=list(self._busy))
        started = 0
        for update in waiting:
            chat_id = update.chat_id or 0
            if chat_id in self._busy or len(self._busy) >= _AT_ONCE:
                continue
            task = asyncio.create_task(self._serve(update), name=f"update-{update.update_id}")
            self._busy[chat_id] = task
            task.add_done_callback(partial(self._free, chat_id))
            started += 1
        return started

    def _free(self, chat_id: int, _task: asyncio.Task[None]) -> None:
        self._busy.pop(chat_id, None)
        self._storage.ring(Channel.INBOX)

    async def _serve(self, update: InboxUpdate) -> None:
        log = _log.bind(update_id=update.update_id)
        try:
            async with self._storage.write() as work:
                attempts = await work.inbox.begin(update.id)
            request = read_update(telegram.Update.de_json(dict(update.payload), self._bot))
            if attempts > _ATTEMPTS:
                await self._set_aside(update, reason="it stopped the process again and again")
            elif request is None:
                await self._finish(update)
            else:
                await self._answer(update, request)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("update_failed", attempts=update.attempts + 1)
            if update.attempts + 1 >= _ATTEMPTS:
                await self._set_aside(update, reason=type(error).__name__)

    async def _finish(self, update: InboxUpdate) -> None:
        async with self._storage.write() as work:
            await work.inbox.finish(update.id, now=self._clock())

    async def _set_aside(self, update: InboxUpdate, *, reason: str) -> None:
        async with self._storage.write() as work:
            await work.inbox.fail(update.id, reason, now=self._clock())

    async def _answer(self, update: InboxUpdate, request: Request) -> None:
        """Find the route, check rights, research, then let the handler act in one transaction."""
        subscriber = await self._subscriber_of(request)
        turn = Turn(
            request=request,
            subscriber=subscriber,
            speech=speech(subscriber.lang, subscriber.tz),
            house=self._house,
            now=self._clock(),
        )
        async with self._storage.read() as work:
            found = await route(turn, work)
        if found is None:
            await self._finish(update)
            if request.deed is Deed.TAP:
                await self._show_toast(request, Toast(text=turn.speech.plain("This button has expired. Send /help.")))
            return
        refusal = await self._refusal(found)
        if refusal is not None:
            await self._commit(update, found.turn, refusal, progress_id=None)
            return
        progress_id = await self._announce(found)
        if found.action.research is not None:
            facts = await self._investigate(found.turn, found.action.research)
            found = replace(found, turn=replace(found.turn, found=facts))
        await self._commit(update, found.turn, found, progress_id=progress_id)

    async def _subscriber_of(self, request: Request) -> Subscriber:
        async with self._storage.read() as work:
            known = await work.subscribers.find_by_chat(request.chat_id)
        if known is not None and (known.state is not SubscriberState.UNREACHABLE or request.deed is Deed.LEFT):
            return known
        async with self._storage.write() as work:
            return await work.subscribers.ensure(
                request.chat_id,
                kind=request.chat_kind,
                lang=choose_language(request.language_code),
                now=self._clock(),
            )

    async def _refusal(self, found: Route) -> list[Reply] | None:
        """Say why the person may not do this; ``None`` where they may."""
        async with self._storage.read() as work:
            editor = await work.newsroom.find_editor(found.turn.request.user_id)
        refusal = await refuse(found.action, found.turn, editor=editor, rights=self._rights)
        if refusal is None and found.action.fetches:
            refusal = self._allowance.refuse(found.turn)
        return refusal

    async def _investigate(self, turn: Turn, research: Research) -> Any:  # noqa: ANN401 - each handler knows its own
        typing = asyncio.create_task(self._type(turn.request))
        try:
            return await research(turn)
        finally:
            typing.cancel()

    async def _type(self, request: Request) -> None:
        """Show "typing…" while research takes its time; nobody misses it when it fails."""
        await asyncio.sleep(_TYPING_AFTER_S)
        with suppress(telegram.error.TelegramError):
            await self._bot.send_chat_action(request.chat_id, "typing", message_thread_id=request.thread_id or None)

    async def _announce(self, found: Route) -> int | None:
        """Queue the progress message of a research; the same row after a crash."""
        if found.action.progress is None:
            return None
        text = found.action.progress(found.turn)
        if not text:
            return None
        async with self._storage.write() as work:
            rows = [_reply_row(found.turn, OutgoingMessage(text=text), part=-1)]
            return (await work.outbox.enqueue(rows, now=self._clock()))[0]

    async def _commit(
        self, update: InboxUpdate, turn: Turn, source: Route | list[Reply], *, progress_id: int | None
    ) -> None:
        """Commit effect, inbox and replies together; toasts follow, since they may get lost."""
        turn = replace(turn, now=self._clock())
        async with self._storage.write() as work:
            if isinstance(source, list):
                replies: Sequence[Reply] = source
            else:
                replies = await source.action.handler(turn, work)
            await _enqueue(work, turn, replies, progress_id=progress_id)
            await work.inbox.finish(update.id, now=turn.now)
        toast = next((reply for reply in replies if isinstance(reply, Toast)), Toast(text=""))
        if turn.request.deed is Deed.TAP:
            await self._show_toast(turn.request, toast)

    async def _show_toast(self, request: Request, toast: Toast) -> None:
        try:
            await self._bot.answer_callback_query(request.tap_id, text=toast.text or None, show_alert=toast.is_alert)
        except telegram.error.TelegramError as error:
            _log.info("toast_lost", error=type(error).__name__)


async def _enqueue(work: Work, turn: Turn, replies: Sequence[Reply], *, progress_id: int | None) -> None:
    rows: list[NewDelivery] = []
    for part, reply in enumerate(replies):
        match reply:
            case Say(message=message, is_farewell=is_farewell):
                row = _reply_row(turn, message, part=part)
                if is_farewell:
                    row = replace(row, kind=DeliveryKind.FAREWELL, subscriber_id=None, chat_id=turn.request.chat_id)
                elif progress_id is not None and not await work.outbox.cancel(progress_id):
                    row = replace(row, verb=Verb.REPLACE, target_id=progress_id)
                progress_id = None
                rows.append(row)
            case Rewrite(message=message):
                row = _reply_row(turn, message, part=part)
                rows.append(replace(row, verb=Verb.EDIT, message_id=turn.request.message_id))
            case SendStory(story_id=story_id, again=again):
                rows.extend(await _story_rows(work, turn, story_id, again=again, part=part))
            case Toast():
                pass
    if progress_id is not None and not await work.outbox.cancel(progress_id):
        rows.append(replace(_reply_row(turn, None, part=len(replies)), verb=Verb.DELETE, target_id=progress_id))
    await work.outbox.enqueue(rows, now=turn.now)


async def _story_rows(work: Work, turn: Turn, story_id: int, *, again: bool, part: int) -> list[NewDelivery]:
    """Plan a story for this chat: once as news, or as a reply to somebody who asked for it."""
    if not again:
        if await work.subscribers.has_seen(turn.subscriber.id, story_id, turn.request.thread_id):
            return []
        return [
            NewDelivery(
                subscriber_id=turn.subscriber.id,
                thread_id=turn.request.thread_id,
                kind=DeliveryKind.STORY,
                subject=f"s:{story_id}",
                priority=Priority.REPLY,
                due_at=turn.now + timedelta(seconds=1),
            )
        ]
    view = await work.stories.view(story_id, turn.subscriber.summary_chars)
    if view is None:
        return []
    message = render_story(view, lang=turn.subscriber.lang, tz=turn.subscriber.tz, now=turn.now)
    return [_reply_row(turn, message, part=part)]


def _reply_row(turn: Turn, message: OutgoingMessage | None, *, part: int) -> NewDelivery:
    return NewDelivery(
        subscriber_id=turn.subscriber.id,
        thread_id=turn.request.thread_id,
        kind=DeliveryKind.REPLY,
        subject=f"u:{turn.request.update_id}",
        part=part,
        priority=Priority.REPLY,
        due_at=turn.now,
        payload=message.parameters() if message is not None else None,
    )
