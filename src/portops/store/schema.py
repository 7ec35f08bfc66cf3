"""The tables of the store; migrations lead to exactly these (a test compares them)."""

from __future__ import annotations

import sqlalchemy as sa

from portops.store.instants import Instant

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("batch_id", sa.String(32), primary_key=True),
    sa.Column("provider", sa.String(32), nullable=False),
    sa.Column("operator", sa.Text, nullable=False),
    sa.Column("workbooks", sa.JSON, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("request_key", sa.String(64), primary_key=True),
    sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.batch_id"), nullable=False),
    sa.Column("provider", sa.String(32), nullable=False, index=True),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("finding_codes", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("request_sid", sa.String(64), nullable=True, unique=True),
    sa.Column("supersedes", sa.String(64), nullable=False),
    sa.Column("sending_at", Instant, nullable=True),
    sa.Column("error", sa.Text, nullable=True),
    sa.Column("claimed_by", sa.Text, nullable=True),
    sa.Column("claimed_until", Instant, nullable=True),
    # The key of the planned request, where the provider made several orders of it.
    sa.Column("part_of", sa.String(64), nullable=True),
)

request_numbers = sa.Table(
    "request_numbers",
    metadata,
    sa.Column(
        "request_key", sa.String(64), sa.ForeignKey("requests.request_key"), primary_key=True
    ),
    sa.Column("phone_number", sa.String(20), primary_key=True, index=True),
    sa.Column("line_type", sa.String(16), nullable=False),
)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("entry", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column(
        "request_key",
        sa.String(64),
        sa.ForeignKey("requests.request_key"),
        nullable=False,
        index=True,
    ),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=True),
    sa.Column("chain", sa.String(64), nullable=True),
    sa.Column("mac", sa.String(32), nullable=True),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("content_hash", sa.String(64), primary_key=True),
    sa.Column("document_sid", sa.String(64), nullable=False),
    sa.Column("uploaded_at", Instant, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("event_id", sa.String(64), primary_key=True),
    sa.Column("provider", sa.String(32), nullable=False),
    sa.Column("request_sid", sa.String(64), nullable=False, index=True),
    sa.Column("phone_number", sa.String(20), nullable=False),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("reason_code", sa.String(32), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("occurred_at", Instant, nullable=False, index=True),
    sa.Column("losing_carrier", sa.Text, nullable=False),
    sa.Column("line_type", sa.String(16), nullable=False),
    sa.Column("supersedes", sa.String(64), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("port_date", Instant, nullable=True),
    sa.Column("place", sa.Integer, nullable=True),
    sa.Column("chain", sa.String(64), nullable=True),
    sa.Column("mac", sa.String(32), nullable=True),
)

#: Where the audit chain of each table ends, and its key (see `store.audit`).
chains = sa.Table(
    "chains",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, nullable=True),
    sa.Column("seal", sa.String(32), nullable=True),
)

#: PINs and SSN digits, sealed; a row goes when its request has ended.
secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column(
        "request_key", sa.String(64), sa.ForeignKey("requests.request_key"), primary_key=True
    ),
    sa.Column("phone_number", sa.String(20), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
)

portability = sa.Table(
    "portability",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("phone_number", sa.String(20), primary_key=True),
    sa.Column("portable", sa.Boolean, nullable=False),
    sa.Column("needs_pin", sa.Boolean, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
)

#: How far the pull has come with each request: what the provider's list said of it when its
#: events were taken in, and when that was.
pulls = sa.Table(
    "pulls",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("request_sid", sa.String(64), primary_key=True),
    sa.Column("listed", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
)

#: Which numbers requests of the provider have that are not ours; `listed` is what its list said.
foreign_requests = sa.Table(
    "foreign_requests",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("request_sid", sa.String(64), primary_key=True),
    sa.Column("listed", sa.Text, nullable=False),
    sa.Column("numbers", sa.JSON, nullable=False),
)

#: What was said about requests beside their statuses: comments, where to sign, support tickets.
remarks = sa.Table(
    "remarks",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("request_sid", sa.String(64), primary_key=True),
    sa.Column("remark_id", sa.String(32), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)

#: What each reconciliation counted, class by class; `sides` names what was compared.
reconciliations = sa.Table(
    "reconciliations",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("sides", sa.String(64), primary_key=True),
    sa.Column("as_of", Instant, primary_key=True),
    sa.Column("counts", sa.JSON, nullable=False),
)

#: What reading a statement came to, sealed with a key made of its content (see `store.readings`).
readings = sa.Table(
    "readings",
    metadata,
    sa.Column("entry", sa.String(64), primary_key=True),
    sa.Column("reader", sa.String(64), nullable=False),
    sa.Column("read_at", Instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
