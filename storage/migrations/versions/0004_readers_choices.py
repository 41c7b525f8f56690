"""What readers choose under stories: what they keep, what they want longer, which words they hide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved",
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("story_id", Key, nullable=False),
        sa.Column("reader_id", Key, nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_saved_subscriber_id_subscribers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["subscribers.id"], name=op.f("fk_saved_reader_id_subscribers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_saved_story_id_stories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "story_id", name=op.f("pk_saved")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_saved_story_id"), "saved", ["story_id"], unique=False)
    op.create_index(op.f("ix_saved_reader_id"), "saved", ["reader_id"], unique=False)
    op.create_table(
        "hidden_words",
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_hidden_words_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "key", name=op.f("pk_hidden_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hidden_words_key", "hidden_words", ["key", "subscriber_id"], unique=False)
    op.add_column("story_messages", sa.Column("is_long", sa.Boolean(), nullable=False, server_default=sa.false()))
