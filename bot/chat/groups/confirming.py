"""Admins who hide behind their group, and channels' posts: one tap shows who they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.turn import questions
from bot.chat.turn.turns import Action, Rewrite, Say
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work

NOBODY: Final = 0
"""The id under which the deed of somebody unknown waits for a tap."""


async def ask(turn: Turn, work: Work) -> Sequence[Reply]:
    """Keep the command, and ask whoever sent it to tap: the tap carries their id."""
    data = {"text": turn.request.text, "message": str(turn.request.message_id)}
    await questions.expect(turn, work, "confirm", data)
    button = Button(
        turn.speech.label("confirm.button", "Confirm it's you"),
        data=Callback("cf", "go", turn.request.message_id).encode(),
    )
    text = turn.speech.say("I can't see who you are. Confirm it's you, and I go on.")
    return [Say(message=OutgoingMessage(text, ((button,),)))]


async def find_command(turn: Turn, work: Work) -> str:
    """Find the command that a tap confirms; empty where another has taken its place, or it is too late."""
    dialogue = await work.subscribers.find_dialogue(turn.subscriber.id, NOBODY, turn.now)
    if dialogue is None or dialogue.expects != "confirm" or dialogue.data.get("message") != str(turn.subject_id):
        return ""
    return str(dialogue.data["text"])


def confirmed(action: Action) -> Action:
    """Make of a command's action one that answers in the message that asked, for whoever has tapped."""

    async def act(turn: Turn, work: Work) -> Sequence[Reply]:
        replies = list(await action.handler(turn, work))
        await work.subscribers.end_dialogue(turn.subscriber.id, NOBODY)
        for place, reply in enumerate(replies):
            if isinstance(reply, Say) and isinstance(reply.message, OutgoingMessage) and reply.subscriber_id is None:
                replies[place] = Rewrite(message=reply.message)
                break
        return replies

    return replace(action, handler=act, progress=None)


ASK: Final = Action(handler=ask)
