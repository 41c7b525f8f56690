"""The outbox: every message owed to a chat, from its planning to its retention."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.model import DeliveryKind, DeliveryState, Priority, Tally, Verb
from storage.outbox.claiming import claim, select_deliveries, to_delivery
from storage.outbox.editing import is_lost, revise, send_anew, supersede_edits
from storage.outbox.planning import enqueue
from storage.outbox.push_figures import COUNTED, keep_figures, kept_figures
from storage.outbox.settling import recover, resolve_unknown, settle
from storage.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
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
        """Plan deliveries; see ``planning.enqueue``."""
        return await enqueue(self._tx, deliveries, now)

    async def revise(
        self,
        target_id: int,
        payload: Json,
        *,
        subscriber_id: int,
        priority: Priority,
        now: datetime,
        verb: Verb = Verb.EDIT,
    ) -> int:
        """Want another text in a message that was planned before; see ``editing.revise``."""
        return await revise(
            self._tx, target_id, payload, subscriber_id=subscriber_id, priority=priority, now=now, verb=verb
        )

    async def cancel(self, delivery_id: int) -> bool:
        """Take back a delivery that is still queued, and say whether it was."""
        return bool(
            await self._tx.run(
                outbox.update()
                .where(outbox.c.id == delivery_id, outbox.c.bot_id == self._tx.bot_id, QUEUED)
                .values(state=DeliveryState.CANCELLED, settled_at=self._tx.clock(), reason="cancelled")
            )
        )

    async def send_anew(self, delivery_id: int) -> None:
        """Make a queued replacement a new message; see ``editing.send_anew``."""
        await send_anew(self._tx, delivery_id)

    async def is_answering(self, subscriber_id: int, *, since: datetime) -> bool:
        """Tell whether an answer to a chat was planned after an instant and waits to leave."""
        found = await self._tx.value(
            sa.select(outbox.c.id)
            .where(
                outbox.c.subscriber_id == subscriber_id,
                QUEUED,
                outbox.c.priority == int(Priority.REPLY),
                outbox.c.kind == DeliveryKind.REPLY,
                outbox.c.created_at > since,
            )
            .limit(1)
        )
        return found is not None

    async def is_lost(self, target_id: int, *, subscriber_id: int) -> bool:
        """Tell whether a message can be changed no more; see ``editing.is_lost``."""
        return await is_lost(self._tx, target_id, subscriber_id=subscriber_id)

    async def supersede_edits(self, subscriber_id: int, message_id: int) -> int:
        """Take back our answers to taps on a message, before a newer one; see ``editing.supersede_edits``."""
        return await supersede_edits(self._tx, subscriber_id, message_id)

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
        counted = (
            sa.select(
                outbox.c.state,
                sa.func.coalesce(outbox.c.reason, "").label("reason"),
                sa.func.count().label("number"),
            )
            .where(outbox.c.subject == subject, outbox.c.kind == kind, outbox.c.bot_id == self._tx.bot_id)
            .group_by(outbox.c.state, outbox.c.reason)
        )
        # In one statement: who is erased between two would be in both, or in neither.
        both = sa.union_all(counted, kept_figures(subject)) if kind is DeliveryKind.PUSH else counted
        numbers: dict[str, int] = {}
        reasons: dict[str, int] = {}
        for row in await self._tx.all(both):
            state, reason, number = row["state"], row["reason"], row["number"]
            numbers[state.value] = numbers.get(state.value, 0) + number
            if state is DeliveryState.DEAD:
                reasons[reason] = reasons.get(reason, 0) + number
        return Tally(planned=sum(numbers.values()), reasons=reasons, **numbers)

    async def count_resting(self, kind: DeliveryKind, subject: str, *, until: datetime) -> int:
        """Count the queued deliveries of one kind and subject that are due later than an instant."""
        resting = sa.select(sa.func.count()).where(
            outbox.c.subject == subject,
            outbox.c.kind == kind,
            outbox.c.bot_id == self._tx.bot_id,
            QUEUED,
            outbox.c.due_at > until,
        )
        return int(await self._tx.value(resting))

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
