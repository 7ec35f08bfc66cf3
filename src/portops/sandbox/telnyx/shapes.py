"""Shapes: orders, numbers and pages as Telnyx's OpenAPI document has them."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from portops.sandbox.telnyx.orders import Change, history, moment

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

#: Numbers that an order shows itself; the others are asked for.
SHOWN = 50

MOST_ON_A_PAGE = 250


def make_id(*parts: object) -> str:
    """Make an id from what identifies the resource: the same parts give the same id."""
    joined = "|".join(map(str, parts))
    return str(uuid.UUID(hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()))


def wire(instant: datetime | None) -> str | None:
    """Write an instant as Telnyx does."""
    return None if instant is None else instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _number_type(order: dict[str, Any]) -> str:
    return "mobile" if order["mobile"] else "local"


def _activation(value: str) -> str:
    return {"ported": "Active", "cancelled": "Cancelled"}.get(value, "New")


def number_shape(order: dict[str, Any], number: str, value: str) -> dict[str, Any]:
    """Describe a number of an order."""
    return {
        "record_type": "porting_phone_number",
        "phone_number": number,
        "phone_number_type": _number_type(order),
        "porting_order_id": order["id"],
        "porting_order_status": value,
        "support_key": order["support_key"],
        "portability_status": "pending" if value == "draft" else "confirmed",
        "requirements_status": "approved" if met(order) else "requirement-info-pending",
        "activation_status": _activation(value),
    }


def missing(order: dict[str, Any]) -> list[str]:
    """Name what a draft still needs before it can be confirmed."""
    admin, location = order["end_user"]["admin"], order["end_user"]["location"]
    names = ["entity_name", "auth_person_name", "account_number", "billing_phone_number"]
    absent = [f"end_user.admin.{name}" for name in names if not admin.get(name)]
    places = ["street_address", "locality", "administrative_area", "postal_code"]
    absent += [f"end_user.location.{name}" for name in places if not location.get(name)]
    absent += [f"documents.{name}" for name in ("loa", "invoice") if not order["documents"][name]]
    if order["mobile"] and not order["has_pin"]:
        absent.append("end_user.admin.pin_passcode")
    return absent


def met(order: dict[str, Any]) -> bool:
    """Tell whether an order has all that it needs."""
    return not missing(order)


def status_shape(change: Change) -> dict[str, Any]:
    """Describe a status."""
    return {"value": change.value, "details": [{"code": code} for code in change.codes]}


def order_shape(
    order: dict[str, Any], seed: int, now: datetime, *, numbers: bool = True
) -> dict[str, Any]:
    """Describe an order; the PIN is never shown."""
    changes = history(order, seed, now)
    last = changes[-1]
    focs = [change.foc for change in changes if change.foc is not None]
    updated = max(last.at, moment(order["updated_at"]))
    shown = order["numbers"][:SHOWN] if numbers else []
    return {
        "record_type": "porting_order",
        "id": order["id"],
        "customer_reference": order["customer_reference"],
        "customer_group_reference": order["customer_group_reference"],
        "parent_support_key": None,
        "support_key": order["support_key"],
        "created_at": wire(moment(order["created_at"])),
        "updated_at": wire(updated),
        "status": status_shape(last),
        "end_user": {
            "admin": {**order["end_user"]["admin"], "pin_passcode": None},
            "location": order["end_user"]["location"],
        },
        "activation_settings": {
            "fast_port_eligible": order["fast"],
            "foc_datetime_requested": order["foc_datetime_requested"],
            "foc_datetime_actual": wire(focs[-1]) if focs else None,
            "activation_status": _activation(last.value) if last.value == "ported" else None,
        },
        "documents": order["documents"],
        "misc": order["misc"],
        "messaging": {
            "enable_messaging": order["enable_messaging"],
            "messaging_capable": False,
            "messaging_port_completed": False,
            "messaging_port_status": "not_applicable",
        },
        "old_service_provider_ocn": order["carrier"] or "Unknown",
        "phone_number_type": _number_type(order),
        "phone_numbers": [number_shape(order, number, last.value) for number in shown],
        "porting_phone_numbers_count": len(order["numbers"]),
        "requirements": [],
        "requirements_met": met(order),
        "webhook_url": order["webhook_url"],
    }


def paged(rows: list[Any], query: QueryParams) -> dict[str, Any]:
    """Return a page of rows, by `page[number]` and `page[size]`; odd values count as the default."""

    def value(name: str, default: int) -> int:
        text = query.get(f"page[{name}]", "")
        return max(1, int(text)) if text.isascii() and text.isdigit() and text else default

    number, size = value("number", 1), min(value("size", 20), MOST_ON_A_PAGE)
    return {
        "data": rows[(number - 1) * size : number * size],
        "meta": {
            "page_number": number,
            "page_size": size,
            "total_pages": -(-len(rows) // size),
            "total_results": len(rows),
        },
    }
