"""Orders that a planned request was split into: each has a row of its own under the first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("requests", sa.Column("part_of", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("requests", "part_of")
