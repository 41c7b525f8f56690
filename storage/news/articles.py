"""Articles: entries as stored, the keys that recognise them, and the queue of those still to be read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import Article, ArticleState, EntryKey, Origin
from storage.news.headings import MOST_NAME_CHARS, MOST_TITLE_CHARS, heading
from storage.rows import make
from storage.tables import articles, entry_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.connection.transaction import Transaction
    from storage.model import NewArticle

_PENDING = articles.c.state == sa.literal_column("'pending'")  # word for word the condition of the index

_HORIZON: Final = timedelta(hours=1)
MOST_ATTEMPTS: Final = 8
"""How often an entry is taken; one that stops its reader each time must not do so for ever."""


class Articles:
    """The articles of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def known_keys(self, feed_id: int, keys: Collection[EntryKey]) -> dict[EntryKey, int]:
        """Say which keys of a feed's entries are known, and as which articles."""
        if not keys:
            return {}
        digests: dict[str, list[str]] = {}
        for key in keys:
            digests.setdefault(key.kind, []).append(key.digest)
        rows = await self._tx.all(
            sa.select(entry_keys).where(
                entry_keys.c.feed_id == feed_id,
                sa.or_(
                    *(
                        sa.and_(entry_keys.c.kind == kind, self._tx.among(entry_keys.c.digest, listed))
                        for kind, listed in digests.items()
                    )
                ),
            )
        )
        return {
            EntryKey(kind=row[entry_keys.c.kind], digest=row[entry_keys.c.digest]): row[entry_keys.c.article_id]
            for row in rows
        }

    async def add_entries(self, feed_id: int, entries: Sequence[NewArticle], *, now: datetime) -> list[Article]:
        """Insert entries with their keys, in order, in the states that they name."""
        if not entries:
            return []
        rows = await self._tx.all(
            articles.insert().returning(articles, sort_by_parameter_order=True),
            [
                {
                    **_blank(now),
                    "origin": Origin.FEED,
                    "state": entry.state,
                    "feed_id": feed_id,
                    "published_at": entry.published_at,
                    "url": entry.url,
                    "title": heading(entry.title, MOST_TITLE_CHARS),
                    "author": heading(entry.author, MOST_NAME_CHARS),
                    "content_html": entry.content_html,
                }
                for entry in entries
            ],
        )
        stored = [make(Article, row, articles) for row in rows]
        await self._insert_keys(
            feed_id,
            [(key, article.id) for article, entry in zip(stored, entries, strict=True) for key in entry.keys],
        )
        if any(entry.state is ArticleState.PENDING for entry in entries):
            self._tx.rung.add(Channel.ARTICLES)
        return stored

    async def add_keys(self, article_id: int, feed_id: int, keys: Collection[EntryKey]) -> None:
        """Recognise a known entry by these keys too; keys that are known already stay as they are."""
        await self._insert_keys(feed_id, [(key, article_id) for key in keys])

    async def _insert_keys(self, feed_id: int, keys: Sequence[tuple[EntryKey, int]]) -> None:
        if keys:
            await self._tx.run(
                self._tx.insert(entry_keys).on_conflict_do_nothing(),
                [
                    {"feed_id": feed_id, "kind": key.kind, "digest": key.digest, "article_id": article_id}
                    for key, article_id in keys
                ],
            )

    async def claim_pending(self, now: datetime, *, limit: int, lease_s: float) -> list[Article]:
        """Take entries whose pages are still to be read, oldest first, and count an attempt.

        One that was taken too often without becoming anything else is given up on the way.

        Args:
            now: The present instant.
            limit: Most entries to take.
            lease_s: Seconds before others may take them again, unless they have become something else.
        """
        # Due later than anybody plans, it was planned under a clock that was wrong.
        ripe = sa.or_(articles.c.due_at <= now, articles.c.due_at > now + max(_HORIZON, timedelta(seconds=lease_s)))
        picked = (
            sa.select(articles.c.id)
            .where(_PENDING, ripe)
            .order_by(articles.c.due_at, articles.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("picked")
        )
        spent = articles.c.attempts >= MOST_ATTEMPTS
        rows = await self._tx.all(
            articles.update()
            .where(articles.c.id.in_(sa.select(picked.c.id)), _PENDING, ripe)
            .values(
                state=sa.case((spent, ArticleState.FAILED.value), else_=ArticleState.PENDING.value),
                reason=sa.case((spent, f"given up after {MOST_ATTEMPTS} attempts"), else_=articles.c.reason),
                due_at=now + timedelta(seconds=lease_s),
                attempts=articles.c.attempts + 1,
            )
            .returning(articles)
        )
        taken = [make(Article, row, articles) for row in rows if row[articles.c.state] is ArticleState.PENDING]
        return sorted(taken, key=lambda article: article.id)

    async def renew_lease(self, article_ids: Collection[int], *, held_until: datetime, until: datetime) -> None:
        """Keep entries from others for longer, unless they became something else, or others took them.

        Args:
            article_ids: Entries that were claimed together.
            held_until: The end of their lease as it was last set.
            until: Its new end.
        """
        await self._tx.run(
            articles.update()
            .where(articles.c.id.in_(article_ids), _PENDING, articles.c.due_at == held_until)
            .values(due_at=until)
        )

    async def make_ready(
        self,
        article_id: int,
        *,
        text: str,
        lang: str | None,
        title: str | None = None,
        author: str | None = None,
        site: str | None = None,
        published_at: datetime | None = None,
        url: str | None = None,
    ) -> Article:
        """Give an article its text; what is ``None`` stays as the feed said it.

        Raises:
            NotFoundError: There is no such article.
        """
        found = {
            "lang": lang,
            "title": None if title is None else heading(title, MOST_TITLE_CHARS),
            "author": None if author is None else heading(author, MOST_NAME_CHARS),
            "site": None if site is None else heading(site, MOST_NAME_CHARS),
            "published_at": published_at,
            "url": url,
        }
        values: dict[str, Any] = {key: value for key, value in found.items() if value is not None}
        row = await self._tx.one(
            articles.update()
            .where(articles.c.id == article_id)
            .values(state=ArticleState.READY, text=text, content_html="", reason=None, **values)
            .returning(articles),
            "article",
            article_id,
        )
        return make(Article, row, articles)

    async def rewrite(self, article_id: int, text: str) -> None:
        """Give an article the text that it has now."""
        await self._tx.run(articles.update().where(articles.c.id == article_id).values(text=text))

    async def fail(self, article_id: int, reason: str) -> None:
        """Give an article up."""
        await self._tx.run(
            articles.update()
            .where(articles.c.id == article_id)
            .values(state=ArticleState.FAILED, reason=reason, content_html="")
        )

    async def retry_at(self, article_id: int, when: datetime, reason: str) -> None:
        """Leave a pending article for a later attempt, an hour from now at most."""
        await self._tx.run(
            articles.update()
            .where(articles.c.id == article_id, articles.c.state == ArticleState.PENDING)
            .values(due_at=when, reason=reason)
        )

    async def add_push(
        self,
        *,
        url: str,
        title: str,
        text: str,
        lang: str | None,
        site: str,
        author: str,
        editor_id: int,
        now: datetime,
    ) -> Article:
        """Insert an article that an editor brings, ready as it is.

        Args:
            url: Its address; empty where it has none.
            title: Its title.
            text: Its whole text.
            lang: Its language, where it is known.
            site: The outlet's name.
            author: Its author; may be empty.
            editor_id: Telegram's id of the editor.
            now: The present instant.
        """
        row = await self._tx.first(
            articles.insert()
            .values(
                {
                    **_blank(now),
                    "origin": Origin.PUSH,
                    "state": ArticleState.READY,
                    "editor_id": editor_id,
                    "lang": lang,
                    "published_at": now,
                    "url": url,
                    "title": heading(title, MOST_TITLE_CHARS),
                    "author": heading(author, MOST_NAME_CHARS),
                    "site": heading(site, MOST_NAME_CHARS),
                    "text": text,
                }
            )
            .returning(articles)
        )
        assert row is not None  # noqa: S101 -- INSERT … RETURNING without a condition returns its row
        return make(Article, row, articles)

    async def get(self, article_id: int) -> Article:
        """Get an article.

        Raises:
            NotFoundError: There is none.
        """
        row = await self._tx.one(sa.select(articles).where(articles.c.id == article_id), "article", article_id)
        return make(Article, row, articles)

    async def find_latest(self, feed_id: int) -> Article | None:
        """Find a feed's newest article, however far it has come: as it says itself, but never later than we had it."""
        reported_at = sa.case(
            (articles.c.published_at < articles.c.fetched_at, articles.c.published_at), else_=articles.c.fetched_at
        )
        row = await self._tx.first(
            sa.select(articles)
            .where(articles.c.feed_id == feed_id, articles.c.state != ArticleState.FAILED)
            .order_by(reported_at.desc(), articles.c.id.desc())
            .limit(1)
        )
        return None if row is None else make(Article, row, articles)

    async def reopen(self, article_id: int, now: datetime | None = None) -> bool:
        """Have an article read that was only recognised, for a sample; say whether it was such a one."""
        changed = await self._tx.run(
            articles.update()
            .where(articles.c.id == article_id, articles.c.state == ArticleState.KNOWN)
            .values(state=ArticleState.PENDING, due_at=now or self._tx.clock(), attempts=0)
        )
        if changed:
            self._tx.rung.add(Channel.ARTICLES)
        return bool(changed)

    async def purge_texts(self, before: datetime, *, limit: int = 10_000) -> int:
        """Empty the texts of settled articles that were fetched before an instant.

        Args:
            before: Younger articles keep their texts.
            limit: Most articles to empty at once.

        Returns:
            How many were emptied; as many as ``limit`` means that there may be more.
        """
        old = (
            sa.select(articles.c.id)
            .where(
                articles.c.fetched_at < before,
                articles.c.state != ArticleState.PENDING,
                sa.or_(articles.c.text != "", articles.c.content_html != ""),
            )
            .limit(limit)
        )
        return await self._tx.run(articles.update().where(articles.c.id.in_(old)).values(text="", content_html=""))


def _blank(now: datetime) -> dict[str, Any]:
    """Give the columns that a new article starts with."""
    return {
        "feed_id": None,
        "editor_id": None,
        "lang": None,
        "published_at": None,
        "fetched_at": now,
        "due_at": now,
        "attempts": 0,
        "author": "",
        "site": "",
        "text": "",
        "content_html": "",
    }
