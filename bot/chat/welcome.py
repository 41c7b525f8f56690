"""The first minute, and words for whoever says something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.invitation import say_how_to_begin
from bot.chat.turns import Say
from bot.messages.callbacks import Callback
from bot.messages.html import Html
from bot.messages.outgoing import Button, OutgoingMessage
from storage.model import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from storage import Work


async def start(turn: Turn, work: Work) -> Sequence[Reply]:
    """Welcome a newcomer with what to try first, and somebody who returns with what is there."""
    speech = turn.speech
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    if turn.subscriber.state is not SubscriberState.ACTIVE:
        await work.subscribers.update(turn.subscriber.id, state=SubscriberState.ACTIVE)
    if not turn.request.is_private:
        return await greet_group(turn, work)
    if not mine:
        hello = speech.say("I send short news: sentences from articles, linked to them.")
        text = f"{hello} {say_how_to_begin(turn)}"
        return [Say(message=OutgoingMessage(text))]
    text = speech.say_n("Welcome back. {n} feed.", "Welcome back. {n} feeds.", len(mine))
    return [Say(message=OutgoingMessage(text, _menu(turn)))]


def _menu(turn: Turn) -> Keyboard:
    speech = turn.speech
    return (
        (
            Button(speech.label("menu.button", "Latest"), data=Callback("rd", "latest", 0).encode()),
            Button(speech.label("menu.button", "Subscriptions"), data=Callback("sb", "list", 0).encode()),
        ),
    )


async def greet_group(turn: Turn, work: Work) -> Sequence[Reply]:
    """Say in a group what the bot does there, and who may tell it to."""
    text = turn.speech.say("I post the news your admins choose. An admin sends /subscribe with a site's address.")
    return [Say(message=OutgoingMessage(text))]


async def note_departure(turn: Turn, work: Work) -> Sequence[Reply]:
    """Stop writing to a chat that blocked or removed the bot; its subscriptions wait for its return."""
    await work.subscribers.mark_unreachable(turn.subscriber.id, reason="left", now=turn.now)
    return []


async def note_move(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow a group that has become a supergroup."""
    await work.subscribers.move(turn.request.chat_id, turn.request.new_chat_id)
    return []


async def hear_chatter(turn: Turn, work: Work) -> Sequence[Reply]:
    """Answer words that are neither command nor address nor article."""
    text = turn.speech.say("I read links and commands. Paste a news site's address, or send /help.")
    return [Say(message=OutgoingMessage(text))]


async def tell_id(turn: Turn, work: Work) -> Sequence[Reply]:
    """Tell the numeric id that the newsroom's settings want."""
    speech, request = turn.speech, turn.request
    lines = [speech.say("Your id: {id}", id=_code(request.user_id))] if request.user_id else []
    if not request.is_private:
        lines.append(speech.say("This chat's id: {id}", id=_code(request.chat_id)))
    return [Say(message=OutgoingMessage("\n".join(lines)))]


def _code(number: int) -> Html:
    return Html(f"<code>{number}</code>")
