"""Filling: what a draft, or an order with an exception, takes by PATCH."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portops.sandbox.targets import BadTarget, resolved
from portops.sandbox.telnyx.access import Refusal, invalid
from portops.sandbox.telnyx.orders import judged, moment, windows

if TYPE_CHECKING:
    from datetime import datetime

    from portops.sandbox.sandbox import Sandbox

#: A document that no order has is deleted after so long.
UNLINKED = timedelta(minutes=30)

_TEXTS = {
    "admin": (
        "entity_name",
        "auth_person_name",
        "billing_phone_number",
        "account_number",
        "tax_identifier",
        "business_identifier",
    ),
    "location": (
        "street_address",
        "extended_address",
        "locality",
        "administrative_area",
        "postal_code",
        "country_code",
    ),
}


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object", f"/{name}")
    return value


def fill(sandbox: Sandbox, order: dict[str, Any], body: dict[str, Any], status: str) -> None:
    """Take what a body has into an order; raises Refusal, and changes nothing then but the copy."""
    now = sandbox.clock.now()
    if status not in {"draft", "exception"} and set(body) - {"webhook_url", "customer_reference"}:
        raise invalid(f"A porting order that is {status} can't be changed", "/status")
    _end_user(sandbox, order, _object(body, "end_user"))
    _documents(sandbox, order, _object(body, "documents"), now)
    settings = _object(body, "activation_settings")
    if settings.get("foc_datetime_requested"):
        order["foc_datetime_requested"] = _foc(settings["foc_datetime_requested"], now)
    if body.get("misc") is not None:
        order["misc"] = _misc(order, _object(body, "misc"))
    if body.get("webhook_url"):
        order["webhook_url"] = _target(sandbox, body["webhook_url"])
    for name in ("customer_reference", "customer_group_reference"):
        if name in body:
            order[name] = body[name]
    messaging = _object(body, "messaging")
    if "enable_messaging" in messaging:
        order["enable_messaging"] = messaging["enable_messaging"] is True
    order["updated_at"] = now.isoformat()
    if status == "exception" and "end_user" in body:
        # Corrected: it goes back to the carrier.
        wrong = judged(order, sandbox.records)
        order["attempts"].append({"at": now.isoformat(), "wrong": wrong})
        sandbox.database.resubmit(order["id"], now, wrong[0][1] if wrong else None)


def _end_user(sandbox: Sandbox, order: dict[str, Any], end_user: dict[str, Any]) -> None:
    for part, names in _TEXTS.items():
        given = _object(end_user, part)
        for name in names:
            if name in given:
                if not isinstance(given[name], str | None):
                    raise invalid(f"{name} must be a text", f"/end_user/{part}/{name}")
                order["end_user"][part][name] = given[name]
    pin = _object(end_user, "admin").get("pin_passcode")
    if pin is not None:
        # The PIN itself is not kept: only for which numbers it is wrong.
        records = [sandbox.records.get(number) for number in order["numbers"]]
        order["has_pin"] = bool(pin)
        order["wrong_pins"] = [
            record.phone_number for record in records if record and record.pin not in {"", pin}
        ]


def _documents(
    sandbox: Sandbox, order: dict[str, Any], documents: dict[str, Any], now: datetime
) -> None:
    storage = sandbox.database.telnyx
    for name in ("loa", "invoice"):
        if documents.get(name):
            there = storage.document(str(documents[name]))
            if there is None or (not there[1] and now - moment(there[0]) > UNLINKED):
                raise invalid(
                    f"The document {documents[name]} doesn't exist; one that no order has is "
                    "deleted after 30 minutes",
                    f"/documents/{name}",
                )
            storage.link(str(documents[name]))
            order["documents"][name] = documents[name]


def _foc(asked: object, now: datetime) -> str:
    try:
        at = moment(str(asked))
        fits = any(start <= at <= end for start, end in windows(now))
    except (ValueError, TypeError):
        fits = False
    if not fits:
        raise invalid(
            "foc_datetime_requested is outside the allowed FOC windows",
            "/activation_settings/foc_datetime_requested",
        )
    return str(asked)


def _misc(order: dict[str, Any], misc: dict[str, Any]) -> dict[str, Any]:
    if misc.get("type") not in {None, "full", "partial"}:
        raise invalid("type must be full or partial", "/misc/type")
    names = ("type", "remaining_numbers_action", "new_billing_phone_number")
    return {**(order["misc"] or {}), **{name: misc[name] for name in names if name in misc}}


def _target(sandbox: Sandbox, url: object) -> str:
    try:
        resolved(url, private=sandbox.private_webhooks)
    except BadTarget as error:
        raise invalid(str(error), "/webhook_url") from None
    return str(url)


def refuse_change(detail: str) -> Refusal:
    """Make the refusal of an action that an order's status doesn't allow."""
    return invalid(detail, "/status")
