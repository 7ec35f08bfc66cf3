"""Claims on requests, secrets, portability answers, and how far a pull has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.String(32)
    op.add_column("requests", sa.Column("claimed_by", sa.Text, nullable=True))
    op.add_column("requests", sa.Column("claimed_until", instant, nullable=True))
    op.create_table(
        "secrets",
        sa.Column("request_key", sa.String(64), nullable=False),
        sa.Column("phone_number", sa.String(20), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_key"], ["requests.request_key"], name="fk_secrets_request_key_requests"
        ),
        sa.PrimaryKeyConstraint("request_key", "phone_number", name="pk_secrets"),
    )
    op.create_table(
        "portability",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("phone_number", sa.String(20), nullable=False),
        sa.Column("portable", sa.Boolean, nullable=False),
        sa.Column("needs_pin", sa.Boolean, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("provider", "phone_number", name="pk_portability"),
    )
    op.create_table(
        "pulls",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("request_sid", sa.String(64), nullable=False),
        sa.Column("listed", sa.Text, nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("provider", "request_sid", name="pk_pulls"),
    )


def downgrade() -> None:
    for name in ("pulls", "portability", "secrets"):
        op.drop_table(name)
    with op.batch_alter_table("requests") as table:
        table.drop_column("claimed_until")
        table.drop_column("claimed_by")
