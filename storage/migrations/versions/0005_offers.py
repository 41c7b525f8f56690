"""Feeds that are offered to newcomers by topic, and the subscriptions that came with a topic."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offers",
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("feed_id", Key, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_offers_feed_id_feeds"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "lang", "feed_id", name=op.f("pk_offers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_offers_feed_id"), "offers", ["feed_id"], unique=False)
    op.create_table(
        "followed_topics",
        sa.Column("subscription_id", Key, nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("brought", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_followed_topics_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "topic", name=op.f("pk_followed_topics")),
        sqlite_with_rowid=False,
    )
