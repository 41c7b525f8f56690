"""The first minute, and words for whoever says something else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.feeds import sources, topics
from bot.chat.feeds.offers import FIRST_TOPICS, offer
from bot.chat.groups import places
from bot.chat.settings.pausing import resume_button
from bot.chat.settings.screens import say_paused, say_waiting, show_now_button
from bot.chat.turn.access import is_editor, newsroom_menu, uninvited
from bot.chat.turn.turns import Say
from bot.messages.callbacks import Callback
from bot.messages.html import Html
from bot.messages.outgoing import Button, OutgoingMessage
from storage.model import ChatKind, SubscriberState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from storage import Work

_ID_DIGITS: Final = 19
"""A longer number is no id of any database."""


async def start(turn: Turn, work: Work) -> Sequence[Reply]:
    """Welcome a newcomer with what to try first, and somebody who returns with what is there.

    A link may name a feed behind the command: ``f_`` and its id.
    """
    if turn.subscriber.state is SubscriberState.UNREACHABLE:
        await work.subscribers.update(turn.subscriber.id, state=SubscriberState.ACTIVE)
    if not turn.request.is_private:
        return await greet_group(turn, work)
    welcome = await _welcome(turn, work)
    return [*welcome, newsroom_menu(turn)] if await is_editor(turn, work) else welcome


async def _welcome(turn: Turn, work: Work) -> Sequence[Reply]:
    kind, _, code = turn.argument.strip().partition("_")
    if kind == "e":
        return await come_in(turn, work, code)
    if turn.house.by_invitation and not turn.subscriber.admitted and not await is_editor(turn, work):
        return uninvited(turn)
    if kind == "f" and code.isdecimal() and len(code) < _ID_DIGITS:
        followed = await sources.follow_known(turn, work, int(code))
        if followed is not None:
            return followed
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    if not mine:
        await offer(work, turn.house.catalogue, turn.speech.lang, FIRST_TOPICS, now=turn.now)
        return [Say(message=await topics.first_screen(turn, work))]
    return [Say(message=await _welcome_back(turn, work, feeds=len(mine)))]


async def come_in(turn: Turn, work: Work, token: str) -> Sequence[Reply]:
    """Let somebody in by an invitation, which works once."""
    invitation = await work.admission.find(token, now=turn.now)
    if invitation is not None and await is_editor(turn, work):
        text = turn.speech.say("You are in already. Send this link on; it works for one person.")
        return [Say(message=OutgoingMessage(text))]
    if invitation is None or not await work.admission.use(token):
        text = turn.speech.say("This invitation is used up or too old. Ask for a new one.")
        return [Say(message=OutgoingMessage(text))]
    await work.admission.admit(turn.subscriber.id)
    if invitation.role is None:
        turn = replace(turn, argument="", subscriber=await work.subscribers.get(turn.subscriber.id))
        return await _welcome(turn, work)
    await work.newsroom.add_editor(turn.request.user_id, invitation.role, now=turn.now)
    detail = {"invited_by": invitation.invited_by}
    await work.newsroom.record(turn.request.user_id, "editor.join", "newsroom", detail, now=turn.now)
    text = turn.speech.say("You belong to the newsroom now. /push sends an article; /help lists the rest.")
    return [Say(message=OutgoingMessage(text))]


async def _welcome_back(turn: Turn, work: Work, *, feeds: int) -> OutgoingMessage:
    speech = turn.speech
    followed = speech.say_n("{n} feed", "{n} feeds", feeds)
    new = await work.subscribers.count_unseen(turn.subscriber.id)
    stories = speech.say_n("{n} new story", "{n} new stories", new) if new else speech.say("nothing new")
    text: str = speech.say("Welcome back. {feeds}, {stories}.", feeds=followed, stories=stories)
    if turn.subscriber.state is not SubscriberState.PAUSED:
        waiting = await work.subscribers.count_waiting(turn.subscriber.id)
        if not waiting:
            return OutgoingMessage(text, _menu(turn))
        text = f"{text} {say_waiting(speech, turn.subscriber, waiting, now=turn.now)}"
        return OutgoingMessage(text, (*_menu(turn), (show_now_button(speech),)))
    text = f"{text} {say_paused(speech, turn.subscriber)}"
    return OutgoingMessage(text, (*_menu(turn), resume_button(turn)))


def _menu(turn: Turn) -> Keyboard:
    speech = turn.speech
    return (
        (
            Button(speech.label("menu.button", "Latest"), data=Callback("rd", "latest", 0).encode()),
            Button(speech.label("menu.button", "Subscriptions"), data=Callback("sb", "list", 0).encode()),
        ),
        (Button(speech.label("menu.button", "Settings"), data=Callback("set", "show", 0, "home").encode()),),
    )


async def greet_group(turn: Turn, work: Work) -> Sequence[Reply]:
    """Say in a group what the bot does there, and who may tell it to."""
    speech = turn.speech
    if turn.house.catalogue.topics(speech.lang):
        await offer(work, turn.house.catalogue, speech.lang, FIRST_TOPICS, now=turn.now)
        text = speech.say("I post the news your admins choose. Pick a topic, or send /subscribe with an address.")
        return [Say(message=OutgoingMessage(text, topics.group_keyboard(speech)))]
    text = speech.say("I post the news your admins choose. An admin sends /subscribe with a site's address.")
    return [Say(message=OutgoingMessage(text))]


async def note_arrival(turn: Turn, work: Work) -> Sequence[Reply]:
    """Greet a group that has taken the bot in; set a channel up in private."""
    if turn.request.is_private:
        return []
    if turn.house.by_invitation:
        await work.admission.admit(turn.subscriber.id)
    if turn.request.chat_kind is ChatKind.CHANNEL:
        return await places.note_arrival(turn, work)
    await work.subscribers.update(
        turn.subscriber.id, title=turn.request.chat_title, connected_by=turn.request.user_id or None
    )
    return await greet_group(turn, work)


async def note_move(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow a group that has become a supergroup."""
    await work.subscribers.move(turn.request.chat_id, turn.request.new_chat_id)
    return []


async def note_thread(turn: Turn, work: Work) -> Sequence[Reply]:
    """Keep what a forum's thread is called and whether it is closed; what waited for it follows."""
    request = turn.request
    if request.thread_closed:
        await work.threads.note(turn.subscriber.id, request.thread_id, title=request.thread_title, closed_at=turn.now)
        return []
    await work.threads.note(turn.subscriber.id, request.thread_id, title=request.thread_title)
    await work.threads.reopen(turn.subscriber.id, request.thread_id, now=turn.now)
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
