"""The last day on which a chat wrote or tapped, for whom the newsroom wants to reach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("active_on", sa.Date(), nullable=True))
