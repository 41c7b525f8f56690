"""Questions of the bot: what the next message of a person will be taken for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.turn.turns import Say
from bot.messages.outgoing import OutgoingMessage
from storage.model import Dialogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.chat.turn.turns import Turn
    from bot.messages.outgoing import Keyboard
    from storage import Work

_ANSWER_WITHIN: Final = timedelta(minutes=30)
_PASSING: Final = frozenset({"alert", "search", "subscribe", "summarize", "word", "zone"})
"""Questions that a person leaves by sending any command."""


async def ask(turn: Turn, work: Work, expects: str, text: str, keyboard: Keyboard = ()) -> Say:
    """Ask the person for something; their next message is the answer, where they are alone with the bot.

    Args:
        turn: Whom to ask.
        work: The transaction.
        expects: A name in the table of answers.
        text: The question, Telegram HTML.
        keyboard: Ways out of it.
    """
    if turn.request.is_private:
        await expect(turn, work, expects)
    return Say(message=OutgoingMessage(text, keyboard))


async def expect(turn: Turn, work: Work, expects: str, data: Mapping[str, str] | None = None) -> None:
    """Take the person's next message for an answer, by its name in the table of answers.

    Args:
        turn: Whose message.
        work: The transaction.
        expects: The name; one that is not in the table only keeps its data for a while.
        data: What to remember until then.
    """
    await work.subscribers.expect(
        Dialogue(
            subscriber_id=turn.subscriber.id,
            user_id=turn.request.user_id,
            expects=expects,
            data=dict(data or {}),
            expires_at=turn.now + _ANSWER_WITHIN,
        )
    )


async def end_passing(turn: Turn, work: Work) -> None:
    """Stop waiting for a word or an address once a person has gone on to a command; an editor's text stays awaited."""
    dialogue = await work.subscribers.find_dialogue(turn.subscriber.id, turn.request.user_id, turn.now)
    if dialogue is not None and dialogue.expects in _PASSING:
        await end(turn, work)


async def end(turn: Turn, work: Work) -> None:
    """Stop waiting for an answer."""
    await work.subscribers.end_dialogue(turn.subscriber.id, turn.request.user_id)
