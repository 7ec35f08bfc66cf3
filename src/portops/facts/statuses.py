"""The canonical statuses of a port. How providers spell them stands in their folders."""

from __future__ import annotations

from datetime import timedelta

STATUSES = (
    "draft",
    "submitted",
    "in_review",
    "waiting_for_signature",
    "in_progress",
    "foc_confirmed",
    "action_required",
    "rejected",
    "completed",
    "canceled",
    "expired",
)
"""In the order a port runs through them; the order breaks ties between events of one instant."""

TERMINAL = frozenset({"completed", "canceled", "expired"})

#: An unsigned letter of authorization expires so long after it went out to be signed (Twilio).
SIGN_WITHIN = timedelta(days=30)

RANK = {status: rank for rank, status in enumerate(STATUSES)}

_BEFORE_CARRIER = {"draft", "submitted", "in_review", "waiting_for_signature"}

#: From a status, what cannot follow it. An end is an end; a port does not go back to before the
#: carrier had it, except that a corrected letter may have to be signed again.
IMPOSSIBLE = {
    "completed": set(STATUSES) - {"completed"},
    "canceled": set(STATUSES) - {"canceled"},
    "expired": set(STATUSES) - {"expired", "canceled"},
    "submitted": {"draft"},
    "in_review": {"draft", "submitted"},
    "waiting_for_signature": {"draft", "submitted"},
    "in_progress": {"draft", "submitted", "in_review"},
    "foc_confirmed": _BEFORE_CARRIER,
    "action_required": {"draft", "submitted"},
    "rejected": {"draft", "submitted"},
}
