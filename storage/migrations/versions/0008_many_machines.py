"""What several processes need: the sender's fence and heartbeat, and updates that one of many takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("leases", "expires_at")
    op.add_column("leases", sa.Column("beat", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_column("outbox", "lease_until")
    op.add_column("outbox", sa.Column("fence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("inbox", sa.Column("claimed_until", Instant(), nullable=True))
    if op.get_bind().dialect.name != "postgresql":
        return
    for constraint in ("fk_outbox_subscriber_id_subscribers", "fk_outbox_content_id_contents"):
        op.execute(f"ALTER TABLE outbox DROP CONSTRAINT IF EXISTS {constraint}")
    # Most rows change twice within a minute of their making: a fifth of the table would be a long wait for a vacuum.
    op.execute(
        "ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,"
        " autovacuum_vacuum_cost_delay = 0)"
    )
