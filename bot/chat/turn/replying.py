"""A handler's replies on their way into the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.chat.turn.turns import Alert, Menu, Rekey, Remove, Rewrite, Say, SendStory, Toast
from bot.messages.outgoing import inline_keyboard
from bot.messages.story import render_story
from bot.messages.story_buttons import story_keyboard
from storage.model import ChatKind, DeliveryKind, NewDelivery, Priority, Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import OutgoingDocument, OutgoingMessage
    from storage import Work


async def plan_replies(work: Work, turn: Turn, replies: Sequence[Reply], *, progress_id: int | None = None) -> None:
    """Put a handler's replies into the outbox, in its transaction.

    Args:
        work: The transaction.
        turn: Whom they answer.
        replies: What the handler gave back; toasts are not for the outbox.
        progress_id: The delivery that says "Reading…"; the first message takes its place.
    """
    rows: list[NewDelivery] = []
    previews: dict[int, int] = {}
    for part, reply in enumerate(replies):
        match reply:
            case Say(message=message, subscriber_id=int(elsewhere)):
                rows.append(replace(reply_row(turn, message, part=part), subscriber_id=elsewhere, thread_id=0))
            case Say(message=message, is_farewell=True):
                row = reply_row(turn, message, part=part)
                rows.append(replace(row, kind=DeliveryKind.FAREWELL, subscriber_id=None, chat_id=turn.request.chat_id))
                progress_id = None
            case Say(message=message):
                if reply.previews is not None:
                    previews[len(rows)] = reply.previews
                rows.append(await _said(work, reply_row(turn, message, part=part), progress_id))
                progress_id = None
            case Rewrite(message=message):
                # Taps come faster than Telegram lets us edit: only the newest screen is worth a message's second.
                await work.outbox.supersede_edits(turn.subscriber.id, turn.request.message_id)
                row = reply_row(turn, message, part=part)
                rows.append(replace(row, verb=Verb.EDIT, message_id=turn.request.message_id))
            case Rekey(keyboard=keyboard):
                await work.outbox.supersede_edits(turn.subscriber.id, turn.request.message_id)
                row = replace(reply_row(turn, None, part=part), payload={"reply_markup": inline_keyboard(keyboard)})
                rows.append(replace(row, verb=Verb.EDIT, message_id=turn.request.message_id))
            case Remove():
                row = replace(reply_row(turn, None, part=part), verb=Verb.DELETE)
                rows.append(replace(row, message_id=turn.request.message_id))
            case SendStory():
                rows.extend(await _story_rows(work, turn, reply, part=part))
            case Toast() | Alert() | Menu():
                pass
    if progress_id is not None and not await work.outbox.cancel(progress_id):
        rows.append(replace(reply_row(turn, None, part=len(replies)), verb=Verb.DELETE, target_id=progress_id))
    ids = await work.outbox.enqueue(rows, now=turn.now)
    for place, push_id in previews.items():
        await work.pushes.set_preview(push_id, ids[place])


async def _said(work: Work, row: NewDelivery, progress_id: int | None) -> NewDelivery:
    """Let a message take the place of "Reading…" where that has left already."""
    if progress_id is not None and not await work.outbox.cancel(progress_id):
        return replace(row, verb=Verb.REPLACE, target_id=progress_id)
    return row


async def _story_rows(work: Work, turn: Turn, wanted: SendStory, *, part: int) -> list[NewDelivery]:
    """Plan a story for this chat: once as news, or as a reply to somebody who asked for it."""
    story_id = wanted.story_id
    if not wanted.again:
        if await work.subscribers.has_seen(turn.subscriber.id, story_id, turn.request.thread_id):
            return []
        return [
            NewDelivery(
                subscriber_id=turn.subscriber.id,
                thread_id=turn.request.thread_id,
                kind=DeliveryKind.STORY,
                subject=f"s:{story_id}",
                priority=Priority.REPLY,
                due_at=turn.now + timedelta(seconds=1),
            )
        ]
    view = await work.stories.view(story_id, turn.subscriber.summary_chars, reader_id=turn.subscriber.id)
    if view is None and await work.choices.is_saved(turn.subscriber.id, story_id):
        view = await work.stories.view(story_id, turn.subscriber.summary_chars)
    if view is None and wanted.is_found and await work.searching.may_read(turn.subscriber.id, story_id):
        view = await work.stories.view(story_id, turn.subscriber.summary_chars)
    if view is None:
        return []
    chat = turn.subscriber
    choices = await work.choices.of(chat.id, story_id, turn.request.thread_id)
    message = render_story(
        view,
        lang=chat.lang,
        tz=chat.tz,
        now=turn.now,
        pictures=chat.pictures,
        is_long=chat.kind is not ChatKind.PRIVATE,
        keyboard=story_keyboard(view, turn.speech, kind=chat.kind, choices=replace(choices, is_long=False)),
    )
    return [reply_row(turn, message, part=part)]


def reply_row(turn: Turn, message: OutgoingMessage | OutgoingDocument | None, *, part: int) -> NewDelivery:
    """Make the delivery of one message of an answer; ``part`` tells the messages of one answer apart."""
    return NewDelivery(
        subscriber_id=turn.subscriber.id,
        thread_id=turn.request.thread_id,
        kind=DeliveryKind.REPLY,
        subject=f"u:{turn.request.update_id}",
        part=part,
        priority=Priority.REPLY,
        due_at=turn.now,
        payload=message.parameters() if message is not None else None,
    )
