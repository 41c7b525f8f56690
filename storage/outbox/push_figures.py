"""What became of deliveries of a push that are no longer kept: numbers that name nobody, so that its report stands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.model import DeliveryKind, DeliveryState
from storage.tables import outbox, push_figures, pushes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import RowMapping

    from storage.connection.transaction import Transaction

LEFT = "the reader has left"
"""Why it will never arrive, of what was still to be sent."""
COUNTED = (outbox.c.kind, outbox.c.subject, outbox.c.state, outbox.c.reason)
"""What must be known of deliveries that are deleted."""
_MOST_REASON_CHARS = 200


async def keep_figures(tx: Transaction, deleted: Iterable[RowMapping]) -> None:
    """Add deliveries that are deleted to the figures of their pushes; others are passed over.

    Args:
        tx: The transaction that deletes them.
        deleted: Of each at least ``COUNTED``.
    """
    counts: Counter[tuple[int, DeliveryState, str]] = Counter()
    for row in deleted:
        if row[outbox.c.kind] is DeliveryKind.PUSH:
            counts[(_push_id(row[outbox.c.subject]), *_fate(row))] += 1
    if not counts:
        return
    known = set(
        await tx.values(sa.select(pushes.c.id).where(tx.among(pushes.c.id, sorted({key[0] for key in counts}))))
    )
    fresh = tx.insert(push_figures)
    more = fresh.on_conflict_do_update(
        index_elements=["push_id", "state", "reason"],
        set_={"count": push_figures.c.count + fresh.excluded["count"]},
    )
    values = [
        {"push_id": push_id, "state": state, "reason": reason, "count": count}
        for (push_id, state, reason), count in sorted(counts.items())
        if push_id in known
    ]
    if values:
        await tx.run(more, values)


def kept_figures(subject: str) -> sa.Select[*tuple[Any, ...]]:
    """Select the figures of a push's deliveries that are no longer kept: state, reason and number."""
    return sa.select(push_figures.c.state, push_figures.c.reason, push_figures.c.count.label("number")).where(
        push_figures.c.push_id == _push_id(subject)
    )


def _push_id(subject: str) -> int:
    """Read the number of a push; of another subject 0, which none has."""
    kind, _, number = subject.partition(":")
    return int(number) if kind == "p" else 0


def _fate(row: RowMapping) -> tuple[DeliveryState, str]:
    state: DeliveryState = row[outbox.c.state]
    if state in {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNKNOWN}:
        return DeliveryState.DEAD, LEFT
    return state, (row[outbox.c.reason] or "")[:_MOST_REASON_CHARS] if state is DeliveryState.DEAD else ""
