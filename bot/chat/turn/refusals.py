"""Who may do what: by numeric id, asked anew at every deed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.turn.requests import Deed, read_call
from bot.chat.turn.turns import Say, Toast
from bot.messages.html import escape
from bot.messages.outgoing import OutgoingMessage

if TYPE_CHECKING:
    from bot.chat.turn.rights import ChatRights
    from bot.chat.turn.turns import Action, Reply, Turn
    from bot.messages.speech import Brief
    from storage.model import Editor


async def refuse(action: Action, turn: Turn, *, editor: Editor | None, rights: ChatRights) -> list[Reply] | None:
    """Say why this person may not do this here; ``None`` where they may."""
    request, speech = turn.request, turn.speech
    if action.newsroom and not turn.house.owners and editor is None:
        words = speech.toast("No owner is set yet. Whoever runs me sets NEWSGIST_ADMINS={id}.", id=str(request.user_id))
        return _no(turn, words)
    if action.newsroom and not turn.is_owner and editor is None:
        if not request.is_private and request.deed is not Deed.TAP:
            return []  # nobody else in the group need see it
        return _for_newsroom(turn)
    if action.private_only and not request.is_private:
        return _no(turn, speech.toast("That works in our private chat: @{bot}.", bot=turn.house.username))
    if action.manages and not request.is_private and not await rights.is_admin(request.chat_id, request.user_id):
        return _no(turn, speech.toast("Only admins change this."))
    return None


def _for_newsroom(turn: Turn) -> list[Reply]:
    """Say whose the command or button is, and how one comes to belong to them."""
    call, own_id = read_call(turn.request.text), str(turn.request.user_id)
    if call is None:
        return _no(
            turn, turn.speech.toast("That is for the newsroom. An owner can add you by your id: {id}.", id=own_id)
        )
    words = turn.speech.say(
        "{command} is for the newsroom. An owner can add you by your id: {id}.", command=f"/{call.name}", id=own_id
    )
    return [Say(message=OutgoingMessage(words))]


def _no(turn: Turn, words: Brief) -> list[Reply]:
    if turn.request.deed is Deed.TAP:
        return [Toast(text=words)]
    return [Say(message=OutgoingMessage(text=escape(words)))]
