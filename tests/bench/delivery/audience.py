"""Chats by the hundred thousand, and what they are to get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.model import (
    ChatKind,
    DeliveryKind,
    FanoutKind,
    NewDelivery,
    Priority,
    SubscriberState,
    SubscriptionMode,
    SubscriptionState,
)
from storage.tables import subscribers, subscriptions
from tests.bench.delivery.server import BOT_ID

if TYPE_CHECKING:
    from storage import Storage, Work
    from storage.model import Json

FIRST_CHAT = 10_000_000
_AT_ONCE = 50_000
MESSAGE: Json = {
    "text": "<b>The bridge over the Lenn is open again</b>\n\n" + "Міст знову відкрито, кажуть у міській раді. " * 8,
    "parse_mode": "HTML",
    "link_preview_options": {"is_disabled": True},
}


def now() -> datetime:
    return datetime.now(UTC)


async def settle_in(storage: Storage, number: int, *, feed_id: int | None = None) -> None:
    """Insert so many people, many at once; with a feed, all follow it."""
    for first in range(1, number + 1, _AT_ONCE):
        last = min(number, first + _AT_ONCE - 1)
        async with storage.write() as work:
            await work.feeds._tx.run(_people(first, last))
            if feed_id is not None:
                await work.feeds._tx.run(_subscribing(feed_id, first, last))


def _people(first: int, last: int) -> sa.Insert:
    keys = sa.select(sa.literal(first).label("key")).cte("keys", recursive=True)
    keys = keys.union_all(sa.select(keys.c.key + 1).where(keys.c.key < last))
    values: dict[str, Any] = {
        "bot_id": BOT_ID,
        "kind": ChatKind.PRIVATE,
        "state": SubscriberState.ACTIVE,
        "lang": "en",
        "tz": "UTC",
        "summary_chars": 400,
        "created_at": now() - timedelta(days=1),
    }
    columns = [sa.literal(value, subscribers.c[name].type) for name, value in values.items()]
    return sa.insert(subscribers).from_select(
        ["id", "chat_id", *values], sa.select(keys.c.key, keys.c.key + FIRST_CHAT, *columns)
    )


def _subscribing(feed_id: int, first: int, last: int) -> sa.Insert:
    columns = ["subscriber_id", "thread_id", "feed_id", "state", "mode", "created_at", "since"]
    before = now() - timedelta(days=1)
    return sa.insert(subscriptions).from_select(
        columns,
        sa.select(
            subscribers.c.id,
            sa.literal(0),
            sa.literal(feed_id),
            sa.literal(SubscriptionState.ACTIVE, subscriptions.c.state.type),
            sa.literal(SubscriptionMode.INSTANT, subscriptions.c.mode.type),
            sa.literal(before, subscriptions.c.created_at.type),
            sa.literal(before, subscriptions.c.since.type),
        ).where(subscribers.c.id.between(first, last)),
    )


async def open_broadcast(work: Work, content: Json = MESSAGE) -> int:
    """Open the fan-out of a message to everybody; give its id."""
    kept = await work.contents.put(content)
    fanout = await work.fanouts.open(FanoutKind.PUSH, 1, priority=Priority.PUSH, content_id=kept.id, now=now())
    return fanout.id


async def plan_all(storage: Storage, fanout_id: int, chunk: int = 10_000) -> int:
    """Expand a fan-out to its end; give how many deliveries it became."""
    while True:
        async with storage.write() as work:
            fanout = await work.fanouts.expand(fanout_id, limit=chunk, now=now())
        if fanout.done:
            return fanout.planned


def message_to(subscriber_id: int, subject: str, **wishes: object) -> NewDelivery:
    """Make a delivery of a plain text."""
    fields: dict[str, Any] = {
        "subscriber_id": subscriber_id,
        "kind": DeliveryKind.REPLY,
        "subject": subject,
        "priority": Priority.STORY,
        "due_at": now(),
        "payload": {"text": subject},
    }
    return NewDelivery(**(fields | wishes))
