"""What groups, channels, the newsroom and searches need: names, invitations, bans, threads, alerts, drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, JsonText, Key, Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("title", Words(), nullable=False, server_default=""))
    op.add_column("subscribers", sa.Column("connected_by", sa.BigInteger(), nullable=True))
    op.add_column("subscribers", sa.Column("admitted", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("subscriptions", sa.Column("summary_chars", sa.Integer(), nullable=True))
    _add_to_pushes()
    op.create_table(
        "alerts",
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_alerts_subscriber_id_subscribers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "key", name=op.f("pk_alerts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alerts_key", "alerts", ["key", "subscriber_id"], unique=False)
    op.create_table(
        "threads",
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_threads_subscriber_id_subscribers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "thread_id", name=op.f("pk_threads")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "article_words",
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("article_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_words_article_id_articles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "article_id", name=op.f("pk_article_words")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_article_words_article_id"), "article_words", ["article_id"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("article_id", Key, autoincrement=False, nullable=False),
        sa.Column("was", Words(), nullable=False),
        sa.Column("now", Words(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_corrections_article_id_articles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_corrections")),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_table(
        "bans",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("peer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "peer_id", name=op.f("pk_bans")),
    )


def _add_to_pushes() -> None:
    op.add_column("pushes", sa.Column("draft", JsonText(), nullable=True))
    op.add_column("pushes", sa.Column("audience", JsonText(), nullable=True))
    op.add_column("pushes", sa.Column("preview_id", Key, nullable=True))
    op.add_column("pushes", sa.Column("reach", sa.BigInteger(), nullable=True))
    op.add_column("pushes", sa.Column("paused_at", Instant(), nullable=True))
    op.add_column("pushes", sa.Column("cancelled_at", Instant(), nullable=True))
    op.add_column("pushes", sa.Column("text_digest", sa.String(length=64), nullable=False, server_default=""))
