"""Cancel: a request or one of its numbers, at the provider, with a journal row of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from portops.errors import InputError, Refused
from portops.store import batches, journal
from portops.store.history import read_history
from portops.tracking.refresh import pull
from portops.tracking.state import ended

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.store.database import Database


def chosen(
    database: Database, request_sid: str | None, phone_number: str | None, batch: str | None
) -> list[str]:
    """Return the SIDs that are to be canceled: one request, or the open ones of a batch.

    Raises InputError unless exactly one of the two is named, and for a batch without any.
    """
    if (request_sid is None) == (batch is None) or (batch is not None and phone_number is not None):
        raise InputError(
            "Neither one request nor one batch was named.",
            "Name one SID (with --number one of its numbers), or one --batch.",
        )
    if request_sid is not None:
        return [request_sid]
    over = ended(read_history(database))
    open_sids = [sid for sid in batches.sids_of_batch(database, str(batch)) if sid not in over]
    if not open_sids:
        raise InputError(
            f"The store has no open request of batch {batch}.",
            "See all with `portops status --open`.",
        )
    return open_sids


def cancel(
    provider: Provider,
    database: Database,
    request_sid: str,
    phone_number: str | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Cancel at the provider and bring the request's history up to date.

    The wish is written down before it is sent and the answer after it, so a cancellation that was
    cut off can simply be asked for again. Raises InputError for a request the store does not
    know, Refused when it has ended already, ProviderError, AccessError.
    """
    if request_sid not in journal.known_sids(database):
        raise InputError(
            f"The store has no request {request_sid}.", "See all with `portops status`."
        )
    what = phone_number or "the whole request"
    journal.note_cancel(database, request_sid, clock(), f"cancel asked for: {what}")
    try:
        provider.cancel(request_sid, phone_number)
    except Refused:
        # Asked twice, or done by somebody else: the history says what became of it.
        done = _is_canceled(provider, request_sid, phone_number)
        pull(provider, database, only=[request_sid], clock=clock)
        if not done:
            raise
    journal.note_cancel(
        database, request_sid, clock(), f"canceled: {what}", ends_request=phone_number is None
    )
    pull(provider, database, only=[request_sid], clock=clock)


def _is_canceled(provider: Provider, request_sid: str, phone_number: str | None) -> bool:
    wanted = phone_number or ""
    return any(
        event["phone_number"] == wanted and event["status"] == "canceled"
        for event in provider.changes(request_sid)
    )
