"""Pushes: articles that editors send, from the draft to the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.errors import NotFoundError
from storage.model import Content, DeliveryKind, DeliveryState, FanoutKind, Push, PushState
from storage.outbox.contents import Contents
from storage.rows import make
from storage.tables import contents, fanouts, outbox, pushes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping, Select

    from storage.connection.transaction import Transaction
    from storage.model import Json

_SHORTEST_DIGEST = 8
PUSH_PAUSED = "the push is paused"
"""The reason of deliveries that wait for their push to go on."""


class Pushes:
    """The pushes of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def create(
        self, *, editor_id: int, subscriber_id: int, article_id: int, content: Json, now: datetime
    ) -> Push:
        """Insert a draft.

        Args:
            editor_id: Telegram's id of the editor.
            subscriber_id: The chat in which the editor works on it.
            article_id: What is pushed.
            content: The message exactly as it will be sent, as Bot API parameters without the chat.
            now: The present instant.
        """
        kept = await Contents(self._tx).put(content)
        push_id = await self._tx.value(
            pushes.insert()
            .values(
                bot_id=self._tx.bot_id,
                editor_id=editor_id,
                subscriber_id=subscriber_id,
                article_id=article_id,
                content_id=kept.id,
                state=PushState.DRAFT,
                created_at=now,
            )
            .returning(pushes.c.id)
        )
        return await self.get(push_id)

    async def revise(
        self, push_id: int, *, content: Json, draft: Json, text_digest: str, article_id: int | None = None
    ) -> Push | None:
        """Give a draft another message and other choices; ``None`` where it is no draft any more.

        Args:
            push_id: The draft.
            content: The message, as Bot API parameters without the chat.
            draft: What the editor has chosen.
            text_digest: What equal pushes have in common.
            article_id: Another article, where the editor has given another text.
        """
        kept = await Contents(self._tx).put(content)
        values: dict[str, object] = {"content_id": kept.id, "draft": draft, "text_digest": text_digest}
        if article_id is not None:
            values["article_id"] = article_id
        changed = await self._change(push_id, PushState.DRAFT, **values)
        return await self.get(push_id) if changed else None

    async def set_audience(self, push_id: int, audience: Json | None) -> Push | None:
        """Choose whom a draft goes to; ``None`` where it is no draft any more."""
        changed = await self._change(push_id, PushState.DRAFT, audience=audience)
        return await self.get(push_id) if changed else None

    async def set_preview(self, push_id: int, delivery_id: int) -> None:
        """Name the delivery whose message previews a draft."""
        await self._change(push_id, PushState.DRAFT, preview_id=delivery_id)

    async def find_twin(self, push_id: int, *, since: datetime) -> Push | None:
        """Find the latest push that was confirmed since an instant and says the same as a draft."""
        own = sa.select(pushes.c.text_digest).where(pushes.c.id == push_id).scalar_subquery()
        row = await self._tx.first(
            self._select()
            .where(
                pushes.c.id != push_id,
                pushes.c.text_digest == own,
                pushes.c.text_digest != "",
                pushes.c.state.in_([PushState.SENDING, PushState.DONE]),
                pushes.c.confirmed_at >= since,
            )
            .order_by(pushes.c.id.desc())
            .limit(1)
        )
        return None if row is None else _to_push(row)

    async def set_reach(self, push_id: int, reach: int) -> None:
        """Note how many chats a push goes out to."""
        await self._change(push_id, PushState.SENDING, reach=reach)

    async def pause(self, push_id: int, now: datetime) -> bool:
        """Set aside what is still queued of a push, so that it holds up nothing else; say whether it was on its way."""
        changed = await self._change(
            push_id,
            PushState.SENDING,
            pushes.c.paused_at.is_(None),
            pushes.c.cancelled_at.is_(None),
            paused_at=now,
        )
        if changed:
            await self._tx.run(
                outbox.update()
                .where(*_of(push_id), outbox.c.state == DeliveryState.QUEUED)
                .values(state=DeliveryState.CANCELLED, settled_at=now, reason=PUSH_PAUSED)
            )
        return changed

    async def resume(self, push_id: int, now: datetime) -> bool:
        """Let a paused push go on; say whether it was paused."""
        changed = await self._change(
            push_id,
            PushState.SENDING,
            pushes.c.paused_at.is_not(None),
            pushes.c.cancelled_at.is_(None),
            paused_at=None,
        )
        if changed:
            await self._tx.run(
                outbox.update()
                .where(*_of(push_id), outbox.c.state == DeliveryState.CANCELLED, outbox.c.reason == PUSH_PAUSED)
                .values(state=DeliveryState.QUEUED, settled_at=None, reason=None)
            )
            self._tx.rung.update({Channel.OUTBOX, Channel.FANOUT})
        return changed

    async def cancel(self, push_id: int, now: datetime) -> bool:
        """Send nothing more of a push; say whether it was on its way. What has left can still be answered for."""
        changed = await self._change(
            push_id, PushState.SENDING, pushes.c.cancelled_at.is_(None), cancelled_at=now, paused_at=None
        )
        if changed:
            await self._tx.run(
                outbox.update()
                .where(*_of(push_id), outbox.c.state == DeliveryState.QUEUED)
                .values(state=DeliveryState.CANCELLED, settled_at=now, reason="the push was cancelled")
            )
            await self._tx.run(
                fanouts.update()
                .where(
                    fanouts.c.bot_id == self._tx.bot_id,
                    fanouts.c.kind == FanoutKind.PUSH,
                    fanouts.c.subject_id == push_id,
                    fanouts.c.finished_at.is_(None),
                )
                .values(finished_at=now)
            )
        return changed

    async def get(self, push_id: int) -> Push:
        """Get a push.

        Raises:
            NotFoundError: There is none.
        """
        row = await self._tx.one(self._select().where(pushes.c.id == push_id), "push", push_id)
        return _to_push(row)

    async def find(self, push_id: int) -> Push | None:
        """Find a push."""
        row = await self._tx.first(self._select().where(pushes.c.id == push_id))
        return None if row is None else _to_push(row)

    async def confirm(self, push_id: int, digest: str, now: datetime) -> Push | None:
        """Send a draft whose message is still the one that was previewed.

        Args:
            push_id: The draft.
            digest: The digest of the previewed content, or its beginning, of eight characters at least.
            now: The present instant.

        Returns:
            The push, or ``None`` if it was no draft any more or has another content. Of many calls one succeeds.
        """
        if len(digest) < _SHORTEST_DIGEST:
            return None
        same = sa.select(contents.c.id).where(
            contents.c.id == pushes.c.content_id,
            sa.func.substr(contents.c.digest, 1, len(digest)) == digest,
        )
        changed = await self._change(
            push_id,
            PushState.DRAFT,
            same.correlate(pushes).exists(),
            state=PushState.SENDING,
            confirmed_at=now,
        )
        return await self.get(push_id) if changed else None

    async def discard(self, push_id: int) -> bool:
        """Drop a draft, and say whether it was one."""
        return await self._change(push_id, PushState.DRAFT, state=PushState.DISCARDED)

    async def set_progress(self, push_id: int, delivery_id: int) -> None:
        """Name the delivery whose message shows the progress.

        Raises:
            NotFoundError: There is no such push.
        """
        changed = await self._tx.run(
            pushes.update()
            .where(pushes.c.id == push_id, pushes.c.bot_id == self._tx.bot_id)
            .values(progress_id=delivery_id)
        )
        if not changed:
            raise NotFoundError("push", push_id)

    async def list_sending(self) -> list[Push]:
        """List the pushes that are on their way, oldest first."""
        rows = await self._tx.all(
            self._select().where(pushes.c.state == sa.literal_column("'sending'")).order_by(pushes.c.id)
        )
        return [_to_push(row) for row in rows]

    async def finish(self, push_id: int, now: datetime) -> bool:
        """Call a push done, and say whether it was on its way until now; one that is paused is not done."""
        return await self._change(
            push_id, PushState.SENDING, pushes.c.paused_at.is_(None), state=PushState.DONE, finished_at=now
        )

    async def list_recent(self, limit: int) -> list[Push]:
        """List the newest pushes, newest first."""
        rows = await self._tx.all(self._select().order_by(pushes.c.id.desc()).limit(limit))
        return [_to_push(row) for row in rows]

    async def list_drafts(self, editor_id: int, limit: int) -> list[Push]:
        """List an editor's drafts, newest first."""
        rows = await self._tx.all(
            self._select()
            .where(pushes.c.editor_id == editor_id, pushes.c.state == PushState.DRAFT)
            .order_by(pushes.c.id.desc())
            .limit(limit)
        )
        return [_to_push(row) for row in rows]

    async def _change(
        self, push_id: int, was: PushState, /, *conditions: ColumnElement[bool], **values: object
    ) -> bool:
        """Change a push if it is in one state, and say whether it was."""
        return bool(
            await self._tx.run(
                pushes.update()
                .where(pushes.c.id == push_id, pushes.c.bot_id == self._tx.bot_id, pushes.c.state == was, *conditions)
                .values(**values)
            )
        )

    def _select(self) -> Select[*tuple[Any, ...]]:
        return sa.select(pushes, contents).join_from(pushes, contents).where(pushes.c.bot_id == self._tx.bot_id)


def _to_push(row: RowMapping) -> Push:
    return Push(
        id=row[pushes.c.id],
        editor_id=row[pushes.c.editor_id],
        subscriber_id=row[pushes.c.subscriber_id],
        article_id=row[pushes.c.article_id],
        content=make(Content, row, contents),
        state=row[pushes.c.state],
        created_at=row[pushes.c.created_at],
        confirmed_at=row[pushes.c.confirmed_at],
        finished_at=row[pushes.c.finished_at],
        progress_id=row[pushes.c.progress_id],
        draft=row[pushes.c.draft],
        audience=row[pushes.c.audience],
        preview_id=row[pushes.c.preview_id],
        reach=row[pushes.c.reach],
        paused_at=row[pushes.c.paused_at],
        cancelled_at=row[pushes.c.cancelled_at],
    )


def _of(push_id: int) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.subject == f"p:{push_id}", outbox.c.kind == DeliveryKind.PUSH
