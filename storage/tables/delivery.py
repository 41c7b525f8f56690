"""What comes from Telegram and what is owed to chats."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, UniqueConstraint

from storage.columns import Instant, JsonText, Key, Words, choice
from storage.model import DeliveryKind, DeliveryState, FanoutKind, Verb
from storage.tables.metadata import metadata, partial

inbox = Table(
    "inbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger),
    Column("payload", JsonText),  # gone once its effect is committed
    Column("received_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("settled_at", Instant),
    Column("error", Words),
    Column("claimed_until", Instant),  # by the database's clock, where several processes answer
    UniqueConstraint("bot_id", "update_id"),
    Index("ix_inbox_chat", "chat_id"),
    partial("ix_inbox_new", "bot_id", "id", where="settled_at IS NULL"),
    sqlite_autoincrement=True,
)

contents = Table(
    "contents",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("payload", JsonText, nullable=False),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    # No foreign keys: checking them took a third of the time that planning a hundred thousand rows takes.
    Column("subscriber_id", Key),
    Column("thread_id", BigInteger, nullable=False, server_default="0"),
    choice("kind", DeliveryKind),
    Column("subject", String(64), nullable=False),
    Column("part", Integer, nullable=False),
    choice("verb", Verb),
    choice("state", DeliveryState),
    Column("priority", SmallInteger, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("content_id", Key),
    Column("target_id", Key),
    Column("message_id", BigInteger),
    Column("chat_id", BigInteger),  # of a farewell, whose subscriber is gone
    Column("expires_at", Instant),
    Column("settled_at", Instant),
    Column("reason", Words),
    Column("payload", JsonText),
    Column("fence", BigInteger, nullable=False, server_default="0"),  # whose claim it was: the sender's
    # The subject leads: a fan-out then fills one end of the index, and a tally reads one stretch of it.
    UniqueConstraint("subject", "subscriber_id", "kind", "part", "thread_id", name="uq_outbox_planned"),
    Index("ix_outbox_chat", "subscriber_id", "state", "priority", "id"),
    partial("ix_outbox_ready", "bot_id", "priority", "due_at", "id", "subscriber_id", where="state = 'queued'"),
    partial("ix_outbox_sending", "bot_id", "subscriber_id", where="state = 'sending'"),
    partial("ix_outbox_unknown", "bot_id", "id", where="state = 'unknown'"),
    partial("ix_outbox_settled", "settled_at", where="settled_at IS NOT NULL"),
    partial("ix_outbox_target", "target_id", where="target_id IS NOT NULL"),
    partial("ix_outbox_content", "content_id", where="content_id IS NOT NULL"),
    partial(
        "uq_outbox_revision",
        "target_id",
        where="target_id IS NOT NULL AND state = 'queued' AND kind = 'edit'",
        unique=True,
    ),
    partial("uq_outbox_farewell", "bot_id", "chat_id", "subject", "part", where="subscriber_id IS NULL", unique=True),
    sqlite_autoincrement=True,
)

fanouts = Table(
    "fanouts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    choice("kind", FanoutKind),
    Column("subject_id", Key, nullable=False),
    Column("revision", Integer, nullable=False),  # of the story; 0 for a push
    Column("priority", SmallInteger, nullable=False),
    Column("content_id", Key, ForeignKey("contents.id")),
    Column("cursor", Key, nullable=False),
    Column("planned", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("not_before", Instant),  # after a failure
    Column("reason", Words),  # why it was closed before its end
    UniqueConstraint("bot_id", "kind", "subject_id", "revision"),
    partial("ix_fanouts_open", "bot_id", "priority", "id", where="finished_at IS NULL"),
    sqlite_autoincrement=True,
)

leases = Table(
    "leases",
    metadata,
    Column("bot_id", BigInteger, primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("holder", Words, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False, server_default="0"),
)
