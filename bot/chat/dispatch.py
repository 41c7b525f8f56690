"""From the inbox to the outbox: each update acts once, in one transaction, whatever crashes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
import telegram

from bot.chat.groups import confirming
from bot.chat.menu import change_menu
from bot.chat.routes import Route, route
from bot.chat.turn import questions
from bot.chat.turn.access import is_let_in, shut_out, uninvited
from bot.chat.turn.limits import Limits
from bot.chat.turn.refusals import refuse
from bot.chat.turn.replying import plan_replies, reply_row
from bot.chat.turn.requests import Deed, Request, find_address, read_call, read_update
from bot.chat.turn.turns import Alert, Menu, Rekey, Say, Toast, Turn
from bot.messages.html import escape
from bot.messages.outgoing import OutgoingMessage
from bot.messages.speech import choose_language, speech
from bot.messages.zones import usual_zone
from storage import Channel
from storage.errors import NotFoundError, StorageError
from storage.model import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.chat.turn.turns import House, Reply, Research
    from bot.messages.speech import Brief, Speech
    from storage import Storage, Work
    from storage.model import InboxUpdate, Subscriber

_log = structlog.get_logger(__name__)
_AT_ONCE = 256
"""Most of these only wait for a slow site; what they fetch at once is bounded by the web client."""
_ATTEMPTS = 3
_RESEARCH_S = 25.0
_PAUSE_S = 1.0
_HOLD_EVERY_S = 3.0
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
        self._limits = Limits()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._announced: dict[int, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set; then let what has begun come to its end."""
        holding = asyncio.create_task(self._hold_claims(), name="hold_claims")
        try:
            await self._serve_all(stop)
        finally:
            holding.cancel()

    async def _serve_all(self, stop: asyncio.Event) -> None:
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
            if not await work.inbox.list_new(limit=1, excluding=list(self._busy)):
                return 0
        async with self._storage.write() as work:
            waiting = await work.inbox.take(limit=min(room, 64), excluding=list(self._busy))
        for update in waiting:
            task = asyncio.create_task(self._serve(update), name=f"update-{update.update_id}")
            self._busy[update.id] = task
            task.add_done_callback(partial(self._free, update.id))
        return len(waiting)

    def _free(self, inbox_id: int, _task: asyncio.Task[None]) -> None:
        self._busy.pop(inbox_id, None)
        self._storage.ring(Channel.INBOX)

    async def _serve(self, update: InboxUpdate) -> None:
        log = _log.bind(update_id=update.update_id)
        try:
            request = read_update(telegram.Update.de_json(dict(update.payload), self._bot))
            if request is None:
                await self._finish(update)
            elif update.attempts > _ATTEMPTS:
                await self._give_up(update, request, reason="it stopped the process again and again")
            else:
                await self._try(update, request, is_last=update.attempts == _ATTEMPTS)
        except NotFoundError as error:  # another process has it
            log.info("update_taken", cause=str(error))
        except StorageError as error:
            log.warning("storage_unavailable", cause=type(error).__name__)
            await asyncio.sleep(_PAUSE_S)
        except Exception as error:
            log.exception("update_unreadable")
            async with self._storage.write() as work:
                await work.inbox.fail(update.id, type(error).__name__, now=self._clock())

    async def _hold_claims(self) -> None:
        """Keep what takes its time from the other processes."""
        while True:
            await asyncio.sleep(_HOLD_EVERY_S)
            if not self._busy:
                continue
            try:
                async with self._storage.write() as work:
                    await work.inbox.hold(sorted(self._busy))
            except StorageError as error:
                _log.warning("claims_not_held", cause=type(error).__name__)

    async def _try(self, update: InboxUpdate, request: Request, *, is_last: bool) -> None:
        """Answer; what goes wrong is tried again, and the last time the person is told."""
        try:
            await self._answer(update, request)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - one poisoned update must not stop the others
            _log.exception("update_failed", update_id=update.update_id, is_last=is_last)
            if is_last:
                await self._give_up(update, request, reason=type(error).__name__)
                return
            async with self._storage.write() as work:
                await work.inbox.let_go(update.id)

    async def _give_up(self, update: InboxUpdate, request: Request, *, reason: str) -> None:
        """Set an update aside and say so, in place of "Reading…" where that stands."""
        now = self._clock()
        async with self._storage.write() as work:
            subscriber = await work.subscribers.find_by_chat(request.chat_id)
            words = speech(subscriber.lang, subscriber.tz) if subscriber is not None else speech("en")
            text = words.toast("That went wrong on my side and is noted. Try something else, or send /help.")
            if subscriber is not None and request.deed is Deed.MESSAGE:
                turn = Turn(request=request, subscriber=subscriber, speech=words, house=self._house, now=now)
                reply = Say(message=OutgoingMessage(escape(text)))
                await plan_replies(work, turn, [reply], progress_id=self._announced.get(update.id))
            await work.inbox.fail(update.id, reason, now=now)
        self._announced.pop(update.id, None)
        if request.deed is Deed.TAP:
            await self._show_toast(request, Toast(text=text))

    async def _finish(self, update: InboxUpdate) -> None:
        async with self._storage.write() as work:
            await work.inbox.finish(update.id, now=self._clock(), attempt=update.attempts)

    async def _answer(self, update: InboxUpdate, request: Request) -> None:
        """Find the route, check rights, research, then let the handler act in one transaction."""
        subscriber = await self._subscriber_of(request)
        if subscriber is None:
            await self._finish(update)
            if request.deed is Deed.TAP:
                await self._show_toast(request, Toast(text=expired(speech(choose_language(request.language_code)))))
            return
        turn = Turn(
            request=request,
            subscriber=subscriber,
            speech=speech(subscriber.lang, subscriber.tz),
            house=self._house,
            now=self._clock(),
        )
        too_fast = self._limits.refuse_tap(turn) if request.deed is Deed.TAP else None
        if too_fast is not None:
            await self._commit(update, turn, too_fast, progress_id=None)
            return
        async with self._storage.read() as work:
            found = await route(turn, work)
        if found is None:
            await self._pass_over(update, turn)
            return
        found = await self._for_member(found)
        refusal = await self._refusal(found)
        if refusal is not None:
            await self._commit(update, found.turn, refusal, progress_id=None)
            return
        progress_id = await self._announce(update, found)
        source: Route | list[Reply] = found
        if found.action.research is not None:
            try:
                facts = await self._investigate(found.turn, found.action.research)
                source = replace(found, turn=replace(found.turn, found=facts))
            except TimeoutError:
                source = too_slow(found.turn)
        await self._commit(update, found.turn, source, progress_id=progress_id)

    async def _pass_over(self, update: InboxUpdate, turn: Turn) -> None:
        """Do nothing; a tap is told that its button has expired, and where the button really stood, it goes."""
        standing = any(data == turn.request.tap_data for row in turn.request.tap_keyboard for _, data in row)
        replies: list[Reply] = [Toast(text=expired(turn.speech))] if turn.request.deed is Deed.TAP else []
        if replies and standing:
            replies.append(Rekey(keyboard=()))
        await self._commit(update, turn, replies, progress_id=None)

    async def _subscriber_of(self, request: Request) -> Subscriber | None:
        """Find the chat; one that speaks to us, or takes us in, is kept. One that we do not know may leave unknown."""
        async with self._storage.read() as work:
            known = await work.subscribers.find_by_chat(request.chat_id)
            banned = await work.admission.is_banned({request.chat_id, request.user_id})
        is_return = known is not None and known.state is SubscriberState.UNREACHABLE
        speaks = request.deed is Deed.MESSAGE or (request.deed is Deed.JOINED and not request.is_private)
        if known is not None and (banned or not (is_return and (speaks or request.deed is Deed.TAP))):
            return known
        if known is None and not speaks:
            return None
        async with self._storage.write() as work:
            return await work.subscribers.ensure(
                request.chat_id,
                kind=request.chat_kind,
                lang=choose_language(request.language_code),
                tz=self._house.zone or usual_zone(choose_language(request.language_code)),
                admitted=not self._house.by_invitation,
                now=self._clock(),
            )

    async def _for_member(self, found: Route) -> Route:
        """Give what somebody gets who does not administer the group, where there is something for them too."""
        request, otherwise = found.turn.request, found.action.otherwise
        if otherwise is None or request.is_private or request.is_anonymous:
            return found
        if await self._house.rights.is_admin(request.chat_id, request.user_id):
            return found
        return replace(found, action=otherwise)

    async def _refusal(self, found: Route) -> Route | list[Reply] | None:
        """Say why the person may not do this, or ask who they are; ``None`` where they may."""
        request = found.turn.request
        async with self._storage.read() as work:
            editor = await work.newsroom.find_editor(request.user_id)
            shut = await shut_out(found.turn, work, found.action, editor=editor)
            let_in = await is_let_in(found.turn, work, found.action, editor=editor)
        if shut is not None:
            return shut
        if request.is_anonymous and not request.is_private and (found.action.manages or not let_in):
            return Route(action=confirming.ASK, turn=found.turn)
        if not let_in:
            return uninvited(found.turn)
        refusal = await refuse(found.action, found.turn, editor=editor, rights=self._house.rights)
        if refusal is None and found.action.fetches and _names_address(found.turn):
            refusal = self._limits.refuse_fetch(found.turn)
        return refusal

    async def _investigate(self, turn: Turn, research: Research) -> Any:  # noqa: ANN401 - each handler knows its own
        typing = asyncio.create_task(self._type(turn.request))
        try:
            async with asyncio.timeout(_RESEARCH_S):
                return await research(turn)
        finally:
            typing.cancel()

    async def _type(self, request: Request) -> None:
        """Show "typing…" while research takes its time; nobody misses it when it fails."""
        await asyncio.sleep(_TYPING_AFTER_S)
        with suppress(telegram.error.TelegramError):
            await self._bot.send_chat_action(request.chat_id, "typing", message_thread_id=request.thread_id or None)

    async def _announce(self, update: InboxUpdate, found: Route) -> int | None:
        """Queue the progress message of a research; the same row after a crash."""
        if found.action.progress is None:
            return None
        text = found.action.progress(found.turn)
        if not text:
            return None
        async with self._storage.write() as work:
            rows = [reply_row(found.turn, OutgoingMessage(text=text), part=-1)]
            progress_id = (await work.outbox.enqueue(rows, now=self._clock()))[0]
        self._announced[update.id] = progress_id
        return progress_id

    async def _commit(
        self, update: InboxUpdate, turn: Turn, source: Route | list[Reply], *, progress_id: int | None
    ) -> None:
        """Commit effect, inbox and replies together; toasts follow, since they may get lost."""
        turn = replace(turn, now=self._clock())
        async with self._storage.write() as work:
            if isinstance(source, list):
                replies: Sequence[Reply] = source
            else:
                turn = replace(source.turn, now=turn.now)
                await _note_active(work, turn)
                if turn.request.is_private and turn.request.deed is Deed.MESSAGE and read_call(turn.request.text):
                    await questions.end_passing(turn, work)
                replies = await source.action.handler(turn, work)
            await plan_replies(work, turn, replies, progress_id=progress_id)
            if not await work.inbox.finish(update.id, now=turn.now, attempt=update.attempts):
                raise NotFoundError("update", update.id)  # the other process's effect stands, ours is rolled back
        self._announced.pop(update.id, None)
        toast = next((reply for reply in replies if isinstance(reply, Toast | Alert)), Toast())
        if turn.request.deed is Deed.TAP:
            await self._show_toast(turn.request, toast)
        for menu in (reply for reply in replies if isinstance(reply, Menu)):
            await change_menu(self._bot, menu)

    async def _show_toast(self, request: Request, toast: Toast | Alert) -> None:
        try:
            stays = isinstance(toast, Alert)
            await self._bot.answer_callback_query(request.tap_id, text=toast.text or None, show_alert=stays)
        except telegram.error.TelegramError as error:
            _log.info("toast_lost", error=type(error).__name__)


async def _note_active(work: Work, turn: Turn) -> None:
    """Keep the day, once a day: what somebody wrote or tapped in the chat, but not what was done to it."""
    day = turn.now.date()
    if turn.request.deed in {Deed.MESSAGE, Deed.TAP} and turn.subscriber.active_on != day:
        await work.subscribers.note_active(turn.subscriber.id, day)


def expired(words: Speech) -> Brief:
    """Say that a button does nothing any more."""
    return words.toast("This button has expired. Send /help.")


def too_slow(turn: Turn) -> list[Reply]:
    """Say that a site kept us waiting."""
    words = turn.speech.toast("That site is too slow just now. Try again later.")
    if turn.request.deed is Deed.TAP:
        return [Toast(text=words)]
    return [Say(message=OutgoingMessage(escape(words)))]


def _names_address(turn: Turn) -> bool:
    """Tell whether a deed makes us fetch anything: a tap and a file do, a command does by its address."""
    request = turn.request
    if request.deed is Deed.TAP or request.file is not None:
        return True
    return bool(find_address(turn.argument) or request.replied_url)
