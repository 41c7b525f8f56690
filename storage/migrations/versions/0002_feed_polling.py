"""What polling remembers of a feed: its pace, where it moved, that it died, entries held back, notices and its hub."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Key, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("interval_s", sa.Float(), nullable=True),
        sa.Column("moved_to", Words(), nullable=True),
        sa.Column("moved_polls", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("died_at", Instant(), nullable=True),
        sa.Column("held_at", Instant(), nullable=True),
        sa.Column("bursts", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("feeds", column)
    op.create_table(
        "held_entries",
        sa.Column("article_id", Key, nullable=False),
        sa.Column("feed_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_held_entries_article_id_articles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_held_entries_feed_id_feeds")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_held_entries")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_held_entries_feed_id"), "held_entries", ["feed_id"], unique=False)
    op.create_table(
        "feed_notices",
        sa.Column("id", Key, nullable=False),
        sa.Column("feed_id", Key, nullable=False),
        sa.Column(
            "kind",
            sa.String(length=16),
            sa.CheckConstraint("kind = 'died' OR kind = 'gone' OR kind = 'moved'", name="kind"),
            nullable=False,
        ),
        sa.Column("detail", Words(), nullable=False),
        sa.Column("reached_id", Key, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_notices_feed_id_feeds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_notices")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_feed_notices_feed_id"), "feed_notices", ["feed_id"], unique=False)
    op.create_table(
        "hub_subscriptions",
        sa.Column("feed_id", Key, nullable=False),
        sa.Column("hub_url", Words(), nullable=False),
        sa.Column("topic_url", Words(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("ask_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("verified_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_hub_subscriptions_feed_id_feeds")),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_hub_subscriptions")),
        sa.UniqueConstraint("token", name=op.f("uq_hub_subscriptions_token")),
    )
    op.create_index(op.f("ix_hub_subscriptions_ask_at"), "hub_subscriptions", ["ask_at"], unique=False)
