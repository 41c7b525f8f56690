"""What a reader had chosen for a feed that they no longer follow, until that can no longer be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Key, Words, choice
from storage.model import SubscriptionMode, SubscriptionState

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "removals",
        sa.Column("subscriber_id", Key, sa.ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("thread_id", sa.BigInteger(), primary_key=True, server_default="0"),
        sa.Column("feed_id", Key, sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, index=True),
        choice("state", SubscriptionState),
        choice("mode", SubscriptionMode),
        sa.Column("removed_at", Instant, nullable=False),
        sa.Column("summary_chars", sa.Integer()),
        sa.Column("folder", Words, nullable=False, server_default=""),
        sa.Column("name", Words),
        sqlite_with_rowid=False,
    )
