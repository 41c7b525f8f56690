"""Groups and channels that an admin manages from the private chat: each deed checks anew that they are one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.chat.feeds import sources
from bot.chat.turn import questions
from bot.chat.turn.turns import Action, Alert, Rekey, Remove, Rewrite, Say, SendStory, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import escape
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.places import nested, render_blocked, render_closed_thread, render_connected, render_removed
from bot.messages.speech import speech
from storage.model import ChatKind, DeliveryKind, NewDelivery, Priority, SubscriberState, Thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from storage import Work
    from storage.model import Subscriber

_MOST_THREADS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What Telegram says before a place is managed from elsewhere.

    Attributes:
        place: The group or channel; ``None`` where there is none any more.
        is_admin: Whether the person administers it.
        has_connected: Whether it was they who brought the bot there.
        found: What the deed's own research brought.
    """

    place: Subscriber | None
    is_admin: bool = False
    has_connected: bool = False
    found: Any = None


def _there(turn: Turn, place: Subscriber) -> Turn:
    """Give the turn as it would be in the place itself."""
    request = replace(turn.request, chat_id=place.chat_id, chat_kind=place.kind, chat_title=place.title, thread_id=0)
    return replace(turn, subscriber=place, request=request)


def name_of(place: Subscriber) -> str:
    """Name a group or channel; by its id where its name was never heard."""
    return place.title or str(place.chat_id)


# ---- any button of a place, from the private chat


def through(action: Action, place: Subscriber) -> Action:
    """Make of a deed one that is done in another chat, by whoever administers that."""

    async def look(turn: Turn) -> Seen:
        if not await turn.house.rights.is_admin(place.chat_id, turn.request.user_id):
            return Seen(place=place)
        found = await action.research(_there(turn, place)) if action.research is not None else None
        return Seen(place=place, is_admin=True, found=found)

    async def act(turn: Turn, work: Work) -> Sequence[Reply]:
        seen: Seen = turn.found
        now_there = await work.subscribers.find(place.id)
        if not seen.is_admin or now_there is None:
            return [Toast(text=turn.speech.toast("Only admins change this."))]
        if await work.admission.is_banned({now_there.chat_id}):
            return [Toast(text=turn.speech.toast("This button has expired. Send /help.")), Rekey(keyboard=())]
        there = _there(replace(turn, found=seen.found), now_there)
        return await _from_here(work, there, await action.handler(there, work))

    return Action(handler=act, research=look, fetches=action.fetches, private_only=True)


async def _from_here(work: Work, there: Turn, replies: Sequence[Reply]) -> list[Reply]:
    """Show in the admin's chat what was answered for the place; stories go to the place itself."""
    shown: list[Reply] = []
    for reply in replies:
        match reply:
            case SendStory(story_id=story_id):
                if not await work.subscribers.has_seen(there.subscriber.id, story_id):
                    await work.outbox.enqueue([_story_row(there, story_id)], now=there.now)
            case Say(message=OutgoingMessage() as message, is_farewell=False):
                shown.append(replace(reply, message=_nested(message, there)))
            case Rewrite(message=message):
                shown.append(Rewrite(message=_nested(message, there)))
            case Rekey(keyboard=keyboard):
                shown.append(Rekey(keyboard=_nested_keyboard(keyboard, there)))
            case _:
                shown.append(reply)
    return shown


def _story_row(there: Turn, story_id: int) -> NewDelivery:
    return NewDelivery(
        subscriber_id=there.subscriber.id,
        kind=DeliveryKind.STORY,
        subject=f"s:{story_id}",
        priority=Priority.REPLY,
        due_at=there.now + timedelta(seconds=1),
    )


def _nested(message: OutgoingMessage, there: Turn) -> OutgoingMessage:
    return replace(message, keyboard=_nested_keyboard(message.keyboard, there))


def _nested_keyboard(keyboard: Keyboard, there: Turn) -> Keyboard:
    return tuple(tuple(nested(button, there.subscriber.id) for button in row) for row in keyboard)


# ---- coming, going, and what the bot may do there


async def note_arrival(turn: Turn, work: Work) -> Sequence[Reply]:
    """Keep who has brought the bot into a channel, and ask them in private what to post there."""
    place = await work.subscribers.update(
        turn.subscriber.id, title=turn.request.chat_title, connected_by=turn.request.user_id
    )
    own = await _own_chat(work, turn.request.user_id)
    if not turn.request.can_post:
        return await _lose(turn, work, place)
    if own is not None:
        words = speech(own.lang, own.tz)
        return [Say(message=render_connected(words, name=name_of(place), place_id=place.id), subscriber_id=own.id)]
    button = Button(turn.speech.label("place.button", "Set up"), data=Callback("pl", "setup", place.id).encode())
    return [Say(message=OutgoingMessage(turn.speech.say("An admin can set me up here."), ((button,),)))]


async def set_up(turn: Turn, work: Work) -> Sequence[Reply]:
    """Go on in private with the admin who tapped; the post that asked goes."""
    own = await _own_chat(work, turn.request.user_id)
    if own is None:
        words = turn.speech.plain("Start me first, in private: @{bot}.", bot=turn.house.username)
        return [Alert(text=words)]
    place = await work.subscribers.update(
        turn.subscriber.id, title=turn.request.chat_title, connected_by=turn.request.user_id
    )
    message = render_connected(speech(own.lang, own.tz), name=name_of(place), place_id=place.id)
    return [
        Toast(text=turn.speech.toast("Go on in our private chat.")),
        Say(message=message, subscriber_id=own.id),
        Remove(),
    ]


async def note_departure(turn: Turn, work: Work) -> Sequence[Reply]:
    """Stop writing to a chat that blocked or removed the bot; its subscriptions wait for its return."""
    await work.subscribers.mark_unreachable(turn.subscriber.id, reason="left", now=turn.now)
    admin_id = turn.subscriber.connected_by
    if turn.request.is_private or admin_id is None or admin_id == turn.request.user_id:
        return []
    own = await _own_chat(work, admin_id)
    if own is None:
        return []
    name = turn.request.chat_title or name_of(turn.subscriber)
    return [Say(message=render_removed(speech(own.lang, own.tz), name=name), subscriber_id=own.id)]


async def note_rights(turn: Turn, work: Work) -> Sequence[Reply]:
    """Go on where the bot may post again; stop where it may no more, and tell who has connected it."""
    if not turn.request.can_post:
        return await _lose(turn, work, turn.subscriber)
    is_away = turn.subscriber.state is SubscriberState.UNREACHABLE
    if is_away and not await work.admission.is_banned({turn.request.chat_id}):
        await work.subscribers.update(turn.subscriber.id, state=SubscriberState.ACTIVE)
    return []


async def _lose(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    if place.state is SubscriberState.UNREACHABLE:
        return []
    await work.subscribers.mark_unreachable(place.id, reason="no right to post", now=turn.now)
    own = await _own_chat(work, place.connected_by or 0)
    if own is None:
        return []
    words = speech(own.lang, own.tz)
    return [Say(message=render_blocked(words, name=name_of(place), place_id=place.id), subscriber_id=own.id)]


async def _own_chat(work: Work, user_id: int) -> Subscriber | None:
    own = await work.subscribers.find_by_chat(user_id)
    if own is None or own.kind is not ChatKind.PRIVATE or own.state is SubscriberState.UNREACHABLE:
        return None
    return own


# ---- the buttons under what an admin is told


async def _look(turn: Turn) -> Seen:
    async with turn.house.storage.read() as work:
        place = await work.subscribers.find(turn.subject_id)
    if place is None:
        return Seen(place=None)
    is_admin = await turn.house.rights.is_admin(place.chat_id, turn.request.user_id)
    return Seen(place=place, is_admin=is_admin)


async def _look_whether_open(turn: Turn) -> Seen:
    seen = await _look(turn)
    # Whoever connected it may ask even where Telegram no longer tells us who its admins are.
    mine = seen.place is not None and seen.place.connected_by == turn.request.user_id
    if seen.place is None or not (seen.is_admin or mine):
        return seen
    can_post = await turn.house.rights.may_post(seen.place.chat_id)
    return replace(seen, has_connected=mine, found=can_post)


def _for_admins(
    handler: Callable[[Turn, Work, Subscriber], Awaitable[Sequence[Reply]]], *, ask_telegram: bool = False
) -> Action:
    async def act(turn: Turn, work: Work) -> Sequence[Reply]:
        seen: Seen = turn.found
        if seen.place is None or await work.admission.is_banned({seen.place.chat_id}):
            return [Toast(text=turn.speech.toast("This button has expired. Send /help.")), Rekey(keyboard=())]
        if not (seen.is_admin or seen.has_connected):
            return [Toast(text=turn.speech.toast("Only admins change this."))]
        return await handler(turn, work, seen.place)

    return Action(handler=act, research=_look_whether_open if ask_telegram else _look, private_only=True)


async def ask_feed(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    """Wait for the address of a feed for a place."""
    await questions.expect(turn, work, "place_feed", {"place": str(place.id)})
    text = turn.speech.say("Send the address of a site or feed for {name}.", name=name_of(place))
    return [Say(message=OutgoingMessage(text))]


async def postpone(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    """Leave a place without news for now."""
    text = turn.speech.say("{name} is connected. Send /subscribe there when you want news in it.", name=name_of(place))
    return [Rewrite(message=OutgoingMessage(text))]


async def check(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    """Go on where the bot may post again."""
    if not turn.found.found:
        return [Toast(text=turn.speech.toast("{name} still blocks my messages.", name=name_of(place)))]
    await work.subscribers.update(place.id, state=SubscriberState.ACTIVE)
    text = turn.speech.say("{name} takes my messages again.", name=name_of(place))
    return [Rewrite(message=OutgoingMessage(text))]


async def stop(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    """Post no more in a place, until an admin resumes it there."""
    if place.state is not SubscriberState.UNREACHABLE and not turn.found.is_admin:
        return [Toast(text=turn.speech.toast("Only admins change this."))]
    await work.subscribers.update(place.id, state=SubscriberState.PAUSED)
    text = turn.speech.say("I post no more in {name}. /resume there begins again.", name=name_of(place))
    return [Rewrite(message=OutgoingMessage(text))]


async def reopen(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    """Try a closed topic again with all that waits for it."""
    if not turn.argument.isdecimal() or len(turn.argument) > 18:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    count = await work.threads.reopen(place.id, int(turn.argument), now=turn.now)
    text = turn.speech.say_n("I try again: {n} story follows.", "I try again: {n} stories follow.", count)
    return [Rewrite(message=OutgoingMessage(text))]


async def choose_thread(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    """Offer the open topics that could take what waits."""
    if not turn.argument.isdecimal() or len(turn.argument) > 18:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    thread_id = int(turn.argument)
    known = await work.threads.list(place.id)
    shut = next((each for each in known if each.thread_id == thread_id), None)
    others = [each for each in known if each.thread_id != thread_id and each.closed_at is None][:_MOST_THREADS]
    message = render_closed_thread(
        turn.speech,
        thread=shut or Thread(subscriber_id=place.id, thread_id=thread_id, title=""),
        chat=name_of(place),
        waiting=await work.threads.count_waiting(place.id, thread_id),
        others=[Thread(subscriber_id=place.id, thread_id=0, title=""), *others],
    )
    return [Rewrite(message=message)]


async def move_thread(turn: Turn, work: Work, place: Subscriber) -> Sequence[Reply]:
    """Let another topic take the closed one's feeds and what waits."""
    from_id, _, to_id = turn.argument.partition(".")
    if not (from_id.isdecimal() and to_id.isdecimal()) or len(turn.argument) > 38:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    count = await work.threads.move(place.id, int(from_id), int(to_id), now=turn.now)
    text = turn.speech.say_n("{n} story follows there.", "{n} stories follow there.", count)
    return [Rewrite(message=OutgoingMessage(text))]


# ---- a feed for a place, sent in private


async def look_for_place(turn: Turn) -> Seen:
    """Look at the address that was sent for a place."""
    seen = await _look(replace(turn, subject_id=int(turn.data["place"])))
    if seen.place is None or not seen.is_admin:
        return seen
    return replace(seen, found=await sources.look(_there(turn, seen.place)))


async def subscribe_place(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let a place follow the feed at the address, or offer what the page has."""
    seen: Seen = turn.found
    await questions.end(turn, work)
    if seen.place is None or not seen.is_admin or await work.admission.is_banned({seen.place.chat_id}):
        return [Say(message=OutgoingMessage(escape(turn.speech.plain("Only admins change this."))))]
    there = _there(replace(turn, found=seen.found), seen.place)
    return await _from_here(work, there, await sources.subscribe(there, work))


PLACE_FEED: Final = Action(
    handler=subscribe_place,
    research=look_for_place,
    progress=sources.say_reading_any,
    fetches=True,
    private_only=True,
)
PLACE_TAPS: Final[Mapping[str, Action]] = {
    "pl.setup": Action(handler=set_up, manages=True),
    "pl.add": _for_admins(ask_feed),
    "pl.later": _for_admins(postpone),
    "pl.check": _for_admins(check, ask_telegram=True),
    "pl.stop": _for_admins(stop, ask_telegram=True),
    "pl.reopen": _for_admins(reopen),
    "pl.choose": _for_admins(choose_thread),
    "pl.move": _for_admins(move_thread),
}
