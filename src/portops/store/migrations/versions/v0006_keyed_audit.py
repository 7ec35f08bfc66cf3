"""Room for what a desk with a key adds to the audit chain; rows that are there stay without it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CHAINED = ("journal", "events")


def upgrade() -> None:
    for name in _CHAINED:
        op.add_column(name, sa.Column("mac", sa.String(32), nullable=True))
    op.add_column("chains", sa.Column("sealed_key", sa.LargeBinary, nullable=True))
    op.add_column("chains", sa.Column("seal", sa.String(32), nullable=True))


def downgrade() -> None:
    for name in _CHAINED:
        with op.batch_alter_table(name) as table:
            table.drop_column("mac")
    with op.batch_alter_table("chains") as table:
        table.drop_column("seal")
        table.drop_column("sealed_key")
