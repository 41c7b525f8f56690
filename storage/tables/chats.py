"""Chats: their wishes, what they follow, and what they have seen."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
    true,
)

from storage.columns import Instant, JsonText, Key, Words, choice
from storage.model import ChatKind, ImportState, SubscriberState, SubscriptionMode, SubscriptionState
from storage.tables.metadata import metadata, partial

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    choice("kind", ChatKind),
    choice("state", SubscriberState),
    Column("lang", String(35), nullable=False),
    Column("tz", String(64), nullable=False),
    Column("summary_chars", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("unreachable_at", Instant),
    Column("reason", Words),
    Column("quiet_from", SmallInteger),  # minutes after midnight in the chat's zone
    Column("quiet_to", SmallInteger),
    Column("breaking_wakes", Boolean, nullable=False, server_default=false()),
    Column("daily_cap", SmallInteger),
    Column("silent", Boolean, nullable=False, server_default=false()),
    Column("pictures", Boolean, nullable=False, server_default=false()),
    Column("title", Words, nullable=False, server_default=""),  # of a group or channel; a person's name is not kept
    Column("connected_by", BigInteger),  # the admin who brought the bot there, who is told when it cannot post
    Column("admitted", Boolean, nullable=False, server_default=true()),
    Column("active_on", Date),  # when it last wrote or tapped: the day alone, in UTC
    UniqueConstraint("bot_id", "chat_id"),
    Index("ix_subscribers_bot", "bot_id", "id"),  # for fan-outs, which go by ranges of ids
    partial("ix_subscribers_quiet", "bot_id", "id", where="quiet_from IS NOT NULL"),
    partial("ix_subscribers_capped", "bot_id", "id", where="daily_cap IS NOT NULL"),
    partial("ix_subscribers_paused", "bot_id", "id", where="paused_until IS NOT NULL"),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("thread_id", BigInteger, nullable=False, server_default="0"),
    Column("feed_id", Key, ForeignKey("feeds.id"), nullable=False),
    choice("state", SubscriptionState),
    choice("mode", SubscriptionMode),
    Column("created_at", Instant, nullable=False),
    Column("since", Instant, nullable=False),
    Column("sample_id", Key),
    Column("summary_chars", Integer),  # of this feed's stories, where they differ from the chat's
    Column("folder", Words, nullable=False, server_default=""),
    Column("name", Words),
    UniqueConstraint("subscriber_id", "thread_id", "feed_id"),
    Index("ix_subscriptions_feed", "feed_id", "subscriber_id"),
    sqlite_autoincrement=True,
)

removals = Table(
    "removals",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", BigInteger, primary_key=True, server_default="0"),
    Column("feed_id", Key, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, index=True),
    choice("state", SubscriptionState),
    choice("mode", SubscriptionMode),
    Column("removed_at", Instant, nullable=False),
    Column("summary_chars", Integer),
    Column("folder", Words, nullable=False, server_default=""),
    Column("name", Words),
    sqlite_with_rowid=False,
)

seen = Table(
    "seen",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", BigInteger, primary_key=True, server_default="0"),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

story_messages = Table(
    "story_messages",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", BigInteger, primary_key=True, server_default="0"),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("message_id", BigInteger, nullable=False),
    Column("sent_revision", Integer, nullable=False),
    Column("is_long", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)

saved = Table(
    "saved",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    # The chat in which it was read, through whose feeds it is told: a group's member keeps it in private.
    Column("reader_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("saved_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

hidden_words = Table(
    "hidden_words",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),  # what the word's forms have in common
    Column("word", String(64), nullable=False),
    Index("ix_hidden_words_key", "key", "subscriber_id"),
    sqlite_with_rowid=False,
)

alerts = Table(
    "alerts",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),  # what the word's forms have in common
    Column("word", String(64), nullable=False),
    Index("ix_alerts_key", "key", "subscriber_id"),
    sqlite_with_rowid=False,
)

threads = Table(
    "threads",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Words, nullable=False),
    Column("closed_at", Instant),
    sqlite_with_rowid=False,
)

followed_topics = Table(
    "followed_topics",
    metadata,
    Column("subscription_id", Key, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(32), primary_key=True),
    Column("brought", Boolean, nullable=False),  # the subscription came with the topic, and goes with it
    sqlite_with_rowid=False,
)

imports = Table(
    "imports",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("thread_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    choice("state", ImportState),
    Column("file_name", Words, nullable=False),
    Column("total", Integer, nullable=False),
    Column("invalid", JsonText, nullable=False),
    Column("invalid_count", Integer, nullable=False),
    Column("reached", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("most_feeds", Integer, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("brought", JsonText, nullable=False),  # ids of the subscriptions that it made, so that it can be undone
    Column("entries", JsonText, nullable=False),  # what is still to be read of it
    partial("ix_imports_running", "bot_id", "id", where="state = 'running'"),
    sqlite_autoincrement=True,
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("expects", String(64), nullable=False),
    Column("data", JsonText, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
