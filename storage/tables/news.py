"""Feeds, and what was got from them: articles, stories, summaries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, false

from storage.columns import Instant, JsonText, Key, Words, choice
from storage.model import ArticleState, FeedState, NoticeKind, Origin
from storage.tables.metadata import metadata, partial

feeds = Table(
    "feeds",
    metadata,
    Column("id", Key, primary_key=True),
    Column("url", Words, nullable=False),
    Column("url_digest", String(64), nullable=False, unique=True),  # addresses are longer than index entries may be
    Column("title", Words, nullable=False),
    Column("site_url", Words, nullable=False),
    choice("state", FeedState),
    Column("due_at", Instant, nullable=False),
    Column("lang", String(35)),
    Column("private", Boolean, nullable=False),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("checked_at", Instant),
    Column("changed_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("error", Words),
    Column("created_at", Instant, nullable=False),
    Column("interval_s", Float),
    Column("moved_to", Words),
    Column("moved_polls", Integer, nullable=False, server_default="0"),
    Column("died_at", Instant),
    Column("held_at", Instant),
    Column("bursts", Boolean, nullable=False, server_default=false()),
    partial("ix_feeds_due", "due_at", where="state = 'active'"),
    sqlite_autoincrement=True,
)

stories = Table(
    "stories",
    metadata,
    Column("id", Key, primary_key=True),
    Column("lang", String(35), nullable=False),
    Column("title", Words, nullable=False),
    Column("title_digest", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Index("ix_stories_title", "lang", "title_digest", "last_at"),
    Index("ix_stories_last_at", "last_at"),
    sqlite_autoincrement=True,
)

story_urls = Table(
    "story_urls",
    metadata,
    Column("url_digest", String(64), primary_key=True),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

summaries = Table(
    "summaries",
    metadata,
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("max_chars", Integer, primary_key=True, autoincrement=False),
    Column("sentences", JsonText, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Key, primary_key=True),
    choice("origin", Origin),
    choice("state", ArticleState),
    Column("feed_id", Key, ForeignKey("feeds.id")),
    Column("story_id", Key, ForeignKey("stories.id"), index=True),
    Column("story_revision", Integer),  # the one that it made of its story
    Column("editor_id", BigInteger),
    Column("lang", String(35)),
    Column("published_at", Instant),
    Column("fetched_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # of a pending one: when a worker may take it
    Column("attempts", Integer, nullable=False),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("site", Words, nullable=False),
    Column("reason", Words),
    # The long columns come last: what reads only the others never touches their pages.
    Column("text", Words, nullable=False),
    Column("content_html", Words, nullable=False),
    Index("ix_articles_feed", "feed_id", "published_at"),
    Index("ix_articles_fetched_at", "fetched_at"),
    partial("ix_articles_pending", "due_at", "id", where="state = 'pending'"),
    sqlite_autoincrement=True,
)

entry_keys = Table(
    "entry_keys",
    metadata,
    Column("feed_id", Key, ForeignKey("feeds.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("digest", String(128), primary_key=True),
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

held_entries = Table(
    "held_entries",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("feed_id", Key, ForeignKey("feeds.id"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

feed_notices = Table(
    "feed_notices",
    metadata,
    Column("id", Key, primary_key=True),
    Column("feed_id", Key, ForeignKey("feeds.id"), nullable=False, index=True),
    choice("kind", NoticeKind),
    Column("detail", Words, nullable=False),
    Column("reached_id", Key, nullable=False),  # subscriptions up to this one have been told
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("feed_id", Key, ForeignKey("feeds.id"), primary_key=True, autoincrement=False),
    Column("hub_url", Words, nullable=False),
    Column("topic_url", Words, nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    Column("secret", String(64), nullable=False),
    Column("ask_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("verified_until", Instant),
)

article_words = Table(
    "article_words",
    metadata,
    Column("key", String(16), primary_key=True),
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Apart from the articles, so that a look does not write their long texts anew.
article_looks = Table(
    "article_looks",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("looked_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("alone_at", Instant, index=True),  # when it was looked at though its feed said nothing
    sqlite_with_rowid=False,
)

corrections = Table(
    "corrections",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("was", Words, nullable=False),
    Column("now", Words, nullable=False),
    Column("revision", Integer, nullable=False),  # of the story, which the correction made
    Column("at", Instant, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("topic", String(32), primary_key=True),
    Column("lang", String(8), primary_key=True),
    Column("feed_id", Key, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("rank", Integer, nullable=False),
    sqlite_with_rowid=False,
)
