"""What reconciliations counted, so that the next one can tell what has changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("sides", sa.String(64), nullable=False),
        sa.Column("as_of", sa.String(32), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("provider", "sides", "as_of", name="pk_reconciliations"),
    )


def downgrade() -> None:
    op.drop_table("reconciliations")
