"""Telling those in charge what cannot be sent: a place's admin of a place, the newsroom of a push or story."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bot.messages.places import render_blocked, render_closed_thread
from bot.messages.push_screens import failed_fanout_message
from bot.messages.speech import speech
from storage.errors import NotFoundError
from storage.model import ChatKind, DeliveryKind, FanoutKind, NewDelivery, Priority, SubscriberState

if TYPE_CHECKING:
    from datetime import datetime

    from bot.messages.outgoing import OutgoingMessage
    from storage import Work
    from storage.model import Fanout, Subscriber


async def tell_of_block(work: Work, place: Subscriber, *, now: datetime) -> None:
    """Tell the admin that a group or channel refuses us."""
    own = await _admin_of(work, place)
    if own is not None:
        message = render_blocked(speech(own.lang, own.tz), name=place.title or str(place.chat_id), place_id=place.id)
        await _send(work, own, message, subject=f"pb:{place.id}:{now:%Y%m%d%H%M}", now=now)


async def tell_of_closed_thread(work: Work, place: Subscriber, thread_id: int, *, now: datetime) -> None:
    """Note that a topic is closed, and tell the admin; one that knows is shown how many stories wait by now."""
    known = await work.threads.find(place.id, thread_id)
    closed_at = known.closed_at if known is not None and known.closed_at is not None else now
    await work.threads.note(place.id, thread_id, closed_at=closed_at)
    own, thread = await _admin_of(work, place), await work.threads.find(place.id, thread_id)
    if own is None or thread is None:
        return
    message = render_closed_thread(
        speech(own.lang, own.tz),
        thread=thread,
        chat=place.title or str(place.chat_id),
        waiting=await work.threads.count_waiting(place.id, thread_id),
    )
    subject = f"tc:{place.id}:{thread_id}:{closed_at:%Y%m%d%H%M%S}"
    told = await work.outbox.find_planned(own.id, DeliveryKind.REPLY, subject)
    if told is None:
        await _send(work, own, message, subject=subject, now=now)
    else:
        await work.outbox.revise(told, message.parameters(), subscriber_id=own.id, priority=Priority.EDIT, now=now)


async def tell_of_failed_fanout(work: Work, fanout: Fanout, *, owners: frozenset[int], now: datetime) -> None:
    """Tell owners and editors, where they have begun a chat, that a push or story goes to nobody further."""
    title = ""
    if fanout.kind is FanoutKind.STORY:
        with suppress(NotFoundError):
            title = (await work.stories.get(fanout.subject_id)).title
    ids = owners | {editor.user_id for editor in await work.newsroom.list_editors()}
    for user_id in sorted(ids):
        own = await work.subscribers.find_by_chat(user_id)
        if own is not None and own.state is not SubscriberState.UNREACHABLE:
            message = failed_fanout_message(speech(own.lang, own.tz), fanout, title=title)
            await _send(work, own, message, subject=f"ff:{fanout.id}", now=now)


async def _admin_of(work: Work, place: Subscriber) -> Subscriber | None:
    if place.kind is ChatKind.PRIVATE or place.connected_by is None:
        return None
    own = await work.subscribers.find_by_chat(place.connected_by)
    return own if own is not None and own.state is not SubscriberState.UNREACHABLE else None


async def _send(work: Work, own: Subscriber, message: OutgoingMessage, *, subject: str, now: datetime) -> None:
    row = NewDelivery(
        subscriber_id=own.id,
        kind=DeliveryKind.REPLY,
        subject=subject,
        priority=Priority.STORY,
        due_at=now,
        payload=message.parameters(),
    )
    await work.outbox.enqueue([row], now=now)
