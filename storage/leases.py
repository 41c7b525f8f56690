"""Leases: the right to do something as the only process, with a fence against those who do not know that they lost it.

A lease does not end by a clock, for no two machines have the same. Its holder counts its beat up; who wants it watches
the beat by its own monotonic clock, and takes the lease at the very beat that it has seen stand still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.errors import FencedError
from storage.model import Lease
from storage.rows import columns, make
from storage.tables import leases

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from storage.connection.transaction import Transaction

NOBODY = ""
"""The holder of a lease that was given back."""
SENDING = "send"
"""The lease of whoever sends for a bot."""
_SENDERS_FENCE = sa.select(leases.c.fence).where(
    leases.c.bot_id == sa.bindparam("of_bot", type_=leases.c.bot_id.type), leases.c.name == SENDING
)
"""Built once: building takes SQLAlchemy longer than running takes the database."""


class Leases:
    """The leases of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def find(self, name: str) -> Lease | None:
        """Find a lease; ``None`` if nobody has ever held it."""
        row = await self._tx.first(sa.select(*columns(Lease, leases)).where(*self._named(name)))
        return None if row is None else make(Lease, row, leases)

    async def take(self, name: str, holder: str, *, seen: Lease | None) -> Lease | None:
        """Take a lease, unless it has changed since it was looked at.

        Whoever claims under the old lease meanwhile has finished before, or finds the new one.

        Args:
            name: Of what.
            holder: Who takes it; different for every process and every start of one.
            seen: The lease as it was found; ``None`` where there was none.

        Returns:
            The lease with a fence higher than all before, or ``None`` if it has changed.
        """
        await self._tx.serialise_claims()
        if seen is None:
            statement = self._tx.insert(leases).values(
                bot_id=self._tx.bot_id, name=name, holder=holder, fence=1, beat=0
            )
            row = await self._tx.first(statement.on_conflict_do_nothing().returning(*columns(Lease, leases)))
        else:
            row = await self._tx.first(
                leases.update()
                .where(*self._named(name), leases.c.fence == seen.fence, leases.c.beat == seen.beat)
                .values(holder=holder, fence=leases.c.fence + 1, beat=0)
                .returning(*columns(Lease, leases))
            )
        return None if row is None else make(Lease, row, leases)

    async def beat(self, lease: Lease) -> bool:
        """Show that the holder is alive, and say whether it still is the holder."""
        return bool(await self._tx.run(leases.update().where(*self._is(lease)).values(beat=leases.c.beat + 1)))

    async def release(self, lease: Lease) -> bool:
        """Give a lease back, and say whether it was still held; its row stays, so that fences go on growing."""
        return bool(
            await self._tx.run(leases.update().where(*self._is(lease)).values(holder=NOBODY, beat=leases.c.beat + 1))
        )

    def _named(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return leases.c.bot_id == self._tx.bot_id, leases.c.name == name

    def _is(self, lease: Lease) -> tuple[ColumnElement[bool], ...]:
        return *self._named(lease.name), leases.c.holder == lease.holder, leases.c.fence == lease.fence


async def require_fence(tx: Transaction, fence: int) -> None:
    """Go on only as the present sender; claims must have been serialised before.

    Raises:
        FencedError: Somebody else has taken over since.
    """
    present = await tx.value(_SENDERS_FENCE, {"of_bot": tx.bot_id})
    if (present or 0) != fence:
        raise FencedError(fence, present or 0)


def present_fence(bot_id: int | ColumnElement[int]) -> ColumnElement[int]:
    """Give the number of a bot's present sender; 0 where nobody has ever taken the lease."""
    of_bot = sa.select(leases.c.fence).where(
        leases.c.bot_id == bot_id, leases.c.name == sa.literal_column(f"'{SENDING}'")
    )
    return sa.func.coalesce(of_bot.scalar_subquery(), sa.literal_column("0"))
