"""Who may come in: invitations that work once, and whom the newsroom has shut out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import Invitation, Role
from storage.news.feeds import text_digest
from storage.tables import bans, invitations, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.connection.transaction import Transaction


class Admission:
    """Invitations and bans of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def invite(
        self, token: str, *, role: Role | None, invited_by: int, expires_at: datetime, now: datetime
    ) -> None:
        """Keep an invitation, by the digest of its token: whoever reads the database cannot use it."""
        await self._tx.run(
            invitations.insert().values(
                digest=text_digest(token),
                bot_id=self._tx.bot_id,
                role=role.value if role is not None else None,
                invited_by=invited_by,
                created_at=now,
                expires_at=expires_at,
            )
        )

    async def find(self, token: str, *, now: datetime) -> Invitation | None:
        """Find an invitation that still holds."""
        row = await self._tx.first(
            sa.select(invitations).where(
                invitations.c.digest == text_digest(token),
                invitations.c.bot_id == self._tx.bot_id,
                invitations.c.expires_at > now,
            )
        )
        if row is None:
            return None
        role = row[invitations.c.role]
        return Invitation(
            role=Role(role) if role is not None else None,
            invited_by=row[invitations.c.invited_by],
            expires_at=row[invitations.c.expires_at],
        )

    async def use(self, token: str) -> bool:
        """Use an invitation up; of many calls one succeeds."""
        return bool(
            await self._tx.run(
                invitations.delete().where(
                    invitations.c.digest == text_digest(token), invitations.c.bot_id == self._tx.bot_id
                )
            )
        )

    async def admit(self, subscriber_id: int) -> None:
        """Let a chat use the bot."""
        await self._tx.run(
            subscribers.update()
            .where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == self._tx.bot_id)
            .values(admitted=True)
        )

    async def ban(self, peer_id: int, *, now: datetime) -> bool:
        """Shut a person or a chat out; say whether it was not before."""
        return bool(
            await self._tx.run(
                self._tx.insert(bans)
                .values(bot_id=self._tx.bot_id, peer_id=peer_id, created_at=now)
                .on_conflict_do_nothing()
            )
        )

    async def unban(self, peer_id: int) -> bool:
        """Let a person or a chat in again; say whether it was shut out."""
        return bool(
            await self._tx.run(bans.delete().where(bans.c.bot_id == self._tx.bot_id, bans.c.peer_id == peer_id))
        )

    async def is_banned(self, peer_ids: Collection[int]) -> bool:
        """Say whether any of these people or chats is shut out."""
        found = sa.select(bans.c.peer_id).where(bans.c.bot_id == self._tx.bot_id, bans.c.peer_id.in_(list(peer_ids)))
        return await self._tx.value(found.limit(1)) is not None

    async def list_bans(self) -> list[int]:
        """List who is shut out, the latest first."""
        found = sa.select(bans.c.peer_id).where(bans.c.bot_id == self._tx.bot_id).order_by(bans.c.created_at.desc())
        return [int(peer_id) for peer_id in await self._tx.values(found)]
