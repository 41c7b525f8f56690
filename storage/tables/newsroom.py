"""The newsroom: its pushes, its people, and what they did."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, PrimaryKeyConstraint, String, Table

from storage.columns import Instant, JsonText, Key, Words, choice
from storage.model import DeliveryState, PushState, Role
from storage.tables.metadata import metadata, partial

pushes = Table(
    "pushes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("editor_id", BigInteger, nullable=False),
    Column("subscriber_id", Key, nullable=False),  # no foreign key: a push outlives its editor's chat
    Column("article_id", Key, ForeignKey("articles.id"), nullable=False, index=True),
    Column("content_id", Key, ForeignKey("contents.id"), nullable=False, index=True),
    choice("state", PushState),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("finished_at", Instant),
    Column("progress_id", Key),
    Column("draft", JsonText),  # what the editor has chosen: title, sentences, picture, sound
    Column("audience", JsonText),  # whom it goes to; empty for everyone
    Column("preview_id", Key),
    Column("reach", BigInteger),  # how many it went out to, as counted when it was confirmed
    Column("paused_at", Instant),
    Column("cancelled_at", Instant),
    Column("text_digest", String(64), nullable=False, server_default=""),  # what equal pushes have in common
    partial("ix_pushes_sending", "bot_id", "id", where="state = 'sending'"),
    sqlite_autoincrement=True,
)

push_figures = Table(
    "push_figures",  # of deliveries that are no longer kept
    metadata,
    Column("push_id", Key, ForeignKey("pushes.id", ondelete="CASCADE"), nullable=False),
    choice("state", DeliveryState),
    Column("reason", Words, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("push_id", "state", "reason"),
    sqlite_with_rowid=False,
)

editors = Table(
    "editors",
    metadata,
    Column("bot_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    choice("role", Role),
    Column("created_at", Instant, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the token, which is known to nobody but who has the link
    Column("bot_id", BigInteger, nullable=False),
    Column("role", String(16)),  # of an editor-to-be; none for a reader
    Column("invited_by", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

bans = Table(
    "bans",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("peer_id", BigInteger, primary_key=True, autoincrement=False),  # a person or a chat
    Column("created_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", JsonText, nullable=False),
    Index("ix_audit_bot", "bot_id", "id"),
    sqlite_autoincrement=True,
)
