"""Lists of feeds that chats give, and what readers call and where they keep what they follow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, JsonText, Key, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATES = " OR ".join(f"state = '{state}'" for state in ("draft", "running", "done", "discarded"))


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("folder", Words(), nullable=False, server_default=""))
    op.add_column("subscriptions", sa.Column("name", Words(), nullable=True))
    op.create_table(
        "imports",
        sa.Column("id", Key, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), sa.CheckConstraint(_STATES, name="state"), nullable=False),
        sa.Column("file_name", Words(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("invalid", JsonText(), nullable=False),
        sa.Column("invalid_count", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("most_feeds", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("brought", JsonText(), nullable=False),
        sa.Column("entries", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_imports_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_imports_subscriber_id"), "imports", ["subscriber_id"], unique=False)
    op.create_index(
        "ix_imports_running",
        "imports",
        ["bot_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
