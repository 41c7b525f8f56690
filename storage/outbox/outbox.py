"""The outbox: every message owed to a chat, from its planning to its retention."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import DeliveryKind, DeliveryState, Priority, Tally, Verb
from storage.outbox.claiming import claim, select_deliveries, to_delivery
from storage.outbox.push_figures import COUNTED, keep_figures, kept_figures
from storage.outbox.settling import recover, resolve_unknown, settle
from storage.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select

    from storage.connection.transaction import Transaction
    from storage.model import Delivery, Json, NewDelivery, Settlement

QUEUED = outbox.c.state == sa.literal_column("'queued'")  # word for word the condition of the indexes
_FINAL = (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.CANCELLED)


class Outbox:
    """The outbox of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def enqueue(self, deliveries: Sequence[NewDelivery], now: datetime) -> list[int]:
        """Plan deliveries.

        Args:
            deliveries: What to plan; of what is planned already nothing changes.
            now: The present instant.

        Returns:
            Their ids in order, those of the already planned ones included.
        """
        if not deliveries:
            return []
        inserted = await self._tx.all(
            self._tx.insert(outbox).on_conflict_do_nothing().returning(outbox.c.id, *_IDENTITY),
            [_as_row(delivery, bot_id=self._tx.bot_id, now=now) for delivery in deliveries],
        )
        ids = {_identity(row): row[outbox.c.id] for row in inserted}
        missing = [delivery for delivery in deliveries if _identity_of(delivery) not in ids]
        if missing:
            rows = await self._tx.all(
                sa.select(outbox.c.id, *_IDENTITY).where(
                    outbox.c.bot_id == self._tx.bot_id,
                    self._tx.among(outbox.c.subject, sorted({delivery.subject for delivery in missing})),
                    sa.or_(
                        self._tx.among(
                            outbox.c.subscriber_id,
                            [each.subscriber_id for each in missing if each.subscriber_id is not None],
                        ),
                        outbox.c.subscriber_id.is_(None),
                    ),
                )
            )
            ids |= {_identity(row): row[outbox.c.id] for row in rows}
        self._tx.rung.add(Channel.OUTBOX)
        return [ids[_identity_of(delivery)] for delivery in deliveries]

    async def revise(
        self, target_id: int, payload: Json, *, subscriber_id: int, priority: Priority, now: datetime
    ) -> int:
        """Want another text in a message that was planned before: one edit, however often it changes until it leaves.

        Args:
            target_id: The delivery whose message is edited.
            payload: The new text, as Bot API parameters.
            subscriber_id: Its chat.
            priority: When the edit leaves.
            now: The present instant.

        Returns:
            The edit's id.
        """
        self._tx.rung.add(Channel.OUTBOX)
        queued = (
            outbox.c.target_id == target_id,
            outbox.c.state == sa.literal_column("'queued'"),
            outbox.c.kind == sa.literal_column("'edit'"),
        )
        replaced = await self._tx.value(
            outbox.update().where(*queued).values(payload=payload, priority=priority).returning(outbox.c.id)
        )
        if replaced is not None:
            return int(replaced)
        subject = f"d:{target_id}"
        parts = sa.select(sa.func.coalesce(sa.func.max(outbox.c.part), 0) + 1).where(
            outbox.c.subject == subject,
            outbox.c.kind == DeliveryKind.EDIT,
            outbox.c.subscriber_id == subscriber_id,
        )
        thread_id = await self._tx.value(sa.select(outbox.c.thread_id).where(outbox.c.id == target_id))
        row = _row(bot_id=self._tx.bot_id, now=now) | {
            "subscriber_id": subscriber_id,
            "thread_id": thread_id or 0,
            "kind": DeliveryKind.EDIT,
            "subject": subject,
            "part": await self._tx.value(parts),
            "verb": Verb.EDIT,
            "priority": priority,
            "due_at": now,
            "target_id": target_id,
            "payload": payload,
        }
        added = await self._tx.value(
            self._tx.insert(outbox).values(row).on_conflict_do_nothing().returning(outbox.c.id)
        )
        if added is None:  # another worker's edit of the same message came in between: its text is ours now
            return await self.revise(target_id, payload, subscriber_id=subscriber_id, priority=priority, now=now)
        return int(added)

    async def cancel(self, delivery_id: int) -> bool:
        """Take back a delivery that is still queued, and say whether it was."""
        return bool(
            await self._tx.run(
                outbox.update()
                .where(outbox.c.id == delivery_id, outbox.c.bot_id == self._tx.bot_id, QUEUED)
                .values(state=DeliveryState.CANCELLED, settled_at=self._tx.clock(), reason="cancelled")
            )
        )

    async def supersede_edits(self, subscriber_id: int, message_id: int) -> int:
        """Take back our answers to taps on a message that are still queued, before a newer one; give how many."""
        return await self._tx.run(
            outbox.update()
            .where(
                outbox.c.subscriber_id == subscriber_id,
                outbox.c.kind == DeliveryKind.REPLY,
                outbox.c.message_id == message_id,
                outbox.c.verb == Verb.EDIT,
                QUEUED,
            )
            .values(state=DeliveryState.CANCELLED, settled_at=self._tx.clock(), reason="superseded")
        )

    async def claim(
        self,
        now: datetime,
        *,
        limit: int,
        excluding: Collection[int],
        fence: int = 0,
        answers_only: bool = False,
    ) -> list[Delivery]:
        """Mark deliveries as leaving; see ``claiming.claim``."""
        return await claim(self._tx, now, limit=limit, excluding=excluding, fence=fence, answers_only=answers_only)

    async def settle(self, settlements: Sequence[Settlement], now: datetime, *, fence: int | None = None) -> None:
        """Note what became of deliveries that were leaving; see ``settling.settle``."""
        await settle(self._tx, settlements, now, fence=fence)

    async def defer(self, subscriber_id: int, until: datetime) -> None:
        """Let all that is queued for a chat wait until an instant at least."""
        await self._tx.run(
            outbox.update()
            .where(outbox.c.subscriber_id == subscriber_id, QUEUED, outbox.c.due_at < until)
            .values(due_at=until)
        )

    async def recover(self, now: datetime, *, fence: int = 0) -> int:
        """Settle what a sender that died had marked as leaving; see ``settling.recover``."""
        return await recover(self._tx, now, fence=fence)

    async def get(self, delivery_id: int) -> Delivery:
        """Get a delivery.

        Raises:
            NotFoundError: There is none.
        """
        row = await self._tx.one(
            select_deliveries().where(outbox.c.id == delivery_id, outbox.c.bot_id == self._tx.bot_id),
            "delivery",
            delivery_id,
        )
        return to_delivery(row)

    async def find_sent(self, subscriber_id: int, message_id: int) -> Delivery | None:
        """Find the delivery whose message has this id in its chat; ``None`` once it has been purged."""
        row = await self._tx.first(
            select_deliveries()
            .where(
                outbox.c.subscriber_id == subscriber_id,
                outbox.c.message_id == message_id,
                outbox.c.state == DeliveryState.SENT,
                outbox.c.verb != Verb.EDIT,
            )
            .order_by(outbox.c.id)
            .limit(1)
        )
        return None if row is None else to_delivery(row)

    async def list_unknown(self, limit: int, *, subject: str | None = None) -> list[Delivery]:
        """List deliveries that may have arrived, oldest first; of one subject alone where it is named."""
        statement = select_deliveries().where(
            outbox.c.state == sa.literal_column("'unknown'"), outbox.c.bot_id == self._tx.bot_id
        )
        if subject is not None:
            statement = statement.where(outbox.c.subject == subject)
        rows = await self._tx.all(statement.order_by(outbox.c.id).limit(limit))
        return [to_delivery(row) for row in rows]

    async def find_planned(self, subscriber_id: int, kind: DeliveryKind, subject: str) -> int | None:
        """Find the id of the first delivery of one kind and subject to a chat, whatever became of it."""
        found: int | None = await self._tx.value(
            sa.select(outbox.c.id)
            .where(outbox.c.subscriber_id == subscriber_id, outbox.c.kind == kind, outbox.c.subject == subject)
            .order_by(outbox.c.id)
            .limit(1)
        )
        return found

    async def is_leaving(self, subscriber_id: int, kind: DeliveryKind, subject: str) -> bool:
        """Tell whether a delivery to a chat is on its way: who taps its button has it, before its answer has come."""
        found = await self._tx.value(
            sa.select(outbox.c.id)
            .where(
                outbox.c.subscriber_id == subscriber_id,
                outbox.c.kind == kind,
                outbox.c.subject == subject,
                outbox.c.state == DeliveryState.SENDING,
            )
            .limit(1)
        )
        return found is not None

    async def resolve_unknown(self, ids: Collection[int] | None = None, *, resend: bool, now: datetime) -> int:
        """Decide about deliveries that may have arrived; see ``settling.resolve_unknown``."""
        return await resolve_unknown(self._tx, ids, resend=resend, now=now)

    async def tally(self, kind: DeliveryKind, subject: str) -> Tally:
        """Count the deliveries of one kind and subject by state, and the reasons of the dead ones.

        Of a push those count too that are no longer kept.
        """
        rows = await self._tx.all(
            sa.select(outbox.c.state, outbox.c.reason, sa.func.count().label("number"))
            .where(outbox.c.subject == subject, outbox.c.kind == kind, outbox.c.bot_id == self._tx.bot_id)
            .group_by(outbox.c.state, outbox.c.reason)
        )
        counted = [(row[outbox.c.state], row[outbox.c.reason] or "", row["number"]) for row in rows]
        if kind is DeliveryKind.PUSH:
            counted += await kept_figures(self._tx, subject)
        numbers: dict[str, int] = {}
        reasons: dict[str, int] = {}
        for state, reason, number in counted:
            numbers[state.value] = numbers.get(state.value, 0) + number
            if state is DeliveryState.DEAD:
                reasons[reason] = reasons.get(reason, 0) + number
        return Tally(planned=sum(numbers.values()), reasons=reasons, **numbers)

    async def backlog(self) -> int:
        """Count the deliveries that are queued."""
        return int(
            await self._tx.value(
                sa.select(sa.func.count()).select_from(outbox).where(QUEUED, outbox.c.bot_id == self._tx.bot_id)
            )
        )

    async def hurry(self, now: datetime, *, seconds: float) -> int:
        """Make due what was due until the clock was set back, or was to be tried again within a minute.

        Args:
            now: The present instant, by the clock as it is now.
            seconds: By how much it was set back.

        Returns:
            How many deliveries that were.
        """
        until = now + timedelta(seconds=seconds + 60)
        return await self._tx.run(
            outbox.update()
            .where(outbox.c.bot_id == self._tx.bot_id, QUEUED, outbox.c.due_at > now, outbox.c.due_at <= until)
            .values(due_at=now)
        )

    async def next_due_at(self, *, answers_only: bool = False) -> datetime | None:
        """Find when the next queued delivery is due, or the next answer alone; ``None`` if there is none."""
        levels = (Priority.REPLY,) if answers_only else tuple(Priority)
        found: datetime | None = await self._tx.value(_first_due(levels), {"of_bot": self._tx.bot_id})
        return found

    async def purge(self, before: datetime, *, limit: int = 10_000) -> int:
        """Delete deliveries that were settled before an instant; what may have arrived stays until it is resolved.

        Of pushes the numbers stay.

        Args:
            before: Deliveries settled later stay.
            limit: Most rows to delete at once.

        Returns:
            How many were deleted; as many as ``limit`` means that there may be more.
        """
        waiting = outbox.alias("waiting")
        wanted = (
            sa.select(waiting.c.id)
            .where(
                waiting.c.target_id == outbox.c.id,
                waiting.c.state.in_([DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNKNOWN]),
            )
            .correlate(outbox)
            .exists()
        )
        old = (
            sa.select(outbox.c.id)
            .where(outbox.c.settled_at < before, outbox.c.state.in_(_FINAL), sa.not_(wanted))
            .limit(limit)
        )
        gone = await self._tx.all(outbox.delete().where(outbox.c.id.in_(old)).returning(*COUNTED))
        await keep_figures(self._tx, gone)
        return len(gone)


@cache
def _first_due(levels: tuple[Priority, ...]) -> Select[*tuple[Any, ...]]:
    """Build, once, the statement that looks at the first delivery of each priority."""
    firsts = sa.union_all(
        *(
            sa.select(sa.func.min(outbox.c.due_at).label("due_at")).where(
                QUEUED,
                outbox.c.bot_id == sa.bindparam("of_bot", type_=outbox.c.bot_id.type),
                outbox.c.priority == int(priority),
            )
            for priority in levels
        )
    ).subquery()
    return sa.select(sa.func.min(firsts.c.due_at))


_IDENTITY = (
    outbox.c.subscriber_id,
    outbox.c.chat_id,
    outbox.c.thread_id,
    outbox.c.kind,
    outbox.c.subject,
    outbox.c.part,
)


def _identity(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    """Give what makes a stored delivery the same as another."""
    subscriber_id, chat_id, thread_id, kind, subject, part = (row[column] for column in _IDENTITY)
    return (None, chat_id, subject, part) if subscriber_id is None else (subscriber_id, thread_id, kind, subject, part)


def _identity_of(new: NewDelivery) -> tuple[Any, ...]:
    """Give what makes a new delivery the same as another."""
    if new.subscriber_id is None:
        return (None, new.chat_id, new.subject, new.part)
    return (new.subscriber_id, new.thread_id, new.kind, new.subject, new.part)


def _row(*, bot_id: int, now: datetime) -> dict[str, Any]:
    """Give the columns that every new delivery starts with."""
    return {
        "bot_id": bot_id,
        "state": DeliveryState.QUEUED,
        "created_at": now,
        "attempts": 0,
        "thread_id": 0,
        "content_id": None,
        "target_id": None,
        "message_id": None,
        "chat_id": None,
        "expires_at": None,
        "payload": None,
    }


def _as_row(new: NewDelivery, *, bot_id: int, now: datetime) -> dict[str, Any]:
    return _row(bot_id=bot_id, now=now) | {
        "subscriber_id": new.subscriber_id,
        "thread_id": new.thread_id,
        "kind": new.kind,
        "subject": new.subject,
        "part": new.part,
        "verb": new.verb,
        "priority": new.priority,
        "due_at": new.due_at,
        "content_id": new.content_id,
        "target_id": new.target_id,
        "message_id": new.message_id,
        "chat_id": new.chat_id if new.subscriber_id is None else None,
        "expires_at": new.expires_at,
        "payload": new.payload,
    }
