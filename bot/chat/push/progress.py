"""A push on its way and afterwards: how far it has come, what stops it, how it went."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.push.desk import push_button, stale
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.delivery.broadcast import count_resting
from bot.messages.outgoing import OutgoingMessage
from bot.messages.push_screens import progress_message, reasons_message, report_message, unknown_message
from storage.model import (
    DeliveryKind,
    FanoutKind,
    PushState,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work
    from storage.model import Push

_MOST_UNKNOWN: Final = 100_000


async def pause(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let what has not left wait."""
    if await work.pushes.pause(turn.subject_id, turn.now):
        await work.newsroom.record(turn.request.user_id, "push.pause", f"p:{turn.subject_id}", {}, now=turn.now)
    return await _show_state(turn, work)


async def resume(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let a paused push go on."""
    if await work.pushes.resume(turn.subject_id, turn.now):
        await work.newsroom.record(turn.request.user_id, "push.resume", f"p:{turn.subject_id}", {}, now=turn.now)
    return await _show_state(turn, work)


async def stop(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send nothing more of a push."""
    if await work.pushes.cancel(turn.subject_id, turn.now):
        await work.newsroom.record(turn.request.user_id, "push.cancel", f"p:{turn.subject_id}", {}, now=turn.now)
    return await _show_state(turn, work)


async def show_report(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show how a push goes or went."""
    return await _show_state(turn, work)


async def open_report(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show how another push went, in a message of its own."""
    push = await work.pushes.find(turn.subject_id)
    if push is None or push.state is PushState.DRAFT:
        return stale(turn, push)
    message = await _state_message(turn, work, push)
    return [Say(message=_with_refresh(turn, push, message) if push.state is PushState.SENDING else message)]


async def _show_state(turn: Turn, work: Work) -> Sequence[Reply]:
    push = await work.pushes.find(turn.subject_id)
    if push is None or push.state in {PushState.DRAFT, PushState.DISCARDED}:
        return stale(turn, push)
    message = await _state_message(turn, work, push)
    shown = await work.outbox.find_sent(turn.subscriber.id, turn.request.message_id)
    if push.state is PushState.SENDING and (shown is None or shown.id != push.progress_id):
        message = _with_refresh(turn, push, message)
    return [Rewrite(message=message)]


def _with_refresh(turn: Turn, push: Push, message: OutgoingMessage) -> OutgoingMessage:
    """Let a message that does not move by itself be brought up to date."""
    refresh = push_button(turn.speech.label("push.button", "Refresh"), "report", push.id)
    return replace(message, keyboard=(*message.keyboard, (refresh,)))


async def _state_message(turn: Turn, work: Work, push: Push) -> OutgoingMessage:
    if push.state is PushState.DISCARDED:
        return OutgoingMessage(turn.speech.say("Push {id} is discarded.", id=push.id))
    tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
    if push.state is PushState.DONE or push.cancelled_at is not None:
        fanout = await work.fanouts.find(FanoutKind.PUSH, push.id)
        return report_message(turn.speech, push, tally, fanout=fanout, now=turn.now)
    resting = await count_resting(work, push, now=turn.now)
    return progress_message(turn.speech, push, tally, now=turn.now, resting=resting)


async def show_reasons(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show why some did not get a push."""
    push = await work.pushes.find(turn.subject_id)
    if push is None:
        return stale(turn, None)
    tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
    return [Rewrite(message=reasons_message(turn.speech, push, tally))]


async def show_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show how many chats nobody answered for."""
    push = await work.pushes.find(turn.subject_id)
    if push is None:
        return stale(turn, None)
    tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
    return [Rewrite(message=unknown_message(turn.speech, push, tally.unknown))]


async def resend_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send again what may have arrived."""
    return await _resolve(turn, work, resend=True)


async def leave_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let rest what may have arrived."""
    return await _resolve(turn, work, resend=False)


async def _resolve(turn: Turn, work: Work, *, resend: bool) -> Sequence[Reply]:
    push = await work.pushes.find(turn.subject_id)
    if push is None:
        return stale(turn, None)
    unknown = await work.outbox.list_unknown(_MOST_UNKNOWN, subject=f"p:{push.id}")
    count = await work.outbox.resolve_unknown([each.id for each in unknown], resend=resend, now=turn.now)
    action = "unknown.resend" if resend else "unknown.leave"
    await work.newsroom.record(turn.request.user_id, action, f"p:{push.id}", {"count": count}, now=turn.now)
    words = (
        turn.speech.toast_n("{n} delivery is sent again.", "{n} deliveries are sent again.", count)
        if resend
        else turn.speech.toast_n("{n} delivery is left as it is.", "{n} deliveries are left as they are.", count)
    )
    return [Toast(text=words), Rewrite(message=await _state_message(turn, work, push))]


PROGRESS_TAPS: Final[Mapping[str, Action]] = {
    f"pu.{verb}": Action(handler=handler, newsroom=True, private_only=True)
    for verb, handler in {
        "open": open_report,
        "pause": pause,
        "resume": resume,
        "stop": stop,
        "report": show_report,
        "why": show_reasons,
        "unk": show_unknown,
        "resend": resend_unknown,
        "leave": leave_unknown,
    }.items()
}
