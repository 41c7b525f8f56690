"""Second looks at articles, which all processes share and a restart does not forget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Key

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_looks",
        sa.Column("article_id", Key, autoincrement=False, nullable=False),
        sa.Column("looked_at", Instant(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("alone_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_looks_article_id_articles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_looks")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_article_looks_alone_at"), "article_looks", ["alone_at"], unique=False)
