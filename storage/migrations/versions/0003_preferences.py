"""What a chat wishes: quiet hours, a daily cap, no sound, pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("quiet_from", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_to", sa.SmallInteger(), nullable=True),
        sa.Column("breaking_wakes", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("daily_cap", sa.SmallInteger(), nullable=True),
        sa.Column("silent", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("pictures", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("subscribers", column)
    for name, condition in (
        ("ix_subscribers_quiet", "quiet_from IS NOT NULL"),
        ("ix_subscribers_capped", "daily_cap IS NOT NULL"),
        ("ix_subscribers_paused", "paused_until IS NOT NULL"),
    ):
        op.create_index(
            name,
            "subscribers",
            ["bot_id", "id"],
            unique=False,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
