"""Leases: the right to do something alone, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.columns import EPOCH
from storage.model import Lease
from storage.rows import columns, make
from storage.tables import leases

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from storage.transaction import Transaction


class Leases:
    """The leases of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def acquire(self, name: str, holder: str, *, ttl_s: float, now: datetime) -> Lease | None:
        """Take a lease that nobody holds.

        Args:
            name: Of what.
            holder: Who takes it; different for every process and every start of one.
            ttl_s: Seconds that it holds unless it is renewed.
            now: The present instant.

        Returns:
            The lease with a fence higher than all before, or ``None`` if somebody holds it.
        """
        expires_at = now + timedelta(seconds=ttl_s)
        row = await self._tx.first(
            self._tx.insert(leases)
            .values(bot_id=self._tx.bot_id, name=name, holder=holder, fence=1, expires_at=expires_at)
            .on_conflict_do_update(
                index_elements=["bot_id", "name"],
                set_={"holder": holder, "fence": leases.c.fence + 1, "expires_at": expires_at},
                where=leases.c.expires_at <= now,
            )
            .returning(*columns(Lease, leases))
        )
        return None if row is None else make(Lease, row, leases)

    async def renew(self, lease: Lease, *, ttl_s: float, now: datetime) -> Lease | None:
        """Hold a lease for longer; ``None`` if somebody else has taken it since."""
        row = await self._tx.first(
            leases.update()
            .where(*self._is(lease))
            .values(expires_at=now + timedelta(seconds=ttl_s))
            .returning(*columns(Lease, leases))
        )
        return None if row is None else make(Lease, row, leases)

    async def release(self, lease: Lease) -> bool:
        """Give a lease back, and say whether it was still held; its row stays, so that fences go on growing."""
        return bool(await self._tx.run(leases.update().where(*self._is(lease)).values(expires_at=EPOCH)))

    def _is(self, lease: Lease) -> tuple[ColumnElement[bool], ...]:
        return (
            leases.c.bot_id == self._tx.bot_id,
            leases.c.name == lease.name,
            leases.c.holder == lease.holder,
            leases.c.fence == lease.fence,
            leases.c.expires_at > EPOCH,
        )
