"""Records: what the losing carriers have on file, and how an order is compared with it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from portops.errors import InputError

STATUSES = ("active", "inactive", "frozen", "pending_order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A number as its carrier has it on file; empty fields are not compared."""

    phone_number: str
    losing_carrier: str
    line_type: str
    account_number: str
    pin: str
    customer_name: str
    authorized_name: str
    street: str
    city: str
    state: str
    postal_code: str
    status: str

    def __repr__(self) -> str:
        return f"Record({self.phone_number})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a carrier rejects a number: Twilio's code if it has one, the carrier's words.

    `about` is what differs, or the line's status; each dialect has its own word for it.
    """

    code: int | None
    reason: str
    about: str = ""


def load(path: Path) -> dict[str, Record]:
    """Read carrier records from a CSV file; raises InputError when it can't be read or a row is bad."""
    names = [field.name for field in fields(Record)]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != names:
                raise InputError(
                    f"{path} doesn't have the columns of carrier records.",
                    f"Its first line must be: {', '.join(names)}.",
                )
            records = {}
            for line, row in enumerate(reader, start=2):
                if None in row or None in row.values() or row["status"] not in STATUSES:
                    raise InputError(
                        f"{path}, line {line}: not a carrier record.",
                        f"Fill every column; `status` must be one of: {', '.join(STATUSES)}.",
                    )
                records[row["phone_number"]] = Record(**row)
            return records
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path} can't be read ({error}).", "Check the file given with --records."
        ) from error


def _fold(text: object) -> str:
    return re.sub(r"[^a-z0-9]", "", str(text or "").casefold())


def _differs(on_file: str, ordered: object) -> bool:
    return bool(on_file) and _fold(on_file) != _fold(ordered)


def judge(record: Record | None, information: Mapping[str, Any], pin: str | None) -> Verdict | None:
    """Compare an order for a number with the carrier's record; None when the carrier accepts it.

    A number without a record matches. The first difference decides, in the order in which a
    carrier checks: the line, the account, the person, the address.
    """
    if record is None:
        return None
    address = information.get("address") or {}
    by_status = {
        "inactive": Verdict(22152, "The number is not active at the losing carrier", "inactive"),
        "frozen": Verdict(22151, "The account has a port freeze", "frozen"),
        "pending_order": Verdict(
            None, "There is a pending service order on the account", "pending_order"
        ),
    }
    if record.status in by_status:
        return by_status[record.status]
    if _differs(record.account_number, information.get("account_number")):
        return Verdict(
            22156, "The account number does not match the carrier's record", "account_number"
        )
    if record.line_type == "wireless" and _differs(record.pin, pin):
        return Verdict(22155, "The PIN is wrong or missing", "pin")
    if _differs(record.customer_name, information.get("customer_name")):
        return Verdict(None, "Customer name does not match the carrier's record", "customer_name")
    if _differs(record.authorized_name, information.get("authorized_representative")):
        return Verdict(
            22153, "The authorized representative's name does not match", "authorized_name"
        )
    for field, ordered in (
        ("street", address.get("street")),
        ("city", address.get("city")),
        ("state", address.get("state")),
    ):
        if _differs(getattr(record, field), ordered):
            return Verdict(
                22154, "The service address does not match the carrier's record", "address"
            )
    if _differs(record.postal_code[:5], str(address.get("zip") or "")[:5]):
        return Verdict(None, "The ZIP code does not match the carrier's record", "postal_code")
    return None
