"""Which handler a request goes to: commands, buttons, answers to questions, pasted links, memberships."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.chat import commands, welcome
from bot.chat.feeds import importing, sources
from bot.chat.groups import confirming, places
from bot.chat.settings.zones import LONGEST_ANSWER_CHARS
from bot.chat.stories import summarizing
from bot.chat.taps import TAPS
from bot.chat.turn.requests import Deed, Request, are_addresses, read_call
from bot.chat.turn.turns import Action, Turn
from bot.messages.callbacks import decode_callback
from storage.model import ChatKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage import Work

_CHATTER: Final = Action(handler=welcome.hear_chatter)
_UNKNOWN: Final = Action(handler=commands.hear_unknown)
_LINK: Final = sources.PASTED_LINK
_FILE: Final = importing.IMPORT_FILE
_ADDRESSES: Final = importing.IMPORT_TEXT
_LONG_TEXT: Final = summarizing.SUMMARIZE_PASTED
_LARGEST_ID: Final = 2**63 - 1
"""What the databases take; a forged button can name more."""
_EVENTS: Final[Mapping[Deed, Action]] = {
    Deed.JOINED: Action(handler=welcome.note_arrival),
    Deed.LEFT: Action(handler=places.note_departure),
    Deed.MOVED: Action(handler=welcome.note_move),
    Deed.RIGHTS: Action(handler=places.note_rights),
    Deed.THREAD: Action(handler=welcome.note_thread),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An action and the turn as it will be given to it."""

    action: Action
    turn: Turn


async def route(turn: Turn, work: Work) -> Route | None:
    """Find what a request asks for; ``None`` for nothing: chatter in a group, a button that has expired."""
    match turn.request.deed:
        case Deed.TAP:
            return await _route_tap(turn, work)
        case Deed.MESSAGE:
            return await _route_message(turn, work)
        case deed:
            action = _EVENTS.get(deed)
            return Route(action=action, turn=turn) if action is not None else None


async def _route_tap(turn: Turn, work: Work) -> Route | None:
    callback = decode_callback(turn.request.tap_data)
    if callback is None or callback.id > _LARGEST_ID:
        return None
    named = replace(turn, subject_id=callback.id, argument=callback.arg)
    match callback.area:
        case "at":
            return await _route_there(named, work)
        case "cf":
            return await _route_confirmed(named, work)
        case _:
            action = TAPS.get(f"{callback.area}.{callback.verb}")
            if action is None or _defaces(turn.request, action):
                return None
            return Route(action=action, turn=named)


def _defaces(request: Request, action: Action) -> bool:
    """Tell a tap on no button that stands there from a member's honest one: it could rewrite what all others read.

    Alone with the bot a stale button is told what has become of it; a group's admins may rewrite what stands there.
    """
    return not request.is_private and not request.tap_stands and not action.manages and not action.newsroom


async def _route_there(turn: Turn, work: Work) -> Route | None:
    """Find what a button does that acts on a group or channel from an admin's private chat."""
    inner = decode_callback(f"1:{turn.argument}")
    action = TAPS.get(f"{inner.area}.{inner.verb}") if inner is not None else None
    place = await work.subscribers.find(turn.subject_id)
    if inner is None or action is None or action.newsroom or place is None or place.kind is ChatKind.PRIVATE:
        return None
    return Route(action=places.through(action, place), turn=replace(turn, subject_id=inner.id, argument=inner.arg))


async def _route_confirmed(turn: Turn, work: Work) -> Route | None:
    """Find the command that somebody hidden has sent, for whoever confirms it."""
    call = read_call(await confirming.find_command(turn, work))
    found = _route_call(turn, call.name, call.argument, call.addressee) if call is not None else None
    return replace(found, action=confirming.confirmed(found.action)) if found is not None else None


async def _route_message(turn: Turn, work: Work) -> Route | None:
    request = turn.request
    call = read_call(request.text)
    if call is not None:
        return _route_call(turn, call.name, call.argument, call.addressee)
    if not request.is_private:
        return None
    if request.file is not None and request.file.looks_like_list:
        return Route(action=_FILE, turn=turn)
    dialogue = await work.subscribers.find_dialogue(turn.subscriber.id, request.user_id, turn.now)
    if dialogue is not None and dialogue.expects == "subscribe" and are_addresses(request.text):
        return _route_words(turn)
    answer = commands.ANSWERS.get(dialogue.expects) if dialogue is not None else None
    if dialogue is not None and answer is not None and _may_answer(dialogue.expects, request):
        return Route(action=answer, turn=replace(turn, argument=request.text, data=dialogue.data))
    return _route_words(turn)


def _route_words(turn: Turn) -> Route:
    """Find what a message without a command or a question before it asks for."""
    request = turn.request
    if are_addresses(request.text):
        return Route(action=_ADDRESSES, turn=replace(turn, argument=request.text))
    if request.url and summarizing.is_mostly_an_address(request.text, request.url):
        return Route(action=_LINK, turn=replace(turn, argument=request.url))
    if summarizing.is_worth_summarising(request.text):
        return Route(action=_LONG_TEXT, turn=replace(turn, argument=request.text))
    return Route(action=_CHATTER if request.file is None else _FILE, turn=turn)


def _may_answer(expects: str, request: Request) -> bool:
    """Tell an answer from a link or article that somebody pastes instead of it."""
    if request.file is not None:
        return expects in {"push", "push_text"}
    return expects not in {"zone", "word", "alert"} or (not request.url and len(request.text) <= LONGEST_ANSWER_CHARS)


def _route_call(turn: Turn, name: str, argument: str, addressee: str) -> Route | None:
    if addressee and addressee != turn.house.username.lower():
        return None
    if name == "subscribe" and turn.request.file is not None:
        return Route(action=_FILE, turn=turn)
    if name == "subscribe" and are_addresses(argument):
        return Route(action=_ADDRESSES, turn=replace(turn, argument=argument))
    command = commands.find(name)
    if command is not None:
        return Route(action=command.action, turn=replace(turn, argument=argument))
    if turn.request.is_private:
        return Route(action=_UNKNOWN, turn=replace(turn, argument=name))
    return None
