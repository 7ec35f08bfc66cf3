"""What was said about requests beside their statuses: comments, links, tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portops.store.instants import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remarks",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("request_sid", sa.String(64), nullable=False),
        sa.Column("remark_id", sa.String(32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("provider", "request_sid", "remark_id", name="pk_remarks"),
    )


def downgrade() -> None:
    op.drop_table("remarks")
