"""Our requests in Telnyx's words.

Source: Telnyx's published OpenAPI document (v2).
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from portops.providers.base import PortRequest


def reference_of(request: PortRequest) -> str:
    """Return the client reference of a request: its orders are found again by it."""
    own = request.reference or "|".join(sorted(request.phone_numbers))
    return "portops-" + hashlib.sha256(own.encode()).hexdigest()[:32]


def to_create(request: PortRequest) -> dict[str, Any]:
    """Write the body that makes drafts."""
    return {
        "phone_numbers": sorted(request.phone_numbers),
        "customer_reference": reference_of(request),
    }


def _given(texts: dict[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def pins_of(request: PortRequest, numbers: Collection[str]) -> set[str]:
    """Return the PINs of some of a request's numbers; an order has room for one."""
    return {
        line.pin.reveal()
        for line in request.numbers
        if line.pin is not None and line.phone_number in numbers
    }


def to_patch(
    request: PortRequest,
    numbers: Collection[str],
    documents: Sequence[str],
    *,
    foc: str | None = None,
    webhook: str | None = None,
) -> dict[str, Any]:
    """Write what a draft with these numbers is filled with. Holds the PIN: never log it.

    `documents` are the ids of the statement and of the letter of authorization, in this order.
    """
    admin = {
        "entity_name": request.customer_name,
        "auth_person_name": request.authorized_name,
        "billing_phone_number": request.billing_number or min(numbers),
        "account_number": request.account_number,
        "pin_passcode": next(iter(pins_of(request, numbers)), None),
    }
    location = {
        "street_address": request.street,
        "extended_address": request.street_2,
        "locality": request.city,
        "administrative_area": request.state,
        "postal_code": request.postal_code,
        "country_code": "US",
    }
    body: dict[str, Any] = {
        "end_user": {"admin": _given(admin), "location": _given(location)},
        "documents": dict(zip(("invoice", "loa"), documents, strict=False)),
    }
    if foc is not None:
        body["activation_settings"] = {"foc_datetime_requested": foc}
    if webhook:
        body["webhook_url"] = webhook
    return body


def foc_for(target: str, windows: Sequence[dict[str, Any]]) -> str | None:
    """Return the first moment on or after a day that lies in an allowed window; None without one."""
    day = date.fromisoformat(target)
    starts = sorted(str(window["started_at"]) for window in windows)
    return next((at for at in starts if datetime.fromisoformat(at).date() >= day), None)
