"""The newsroom's people: who edits, invitations that work once, and who is shut out."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.turn.turns import Action, Menu, Rewrite, Say, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import Html, escape
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.people import render_person
from bot.messages.shortening import cut
from storage.model import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work

_VALID_FOR: Final = timedelta(days=7)
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_MOST_LISTED: Final = 30
_LONGEST_SHOWN_CHARS: Final = 40


async def list_editors(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show who belongs to the newsroom."""
    return [Say(message=await _screen(turn, work))]


async def _is_owner(turn: Turn, work: Work) -> bool:
    editor = await work.newsroom.find_editor(turn.request.user_id)
    return turn.is_owner or (editor is not None and editor.role is Role.OWNER)


async def name_newsroom(turn: Turn) -> dict[int, str]:
    """Ask Telegram what the people of the newsroom call themselves: research for whoever shows them."""
    async with turn.house.storage.read() as work:
        editors = [editor.user_id for editor in await work.newsroom.list_editors()]
    return await turn.house.names.ask([turn.request.user_id, *editors, *sorted(turn.house.owners)])


async def _screen(turn: Turn, work: Work) -> OutgoingMessage:
    speech = turn.speech
    editors = await work.newsroom.list_editors()
    owners = sorted({*turn.house.owners, *(each.user_id for each in editors if each.role is Role.OWNER)})
    others = [each.user_id for each in editors if each.user_id not in owners]
    lines = [speech.say("Owners: {ids}", ids=_names(turn, owners))] if owners else []
    lines.append(speech.say("Editors: {ids}", ids=_names(turn, others)) if others else speech.say("No editors yet."))
    if not await _is_owner(turn, work):
        return OutgoingMessage("\n".join(lines))
    rows = [
        (_button(speech.label("editors.button", "Remove {id}", id=str(user_id)), "remove", user_id),)
        for user_id in others[:_MOST_LISTED]
    ]
    invite = [_button(speech.label("editors.button", "Invite an editor"), "invite", 0, "editor")]
    if turn.house.by_invitation:
        invite.append(_button(speech.label("editors.button", "Invite a reader"), "invite", 0, "reader"))
    return OutgoingMessage("\n".join(lines), (*rows, tuple(invite)))


def _names(turn: Turn, ids: Sequence[int]) -> Html:
    """List people by their names and numbers, and say which of them reads this."""
    known, mine = turn.found or {}, turn.request.user_id
    shown = [render_person(turn.speech, each, known, reader_id=mine) for each in ids[:_MOST_LISTED]]
    if len(ids) > _MOST_LISTED:  # each is an entity, of which a message takes only so many
        shown.append(turn.speech.say("and {n} more", n=turn.speech.number(len(ids) - _MOST_LISTED)))
    return Html(turn.speech.joined(shown))


def _code(user_id: int) -> Html:
    return Html(f"<code>{user_id}</code>")


async def invite(turn: Turn, work: Work) -> Sequence[Reply]:
    """Make a link by which one person comes in, once."""
    role = Role.EDITOR if turn.argument == "editor" else None
    if role is not None and not await _is_owner(turn, work):
        return [Toast(text=turn.speech.toast("Only owners invite editors."))]
    token, expires_at = secrets.token_urlsafe(16), turn.now + _VALID_FOR
    await work.admission.invite(token, role=role, invited_by=turn.request.user_id, expires_at=expires_at, now=turn.now)
    detail = {"role": role.value if role is not None else "reader"}
    await work.newsroom.record(turn.request.user_id, "invite", "invitation", detail, now=turn.now)
    day = turn.speech.day(turn.speech.local_date(expires_at))
    link = Html(f"<code>{escape(f'https://t.me/{turn.house.username}?start=e_{token}')}</code>")
    if role is not None:
        text = turn.speech.say("A link for one new editor. It works once, until {day}: {link}", day=day, link=link)
    else:
        text = turn.speech.say("A link for one new reader. It works once, until {day}: {link}", day=day, link=link)
    return [Toast(), Say(message=OutgoingMessage(text))]


async def remove(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let an editor out of the newsroom."""
    if not await _is_owner(turn, work):
        return [Toast(text=turn.speech.toast("Only owners remove editors."))]
    if await work.newsroom.remove_editor(turn.subject_id):
        await work.newsroom.record(turn.request.user_id, "editor.remove", f"u:{turn.subject_id}", {}, now=turn.now)
    toast = Toast(text=turn.speech.toast("{id} is no editor any more.", id=str(turn.subject_id)))
    menu = Menu(user_id=turn.subject_id, lang=turn.speech.lang, newsroom=turn.subject_id in turn.house.owners)
    return [toast, Rewrite(message=await _screen(turn, work)), menu]


async def ban(turn: Turn, work: Work) -> Sequence[Reply]:
    """Shut a person or a chat out, by its number; without one, show who is."""
    number = turn.argument.strip()
    if not _NUMBER.fullmatch(number):
        return [Say(message=await _bans(turn, work, number))]
    peer_id = int(number)
    editors = {editor.user_id for editor in await work.newsroom.list_editors()}
    if peer_id in turn.house.owners | editors:
        text = turn.speech.say("{id} belongs to the newsroom. /editors removes an editor.", id=number)
        return [Say(message=OutgoingMessage(text))]
    if await work.admission.ban(peer_id, now=turn.now):
        await work.newsroom.record(turn.request.user_id, "ban", f"u:{peer_id}", {}, now=turn.now)
        chat = await work.subscribers.find_by_chat(peer_id)
        if chat is not None:
            await work.subscribers.mark_unreachable(chat.id, reason="banned", now=turn.now)
    text = turn.speech.say("{id} is shut out. /unban {id} lets it in again.", id=number)
    return [Say(message=OutgoingMessage(text))]


async def unban(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let a person or a chat in again, by its number; without one, show who is shut out."""
    number = turn.argument.strip()
    if not _NUMBER.fullmatch(number):
        return [Say(message=await _bans(turn, work, number))]
    peer_id = int(number)
    if not await work.admission.unban(peer_id):
        return [Say(message=OutgoingMessage(turn.speech.say("{id} is not shut out.", id=number)))]
    await work.newsroom.record(turn.request.user_id, "unban", f"u:{peer_id}", {}, now=turn.now)
    text = turn.speech.say("{id} may use the bot again, and begins with /start.", id=number)
    return [Say(message=OutgoingMessage(text))]


async def _bans(turn: Turn, work: Work, given: str) -> OutgoingMessage:
    if given:
        told = turn.speech.say("“{words}” is no id. /id tells people theirs.", words=cut(given, _LONGEST_SHOWN_CHARS))
        return OutgoingMessage(told)
    banned = await work.admission.list_bans()
    if not banned:
        return OutgoingMessage(turn.speech.say("Nobody is shut out. Send /ban and an id to shut somebody out."))
    shown = [*map(_code, banned[:_MOST_LISTED])]
    if (left := len(banned) - _MOST_LISTED) > 0:
        shown.append(turn.speech.say("and {n} more", n=turn.speech.number(left)))
    ids = Html(turn.speech.joined(shown))
    return OutgoingMessage(turn.speech.say("Shut out: {ids}. Send /unban and an id to let one in again.", ids=ids))


def _button(label: str, verb: str, user_id: int, arg: str = "") -> Button:
    return Button(label, data=Callback("ed", verb, user_id, arg).encode())


EDITORS: Final = Action(handler=list_editors, research=name_newsroom, newsroom=True, private_only=True)
BAN: Final = Action(handler=ban, newsroom=True, private_only=True)
UNBAN: Final = Action(handler=unban, newsroom=True, private_only=True)
EDITOR_TAPS: Final[Mapping[str, Action]] = {
    "ed.invite": Action(handler=invite, newsroom=True, private_only=True),
    "ed.remove": Action(handler=remove, research=name_newsroom, newsroom=True, private_only=True),
}
