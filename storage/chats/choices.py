"""What readers choose under stories: what they keep, what they want longer, which words they hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import HiddenWord, Story, StoryChoices, StoryView
from storage.news.stories import view_all
from storage.rows import columns, make
from storage.tables import hidden_words, saved, stories, story_messages, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.connection.transaction import Transaction

MOST_WORD_CHARS = 64


class Choices:
    """The readers' choices of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def of(self, subscriber_id: int, story_id: int, thread_id: int = 0) -> StoryChoices:
        """Tell what a chat has chosen under a story's message."""
        is_long = await self._tx.value(
            sa.select(story_messages.c.is_long).where(
                story_messages.c.subscriber_id == subscriber_id,
                story_messages.c.thread_id == thread_id,
                story_messages.c.story_id == story_id,
            )
        )
        return StoryChoices(is_long=bool(is_long), is_saved=await self.is_saved(subscriber_id, story_id))

    async def lengthen(self, subscriber_id: int, story_id: int, thread_id: int = 0, *, is_long: bool) -> None:
        """Remember whether a story's message shows all that is kept of it, for its later edits."""
        await self._tx.run(
            story_messages.update()
            .where(
                story_messages.c.subscriber_id == subscriber_id,
                story_messages.c.thread_id == thread_id,
                story_messages.c.story_id == story_id,
            )
            .values(is_long=is_long)
        )

    async def is_saved(self, subscriber_id: int, story_id: int) -> bool:
        """Tell whether a chat keeps a story."""
        kept = sa.select(saved.c.story_id).where(saved.c.subscriber_id == subscriber_id, saved.c.story_id == story_id)
        return await self._tx.value(kept) is not None

    async def save(self, subscriber_id: int, story_id: int, *, reader_id: int, now: datetime) -> None:
        """Keep a story, as it is told in the chat where it was read; what is kept already stays as it is."""
        await self._tx.run(
            self._tx.insert(saved)
            .values(subscriber_id=subscriber_id, story_id=story_id, reader_id=reader_id, saved_at=now)
            .on_conflict_do_nothing()
        )

    async def unsave(self, subscriber_id: int, story_id: int) -> None:
        """Keep a story no longer."""
        await self._tx.run(saved.delete().where(saved.c.subscriber_id == subscriber_id, saved.c.story_id == story_id))

    async def count_saved(self, subscriber_id: int) -> int:
        """Count the stories that a chat keeps."""
        kept = sa.select(sa.func.count()).select_from(saved).where(saved.c.subscriber_id == subscriber_id)
        return int(await self._tx.value(kept))

    async def list_saved(self, subscriber_id: int, *, limit: int, offset: int = 0) -> list[StoryView]:
        """List what a chat keeps, the latest first, as it was told where it was read."""
        rows = await self._tx.all(
            sa.select(saved.c.reader_id, subscribers.c.summary_chars, *columns(Story, stories))
            .join_from(saved, stories, stories.c.id == saved.c.story_id)
            .join(subscribers, subscribers.c.id == saved.c.subscriber_id)
            .where(saved.c.subscriber_id == subscriber_id)
            .order_by(saved.c.saved_at.desc(), saved.c.story_id.desc())
            .limit(limit)
            .offset(offset)
        )
        views: list[StoryView] = []
        for row in rows:
            # A feed that is no longer followed took nothing away that was kept before.
            views += await view_all(self._tx, [make(Story, row, stories)], row[subscribers.c.summary_chars])
        return views

    async def hide_word(self, subscriber_id: int, word: HiddenWord) -> None:
        """Send no more stories with a word in their titles to a chat."""
        shown = word.word[:MOST_WORD_CHARS]
        await self._tx.run(
            self._tx.insert(hidden_words)
            .values(subscriber_id=subscriber_id, key=word.key[:MOST_WORD_CHARS], word=shown)
            .on_conflict_do_update(index_elements=["subscriber_id", "key"], set_={"word": shown})
        )

    async def show_word(self, subscriber_id: int, key: str) -> None:
        """Send stories with a word in their titles again."""
        await self._tx.run(
            hidden_words.delete().where(hidden_words.c.subscriber_id == subscriber_id, hidden_words.c.key == key)
        )

    async def list_hidden_words(self, subscriber_id: int) -> list[HiddenWord]:
        """List the words that a chat hides, in alphabetical order."""
        rows = await self._tx.all(
            sa.select(hidden_words.c.key, hidden_words.c.word)
            .where(hidden_words.c.subscriber_id == subscriber_id)
            .order_by(hidden_words.c.word)
        )
        return [make(HiddenWord, row, hidden_words) for row in rows]

    async def hides_any(self, keys: Collection[str]) -> list[str]:
        """Tell which of these words anybody hides."""
        found = sa.select(hidden_words.c.key).where(self._tx.among(hidden_words.c.key, keys)).distinct()
        return [str(key) for key in await self._tx.values(found)]
