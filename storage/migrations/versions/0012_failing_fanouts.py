"""What keeps a failing fan-out from holding up others: how often it failed, when to try again, why it was closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fanouts", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("fanouts", sa.Column("not_before", Instant(), nullable=True))
    op.add_column("fanouts", sa.Column("reason", Words(), nullable=True))
