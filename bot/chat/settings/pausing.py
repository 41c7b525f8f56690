"""A holiday from the news: ``/pause``, ``/resume``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.settings.screens import say_paused
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage
from storage.model import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work

_LONGEST_DAYS: Final = 365


async def pause(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send no news for so many days, or until the chat resumes."""
    wanted = turn.argument.strip()
    days = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0
    if wanted and not 1 <= days <= _LONGEST_DAYS:
        text = turn.speech.say("How many days? Send /pause 7, for example; {n} at most.", n=_LONGEST_DAYS)
        return [Say(message=OutgoingMessage(text))]
    until = turn.now + timedelta(days=days) if days else None
    chat = await work.subscribers.update(turn.subscriber.id, state=SubscriberState.PAUSED, paused_until=until)
    words = f"{say_paused(turn.speech, chat)} {turn.speech.say('No news till then; I still answer.')}"
    return [Say(message=OutgoingMessage(words, (resume_button(turn),)))]


def resume_button(turn: Turn) -> tuple[Button, ...]:
    """Make the row that ends a pause."""
    return (Button(turn.speech.label("menu.button", "Resume"), data=Callback("me", "resume", 0).encode()),)


async def resume(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send news again, from now on."""
    await work.subscribers.update(turn.subscriber.id, state=SubscriberState.ACTIVE)
    return [Say(message=_resumed(turn))]


async def tap_resume(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send news again; the message with the button says so."""
    await work.subscribers.update(turn.subscriber.id, state=SubscriberState.ACTIVE)
    return [Toast(text=turn.speech.toast("Resumed.")), Rewrite(message=_resumed(turn))]


def _resumed(turn: Turn) -> OutgoingMessage:
    latest = Button(turn.speech.label("menu.button", "Latest"), data=Callback("rd", "latest", 0).encode())
    return OutgoingMessage(turn.speech.say("News comes again. What you missed is under Latest."), ((latest,),))


PAUSE: Final = Action(handler=pause, manages=True)
RESUME: Final = Action(handler=resume, manages=True)
TAP_RESUME: Final = Action(handler=tap_resume, manages=True)
