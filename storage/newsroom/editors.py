"""The newsroom: who edits, and who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import AuditEntry, Editor
from storage.newsroom.figures import count_figures
from storage.rows import make
from storage.tables import audit, editors

if TYPE_CHECKING:
    from datetime import datetime

    from storage.connection.transaction import Transaction
    from storage.model import Figures, Json, Role


class Newsroom:
    """The newsroom of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def find_editor(self, user_id: int) -> Editor | None:
        """Find an editor by Telegram's user id, never by a name, which anybody may take."""
        row = await self._tx.first(
            sa.select(editors).where(editors.c.bot_id == self._tx.bot_id, editors.c.user_id == user_id)
        )
        return None if row is None else make(Editor, row, editors)

    async def add_editor(self, user_id: int, role: Role, *, now: datetime) -> Editor:
        """Let somebody in, or give an editor another role."""
        row = await self._tx.one(
            self._tx.insert(editors)
            .values(bot_id=self._tx.bot_id, user_id=user_id, role=role, created_at=now)
            .on_conflict_do_update(index_elements=["bot_id", "user_id"], set_={"role": role})
            .returning(editors),
            "editor",
            user_id,
        )
        return make(Editor, row, editors)

    async def remove_editor(self, user_id: int) -> bool:
        """Let somebody out, and say whether they were in."""
        return bool(
            await self._tx.run(
                editors.delete().where(editors.c.bot_id == self._tx.bot_id, editors.c.user_id == user_id)
            )
        )

    async def list_editors(self) -> list[Editor]:
        """List the editors, the longest serving first."""
        rows = await self._tx.all(
            sa.select(editors)
            .where(editors.c.bot_id == self._tx.bot_id)
            .order_by(editors.c.created_at, editors.c.user_id)
        )
        return [make(Editor, row, editors) for row in rows]

    async def record(self, user_id: int, action: str, subject: str, detail: Json, now: datetime) -> None:
        """Note who did what, for good.

        Args:
            user_id: Who, by Telegram's id.
            action: A short name, such as ``push.confirm``.
            subject: What it was done to, such as ``p:3``.
            detail: What else is worth knowing; never a text of the person.
            now: The present instant.
        """
        await self._tx.run(
            audit.insert().values(
                bot_id=self._tx.bot_id, at=now, user_id=user_id, action=action, subject=subject, detail=detail
            )
        )

    async def list_audit(self, limit: int) -> list[AuditEntry]:
        """List what was done last, newest first."""
        rows = await self._tx.all(
            sa.select(audit).where(audit.c.bot_id == self._tx.bot_id).order_by(audit.c.id.desc()).limit(limit)
        )
        return [make(AuditEntry, row, audit) for row in rows]

    async def count_figures(self, *, since: datetime) -> Figures:
        """Count chats, feeds, and what came and went since an instant."""
        return await count_figures(self._tx, since=since)
