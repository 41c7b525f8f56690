"""A push at Telegram's paid pace: only where the installation allows it and an editor has seen the price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.push.desk import open_draft, push_button, stale
from bot.chat.push.sending import check_of, start
from bot.chat.turn.turns import Action, Rewrite
from bot.messages.outgoing import OutgoingMessage
from storage.model import FanoutKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work

_FREE_PER_S: Final = 30
_PAID_PER_S: Final = 1000
_MESSAGES_A_STAR: Final = 10
"""Telegram takes 0.1 Stars for each message above the free 30 a second (core.telegram.org/bots/api#sendmessage)."""


async def offer(turn: Turn, work: Work) -> Sequence[Reply]:
    """Say what the paid pace costs and saves, before anything is paid."""
    push = await open_draft(turn, work)
    if push is None or not turn.house.paid_broadcast:
        return stale(turn, await work.pushes.find(turn.subject_id))
    speech = turn.speech
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    stars = speech.number(-(-count // _MESSAGES_A_STAR))
    text = speech.say_n(
        "Send push {id} to {n} chat within {fast} instead of {slow}? Telegram takes up to {stars} Stars"
        " from the bot's balance, 0.1 for each message.",
        "Send push {id} to {n} chats within {fast} instead of {slow}? Telegram takes up to {stars} Stars"
        " from the bot's balance, 0.1 for each message.",
        count,
        id=push.id,
        fast=speech.duration(max(1, count / _PAID_PER_S)),
        slow=speech.duration(max(1, count / _FREE_PER_S)),
        stars=stars,
    )
    go = push_button(
        speech.label("push.button", "Pay up to {stars} ⭐", stars=stars), "sendpaid", push.id, check_of(push)
    )
    back = push_button(speech.label("page.button", "Back"), "review", push.id)
    return [Rewrite(message=OutgoingMessage(text, ((go, back),)))]


async def send_paid(turn: Turn, work: Work) -> Sequence[Reply]:
    """Start the broadcast at the paid pace: ten taps are one."""
    if not turn.house.paid_broadcast:
        return stale(turn, await work.pushes.find(turn.subject_id))
    return await start(turn, work, paid=True)


PAYING_TAPS: Final[Mapping[str, Action]] = {
    "pu.pay": Action(handler=offer, newsroom=True, private_only=True),
    "pu.sendpaid": Action(handler=send_paid, newsroom=True, private_only=True),
}
