"""The canonical statuses of a port, and how providers spell them.

Source of Twilio's spellings: its published OpenAPI document (numbers v1), its package and its
webhook names. Case and separators vary between them, so neither counts here.
"""

from __future__ import annotations

import re

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

# `Submitted` of a number is Twilio's word for "handed to the losing carrier", which is our
# in_progress; our `submitted` is the moment the provider took the request.
_TWILIO = {
    "inreview": "in_review",
    "waitingforsignature": "waiting_for_signature",
    "inprogress": "in_progress",
    "submitted": "in_progress",
    "portsubmitted": "in_progress",
    "pending": "foc_confirmed",
    "portpending": "foc_confirmed",
    "actionrequired": "action_required",
    "rejected": "rejected",
    "portrejected": "rejected",
    "completed": "completed",
    "canceled": "canceled",
    "cancelled": "canceled",
    "canceling": "in_progress",
    "expired": "expired",
}


def from_twilio(words: str) -> str | None:
    """Translate Twilio's spelling (answer, list or webhook event) to ours; None when unknown."""
    folded = re.sub(r"[^a-z]", "", words.casefold())
    bare = folded.removeprefix("portinphonenumber").removeprefix("portin")
    return _TWILIO.get(folded) or _TWILIO.get(bare)
