"""What became of deliveries of a push that are no longer kept, as numbers that name nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Words, choice
from storage.model import DeliveryState

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_figures",
        sa.Column("push_id", Key, sa.ForeignKey("pushes.id", ondelete="CASCADE"), nullable=False),
        choice("state", DeliveryState),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("push_id", "state", "reason"),
        sqlite_with_rowid=False,
    )
