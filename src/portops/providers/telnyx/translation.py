"""Telnyx's bodies in our words.

Status and exceptions belong to an order; each of its numbers is told the same. Source: Telnyx's
published OpenAPI document (v2).
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from portops.providers.base import Event, Listed, Portability
from portops.providers.telnyx import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_log = logging.getLogger(__name__)

#: What reading an answer raises that is not what the published API promises.
ODD = (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)

DRAFT = "draft"


def name_of(value: object) -> str:
    """Return an id or a number of an answer; raises ValueError for anything else."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,64}", value):
        raise ValueError(f"{str(value)[:40]!r} is no id and no number")
    return value


def text_of(value: object) -> str:
    """Return what an answer says as text that a store can keep; empty for nothing."""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\x00", "")


def data_of(answer: Any) -> dict[str, Any]:
    """Return the one resource of an answer; raises TypeError when it is none."""
    data = answer["data"]
    if not isinstance(data, dict):
        raise TypeError("no object")
    return data


def rows_of(answer: Any) -> list[dict[str, Any]]:
    """Return the resources of an answer; raises TypeError when they are none."""
    data = answer["data"]
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise TypeError("no list of objects")
    return data


def pages_of(answer: Any) -> int:
    """Return how many pages there are."""
    return int((answer.get("meta") or {}).get("total_pages") or 1)


def moment(value: object) -> datetime | None:
    """Read an instant; None where there is none."""
    if not value:
        return None
    at = datetime.fromisoformat(str(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def instant(value: object) -> datetime:
    """Read an instant that has to be there; raises ValueError."""
    at = moment(value)
    if at is None:
        raise ValueError("no instant")
    return at


def to_portability(answer: Any, phone_number: str) -> Portability:
    """Read whether a number can be ported."""
    row = {row.get("phone_number"): row for row in rows_of(answer)}[phone_number]
    portable = row["portable"]
    if not isinstance(portable, bool):
        raise TypeError("neither portable nor not")
    return Portability(
        phone_number=phone_number,
        portable=portable,
        # The PIN of a wireless number is asked for when an order is confirmed.
        needs_pin=False,
        code=None,
        reason=text_of(row.get("not_portable_reason")) or None,
    )


def value_of(order: dict[str, Any]) -> str:
    """Return Telnyx's word for an order's status."""
    return text_of(order["status"]["value"])


def order_of(row: Any) -> dict[str, Any]:
    """Return an order that has what every order has; raises what is in ODD for another."""
    name_of(row["id"])
    value_of(row)
    for name in ("created_at", "updated_at"):
        instant(row[name])
    return dict(row)


def codes_of(status: dict[str, Any]) -> list[str]:
    """Return the codes of a status's exceptions."""
    details = status.get("details") or []
    return [text for row in details if (text := text_of(row.get("code")))]


def numbers_of(rows: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Return the numbers of an order, from the rows that have them."""
    return tuple(name_of(row["phone_number"]) for row in rows)


def words_of_codes(codes: Sequence[str]) -> str:
    """Write exceptions for people."""
    return "; ".join(code.replace("_", " ").capitalize() for code in codes)


def about(status: str, codes: Sequence[str], remark: str = "") -> Event:
    """Return what goes with a status: code and words of its exceptions, and their cause.

    Of several exceptions the first that says something decides. `remark` are the carrier's words,
    which count where the code says nothing.
    """
    if status not in {"rejected", "action_required"}:
        return {}
    causes = WORDS().causes
    telling = [code for code in codes if causes.get(code, "other") != "other"]
    code = (telling or list(codes) or [""])[0]
    words = words_of_codes(codes) if telling else (remark or words_of_codes(codes))
    told: Event = {"reason_code": code[:32], "reason": words}
    if status == "rejected":
        told["cause"] = WORDS().cause_of(code if telling else None, words or None)
    return told


def changes_of(order: dict[str, Any], events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an order's changes of status, oldest first: `at, value, codes`.

    Where its events are not (yet) told, its present status counts, at its last change.
    """
    changes: list[dict[str, Any]] = [
        {
            "at": instant(event["created_at"]),
            "value": text_of(event["payload"]["status"]["value"]),
            "codes": codes_of(event["payload"]["status"]),
        }
        for event in events
        if event.get("event_type") == "porting_order.status_changed"
    ]
    changes.sort(key=lambda change: change["at"])
    status = order["status"]
    if not changes or changes[-1]["value"] != value_of(order):
        last = {"value": value_of(order), "codes": codes_of(status)}
        changes.append({"at": instant(order["updated_at"]), **last})
    return changes


def to_events(
    order: dict[str, Any],
    numbers: Sequence[str],
    events: Iterable[dict[str, Any]] = (),
    remarks: Sequence[str] = (),
) -> list[Event]:
    """Read the statuses of an order, and of its numbers, which are the order's."""
    sid, told = name_of(order["id"]), []
    changes = changes_of(order, events)
    settings = order.get("activation_settings") or {}
    agreed = moment(settings.get("foc_datetime_actual") or settings.get("foc_datetime_requested"))
    agreeing = [change for change in changes if change["value"] == "foc-date-confirmed"]
    exceptions = [change for change in changes if change["value"] == "exception"]
    for change in changes:
        remark = ""
        if change in exceptions and exceptions.index(change) < len(remarks):
            remark = remarks[exceptions.index(change)]
        for number in ("", *numbers):
            status = WORDS().status_of(change["value"], "number" if number else "request")
            if status is None:
                _log.warning("%s has the status %r, which is not known", sid, change["value"])
                break
            date = {"port_date": agreed} if agreeing[-1:] == [change] and agreed else {}
            told.append(
                {
                    "request_sid": sid,
                    "phone_number": number,
                    "status": status,
                    "occurred_at": change["at"],
                    **about(status, change["codes"], remark),
                    **date,
                }
            )
    return told


def to_listed(order: dict[str, Any]) -> Listed:
    """Read a row of the list."""
    state = json.dumps([order.get("status"), order.get("updated_at")], sort_keys=True)
    return Listed(
        request_sid=name_of(order["id"]),
        state=state,
        changed=instant(order["updated_at"]).date(),
    )


def to_details(order: dict[str, Any]) -> dict[str, str]:
    """Read an order's details in our words; what Telnyx does not say is absent."""
    user = order.get("end_user") or {}
    admin, location = user.get("admin") or {}, user.get("location") or {}
    details = {
        "customer_name": admin.get("entity_name"),
        "account_number": admin.get("account_number"),
        "authorized_name": admin.get("auth_person_name"),
        "street": location.get("street_address"),
        "street_2": location.get("extended_address"),
        "city": location.get("locality"),
        "state": location.get("administrative_area"),
        "postal_code": location.get("postal_code"),
    }
    return {name: text for name, value in details.items() if (text := text_of(value))}


def webhook_event(body: dict[str, Any]) -> Event | None:
    """Read what a webhook tells of an order's status; None for what is told of else.

    Telnyx calls in two envelopes: `data` with `meta` beside it, and a flat one (of changes of
    messaging). Raises ValueError when it is of neither.
    """
    try:
        event = data_of(body) if "data" in body else body
        kind = event["event_type"]
        if not isinstance(kind, str):
            raise TypeError("no event_type")
        if kind != "porting_order.status_changed":
            return None
        payload = event["payload"]
        sid = name_of(payload.get("id") or event.get("porting_order_id"))
        at = instant(event.get("occurred_at") or event.get("created_at"))
        value, codes = text_of(payload["status"]["value"]), codes_of(payload["status"])
    except ODD as error:
        raise ValueError("no event_type, no order or no time") from error
    status = WORDS().status_of(value, "request")
    if status is None:
        _log.warning("%s has the status %r, which is not known; it is left out", sid, value)
        return None
    told = {"request_sid": sid, "phone_number": "", "status": status, "occurred_at": at}
    return {**told, **about(status, codes)}
