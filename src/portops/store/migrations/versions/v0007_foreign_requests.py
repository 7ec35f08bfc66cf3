"""Requests of the provider that are not the store's: which numbers they have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foreign_requests",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("request_sid", sa.String(64), nullable=False),
        sa.Column("listed", sa.Text, nullable=False),
        sa.Column("numbers", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("provider", "request_sid", name="pk_foreign_requests"),
    )


def downgrade() -> None:
    op.drop_table("foreign_requests")
