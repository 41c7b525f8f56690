"""How a push under way and its report are shown to its editor, with their buttons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.messages.callbacks import Callback
from bot.messages.html import escape, one_line, without_summons
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.push import render_progress, render_report

if TYPE_CHECKING:
    from datetime import datetime

    from bot.messages.speech import Speech
    from storage.model import Fanout, Push, Tally

_MOST_REASONS = 12


def true_tally(push: Push, tally: Tally) -> Tally:
    """Count what is not planned yet, or set aside by a pause, as queued: it is still to come."""
    still = max((push.reach or 0) - tally.planned, 0) if push.cancelled_at is None else 0
    set_aside = tally.cancelled if push.paused_at is not None else 0
    return replace(
        tally,
        planned=tally.planned + still,
        queued=tally.queued + still + set_aside,
        cancelled=tally.cancelled - set_aside,
    )


def progress_message(speech: Speech, push: Push, tally: Tally, *, now: datetime, resting: int = 0) -> OutgoingMessage:
    """Show how far a push has come, with what stops it."""
    tally = true_tally(push, tally)
    started_at = push.confirmed_at or push.created_at
    text: str = render_progress(
        speech, tally, push_id=push.id, started_at=started_at, now=push.paused_at or now, resting=resting
    )
    if push.paused_at is not None:
        text = f"{speech.say('Paused; nothing is sent until you resume it.')}\n{text}"
        switch = _button(speech.label("push.button", "Resume"), "resume", push.id)
    else:
        switch = _button(speech.label("push.button", "Pause"), "pause", push.id)
    return OutgoingMessage(text, ((switch, _button(speech.label("push.button", "Cancel"), "stop", push.id)),))


def failed_fanout_message(speech: Speech, fanout: Fanout, *, title: str) -> OutgoingMessage:
    """Say that a push, or a story with this title, goes to nobody further."""
    name: str = escape(without_summons(one_line(title)))
    if not title:
        name = speech.say("Push {number}", number=fanout.subject_id)
    text = speech.say(
        "{name} goes to no more chats: an error of mine came back at every try ({error}). The log has it.",
        name=name,
        error=fanout.reason or "",
    )
    return OutgoingMessage(text)


def report_message(
    speech: Speech, push: Push, tally: Tally, *, fanout: Fanout | None, now: datetime
) -> OutgoingMessage:
    """Show how a push ended, with what is to be looked at.

    Args:
        speech: The editor's language.
        push: What was sent.
        tally: Its deliveries.
        fanout: How it went out; one that was closed has a reason.
        now: The present instant, where the push has not been noted as over yet.
    """
    reason = fanout.reason if fanout is not None else None
    started_at = push.confirmed_at or push.created_at
    if push.cancelled_at is not None:
        left = max(push.reach or 0, tally.planned) - tally.sent - tally.dead - tally.unknown
        text: str = speech.say(
            "{sent} delivered, {left} not sent.", sent=speech.number(tally.sent), left=speech.number(max(left, 0))
        )
        text = f"{text}\n{speech.say('Push {number}', number=push.id)}"
    else:
        ended_at = push.finished_at or now
        seconds = (ended_at - started_at).total_seconds()
        if reason is not None:
            never = max((push.reach or 0) - tally.planned, 0)
            tally = replace(tally, planned=tally.planned + never, cancelled=tally.cancelled + never)
        text = render_report(speech, tally, push_id=push.id, seconds=seconds)
    if reason is not None:
        told = speech.say("It went to no more chats: an error of mine came back at every try ({error}).", error=reason)
        text = f"{text}\n{told}"
    row = []
    if tally.reasons:
        row.append(_button(speech.label("push.button", "Reasons"), "why", push.id))
    if tally.unknown:
        row.append(_button(speech.label("push.button", "Unknown"), "unk", push.id))
    return OutgoingMessage(text, (tuple(row),) if row else ())


def reasons_message(speech: Speech, push: Push, tally: Tally) -> OutgoingMessage:
    """Show why some did not get a push, the commonest reason first, in Telegram's words."""
    ordered = sorted(tally.reasons.items(), key=lambda pair: -pair[1])
    head = speech.say("Push {id}: why {n} did not arrive", id=push.id, n=speech.number(tally.dead))
    lines = [f"<b>{head}</b>", *(f"{speech.number(n)} · {escape(why)}" for why, n in ordered[:_MOST_REASONS])]
    return OutgoingMessage("\n".join(lines), ((_back(speech, push.id),),))


def unknown_message(speech: Speech, push: Push, unknown: int) -> OutgoingMessage:
    """Show how many chats nobody answered for, and what can be done."""
    if not unknown:
        text = speech.say("Push {id}: Telegram has answered for every chat.", id=push.id)
        return OutgoingMessage(text, ((_back(speech, push.id),),))
    text = speech.say_n(
        "{n} chat: no answer from Telegram. Resending may repeat it.",
        "{n} chats: no answer from Telegram. Resending may repeat it.",
        unknown,
    )
    row = (
        _button(speech.label("unknown.button", "Send again"), "resend", push.id),
        _button(speech.label("unknown.button", "Leave"), "leave", push.id),
    )
    return OutgoingMessage(text, (row, (_back(speech, push.id),)))


def _back(speech: Speech, push_id: int) -> Button:
    return _button(speech.label("page.button", "Back"), "report", push_id)


def _button(label: str, verb: str, push_id: int) -> Button:
    return Button(label, data=Callback("pu", verb, push_id).encode())
