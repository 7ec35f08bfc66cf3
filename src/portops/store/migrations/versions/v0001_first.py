"""The first released schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.String(32)
    op.create_table(
        "batches",
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("workbooks", sa.JSON, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batches"),
    )
    op.create_table(
        "requests",
        sa.Column("request_key", sa.String(64), nullable=False),
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("finding_codes", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("request_sid", sa.String(64), nullable=True),
        sa.Column("supersedes", sa.String(64), nullable=False),
        sa.Column("sending_at", instant, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.batch_id"], name="fk_requests_batch_id_batches"
        ),
        sa.PrimaryKeyConstraint("request_key", name="pk_requests"),
        sa.UniqueConstraint("request_sid", name="uq_requests_request_sid"),
    )
    op.create_index("ix_requests_provider", "requests", ["provider"])
    op.create_table(
        "request_numbers",
        sa.Column("request_key", sa.String(64), nullable=False),
        sa.Column("phone_number", sa.String(20), nullable=False),
        sa.Column("line_type", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_key"],
            ["requests.request_key"],
            name="fk_request_numbers_request_key_requests",
        ),
        sa.PrimaryKeyConstraint("request_key", "phone_number", name="pk_request_numbers"),
    )
    op.create_index("ix_request_numbers_phone_number", "request_numbers", ["phone_number"])
    op.create_table(
        "journal",
        sa.Column("entry", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("request_key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_key"], ["requests.request_key"], name="fk_journal_request_key_requests"
        ),
        sa.PrimaryKeyConstraint("entry", name="pk_journal"),
    )
    op.create_index("ix_journal_request_key", "journal", ["request_key"])
    op.create_table(
        "documents",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("document_sid", sa.String(64), nullable=False),
        sa.Column("uploaded_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("provider", "content_hash", name="pk_documents"),
    )
    op.create_table(
        "events",
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("request_sid", sa.String(64), nullable=False),
        sa.Column("phone_number", sa.String(20), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("reason_code", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("occurred_at", instant, nullable=False),
        sa.Column("losing_carrier", sa.Text, nullable=False),
        sa.Column("line_type", sa.String(16), nullable=False),
        sa.Column("supersedes", sa.String(64), nullable=False),
        sa.Column("recorded_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
    )
    op.create_index("ix_events_request_sid", "events", ["request_sid"])
    op.create_index("ix_events_occurred_at", "events", ["occurred_at"])


def downgrade() -> None:
    for name in ("events", "documents", "journal", "request_numbers", "requests", "batches"):
        op.drop_table(name)
