"""Who may use the bot at all: whom the newsroom has shut out, and, where one must be, who was invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.turn.requests import Deed
from bot.chat.turn.turns import Alert, Menu, Say
from bot.messages.html import escape
from bot.messages.outgoing import OutgoingMessage

if TYPE_CHECKING:
    from bot.chat.turn.turns import Action, Reply, Turn
    from storage import Work
    from storage.model import Editor

_ALWAYS = frozenset({Deed.LEFT, Deed.MOVED, Deed.RIGHTS, Deed.THREAD})


async def shut_out(turn: Turn, work: Work, action: Action, *, editor: Editor | None) -> list[Reply] | None:
    """Say that the newsroom has shut a person or chat out; ``None`` where not, no words at all where none are due."""
    request = turn.request
    if _is_free(turn, editor) or (action.own_data and request.is_private):
        return None
    if not await work.admission.is_banned({request.user_id, request.chat_id}):
        return None
    if not request.is_private and request.deed is not Deed.TAP:
        return []
    words = turn.speech.plain(
        "The newsroom has closed this bot to you. An editor can open it again; your id is {id}.",
        id=str(request.user_id),
    )
    if request.deed is Deed.TAP:
        return _no(turn, words)
    return _no(turn, f"{words}\n{turn.speech.plain('/privacy, /export and /delete_me still work.')}")


async def is_editor(turn: Turn, work: Work) -> bool:
    """Tell whether the person belongs to the newsroom."""
    return turn.is_owner or await work.newsroom.find_editor(turn.request.user_id) is not None


def newsroom_menu(turn: Turn) -> Menu:
    """Show the newsroom's commands in the person's menu, in the language that they speak now."""
    return Menu(user_id=turn.request.user_id, lang=turn.speech.lang, newsroom=True)


async def is_let_in(turn: Turn, work: Work, action: Action, *, editor: Editor | None) -> bool:
    """Tell whether a deed needs no invitation, or was invited."""
    if _is_free(turn, editor) or not turn.house.by_invitation or action.for_all or action.own_data:
        return True
    return await is_invited(turn, work)


def _is_free(turn: Turn, editor: Editor | None) -> bool:
    return turn.is_owner or editor is not None or turn.request.deed in _ALWAYS


async def is_invited(turn: Turn, work: Work) -> bool:
    """Tell whether a chat was admitted, or is used by somebody who was."""
    if turn.subscriber.admitted:
        return True
    if turn.request.is_private:
        return False
    own = await work.subscribers.find_by_chat(turn.request.user_id)
    return own is not None and own.admitted


def uninvited(turn: Turn) -> list[Reply]:
    """Say how one gets in."""
    words = turn.speech.plain(
        "This bot is by invitation. Ask whoever runs it for a link; your id is {id}.", id=str(turn.request.user_id)
    )
    if turn.request.deed is Deed.JOINED and turn.request.user_id == 0:
        return []
    return _no(turn, words)


def _no(turn: Turn, words: str) -> list[Reply]:
    if turn.request.deed is Deed.TAP:
        return [Alert(text=words)]
    return [Say(message=OutgoingMessage(text=escape(words)))]
