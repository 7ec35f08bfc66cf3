"""The audit chain of journal and history: what is there is chained in the order it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Key, order and the columns that a digest covers, as they were when this was written.
_CHAINS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "journal": ("entry", ("entry",), ("request_key", "state", "at", "note")),
    "events": (
        "event_id",
        ("recorded_at", "event_id"),
        (
            "event_id",
            "provider",
            "request_sid",
            "phone_number",
            "status",
            "cause",
            "reason_code",
            "reason",
            "occurred_at",
            "losing_carrier",
            "line_type",
            "supersedes",
            "recorded_at",
            "port_date",
        ),
    ),
}
_TOGETHER = 10_000


def _digest(before: str, place: int, values: Sequence[str | None]) -> str:
    texts = ["\x00" if value is None else value for value in values]
    joined = "\x1f".join([before, str(place), *texts])
    return hashlib.sha256(joined.encode(errors="surrogatepass")).hexdigest()


def _chained(name: str) -> tuple[int, str]:
    """Chain the rows of a table; returns how many, and the last digest."""
    key, order, covered = _CHAINS[name]
    table = sa.table(name, *map(sa.column, dict.fromkeys([key, *covered, "place", "chain"])))
    connection = op.get_bind()
    columns = [table.c[column] for column in covered]
    query = sa.select(table.c[key].label("row_key"), *columns)
    rows = connection.execute(query.order_by(*(table.c[column] for column in order))).fetchall()
    change = (
        table.update()
        .where(table.c[key] == sa.bindparam("which"))
        .values(place=sa.bindparam("at_place"), chain=sa.bindparam("with_chain"))
    )
    head, links = "", []
    for place, (which, *values) in enumerate(rows, start=1):
        head = _digest(head, place, values)
        links.append({"which": which, "at_place": place, "with_chain": head})
    for start in range(0, len(links), _TOGETHER):
        connection.execute(change, links[start : start + _TOGETHER])
    return len(rows), head


def upgrade() -> None:
    chains = op.create_table(
        "chains",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chains"),
    )
    for name in _CHAINS:
        op.add_column(name, sa.Column("place", sa.Integer, nullable=True))
        op.add_column(name, sa.Column("chain", sa.String(64), nullable=True))
        length, head = _chained(name)
        op.execute(chains.insert().values(name=name, length=length, head=head))


def downgrade() -> None:
    for name in _CHAINS:
        with op.batch_alter_table(name) as table:
            table.drop_column("chain")
            table.drop_column("place")
    op.drop_table("chains")
