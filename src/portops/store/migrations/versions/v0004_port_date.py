"""The agreed port date as a column; until now it stood in the reason, as `FOC date …Z`.

Only our own texts are moved. An event keeps its id: the id is made from that text still.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


_EVENTS = sa.table("events", *map(sa.column, ("status", "reason", "port_date")))


def upgrade() -> None:
    op.add_column("events", sa.Column("port_date", sa.String(32), nullable=True))
    reason = _EVENTS.c.reason
    op.execute(
        _EVENTS.update()
        .where(_EVENTS.c.status == "foc_confirmed")
        .where(reason.like("FOC date ____-__-__T__:__Z"))
        .values(port_date=sa.func.substr(reason, 10, 16) + ":00.000000+00:00", reason="")
    )


def downgrade() -> None:
    date = _EVENTS.c.port_date
    op.execute(
        _EVENTS.update()
        .where(date.is_not(None))
        .where(_EVENTS.c.reason == "")
        .values(reason="FOC date " + sa.func.substr(date, 1, 16) + "Z")
    )
    with op.batch_alter_table("events") as table:
        table.drop_column("port_date")
