"""Contents: rendered messages that many deliveries share, known by their digest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.columns import canonical_json
from storage.model import Content
from storage.rows import make
from storage.tables import contents

if TYPE_CHECKING:
    from storage.connection.transaction import Transaction
    from storage.model import Json


class Contents:
    """The contents of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def put(self, payload: Json) -> Content:
        """Keep a rendered message, or return the one that is equal to it byte for byte.

        Args:
            payload: Bot API parameters without the chat.
        """
        digest = hashlib.sha256(canonical_json(payload).encode(errors="surrogatepass")).hexdigest()
        row = await self._tx.first(
            self._tx.insert(contents)
            .values(digest=digest, payload=payload)
            .on_conflict_do_nothing(index_elements=["digest"])
            .returning(contents)
        )
        if row is None:
            row = await self._tx.one(sa.select(contents).where(contents.c.digest == digest), "content", digest)
        return make(Content, row, contents)

    async def get(self, content_id: int) -> Content:
        """Get a content.

        Raises:
            NotFoundError: There is none.
        """
        row = await self._tx.one(sa.select(contents).where(contents.c.id == content_id), "content", content_id)
        return make(Content, row, contents)
