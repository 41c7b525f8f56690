"""All that is stored about a chat, as files: JSON with everything, OPML for other readers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bot.chat.turns import Action, Say, Toast
from bot.messages.outgoing import OutgoingDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turns import Reply, Turn
    from storage import Work


async def export(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send the files."""
    portrait = await work.subscribers.portray(turn.subscriber.id)
    everything = OutgoingDocument(
        name=f"newsgist-{turn.subscriber.chat_id}.json",
        content=json.dumps(portrait, ensure_ascii=False, indent=2),
        caption=turn.speech.say("All that is stored about this chat."),
    )
    return [Say(message=everything)]


async def tap_export(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send the files below the settings."""
    return [Toast(text=turn.speech.plain("The files follow.")), *await export(turn, work)]


EXPORT: Final = Action(handler=export, manages=True, private_only=True)
TAP_EXPORT: Final = Action(handler=tap_export, manages=True, private_only=True)
