"""What a column's companions settle: headings, types, streets and signers beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from portops.intake.lists import settle_lists
from portops.intake.scoring import Column, Recognized, in_words
from portops.intake.signers import pair_signers
from portops.intake.titles import readings, telling_words

HALVES = frozenset({"first_name", "last_name"})


def settle_beside(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Mend readings by what stands over and beside a column; `fixed` are the places settled before."""
    settle_lists(columns, result, fixed)
    _number_in_the_street(columns, result)
    _street_beside_its_number(columns, result, fixed)
    _street_with_its_number(columns, result)
    _type_by_its_words(columns, result)
    _date_by_its_days(columns, result)
    _only_address(columns, result, fixed)
    _name_beside_signer(result)
    pair_signers(columns, result, fixed)
    _check_range(columns, result)


def _check_range(columns: Sequence[Column], result: list[Recognized]) -> None:
    """Take back the end of a range that does not lie behind its start."""
    ends = [row for row, view in enumerate(result) if view.field == "range"]
    starts = [row for row, view in enumerate(result) if view.field == "phone_number"]
    for row in ends:
        if result[row].how == "given":
            continue
        pairs = [
            (first, last)
            for start in starts[:1]
            for first, last in zip(
                columns[start].contents.values, columns[row].contents.values, strict=False
            )
            if first and last
        ]
        good = sum(_runs_on(first, last) for first, last in pairs)
        if not pairs or good < 0.5 * len(pairs):
            result[row] = result[row]._replace(field=None, how="unknown", other="-contact_phone")


def _runs_on(first: str, last: str) -> bool:
    """Tell whether two numbers are of one block: the end has the start's first six digits."""
    start, end = (re.sub(r"\D", "", text)[-10:] for text in (first, last))
    if len(end) < 10:
        return 0 < len(end) <= 4
    return start[:6] == end[:6]


def _number_in_the_street(columns: Sequence[Column], result: list[Recognized]) -> None:
    """Leave a column of house numbers alone where the street's cells have theirs: a store's number."""
    streets = [c for c, view in zip(columns, result, strict=True) if view.field == "street"]
    if any(c.contents.shares.get("street", 0.0) >= 0.6 for c in streets):
        for row, view in enumerate(result):
            if view.field == "house_number" and view.how not in {"given", "profile"}:
                result[row] = view._replace(field=None, how="unknown", other="-internal")


def _street_beside_its_number(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Take the street beside a column of house numbers for its name, whatever it is called."""
    rows = {view.field: row for row, view in enumerate(result) if view.field}
    if "house_number" not in rows or rows.keys() & {"street", "street_name"}:
        return
    at = columns[rows["house_number"]].position
    fitting = [
        row
        for row, column in enumerate(columns)
        if result[row].field is None
        and row not in fixed
        and abs(column.position - at) == 1
        and column.contents.shares.get("street_words", 0.0) >= 0.5
    ]
    if len(fitting) == 1:
        why = in_words(columns[fitting[0]], "street_name", "contents")
        result[fitting[0]] = Recognized("street_name", "contents", 0.7, why)


def _street_with_its_number(columns: Sequence[Column], result: list[Recognized]) -> None:
    """Take `Road` or `Jobsite` for the street where its cells have it: `388 Overlook Rd`."""
    if any(view.field in {"street", "house_number"} for view in result):
        return
    for row, view in enumerate(result):
        if (
            view.field in {"street_name", "request_name"}
            and columns[row].contents.shares.get("street", 0.0) >= 0.6
        ):
            result[row] = view._replace(field="street")


#: What a title of yes and no must name for it to say which type a line is of.
_TYPES = frozenset(
    [
        *("wireless", "mobile", "cell", "cellular", "landline", "wireline", "land", "fixed"),
        *("wire", "pots", "copper", "smartphone", "hardwired", "wired", "type"),
    ]
)


def _type_by_its_words(columns: Sequence[Column], result: list[Recognized]) -> None:
    """Leave a column alone that was taken for the type of line and holds nothing of the kind.

    `recorded line? yes` and `Line: Front` say nothing of landline and wireless.
    """
    for row, view in enumerate(result):
        contents = columns[row].contents
        if view.field != "line_type" or view.how in {"given", "profile"} or not contents.counted:
            continue
        words = contents.shares.get("line_word", 0.0)
        answers = contents.shares.get("yes_no", 0.0) + contents.shares.get("bit", 0.0)
        named = bool(set(readings(columns[row].title, *columns[row].above).own) & _TYPES)
        if words < 0.3 and not named and (answers >= 0.3 or contents.distinct >= 0.5):
            result[row] = view._replace(field=None, how="unknown", other="-internal")


def _date_by_its_days(columns: Sequence[Column], result: list[Recognized]) -> None:
    """Leave a column alone that was taken for the day of the port and holds no days at all."""
    for row, view in enumerate(result):
        contents = columns[row].contents
        few = contents.counted >= 2 and contents.shares.get("date", 0.0) < 0.2
        if view.field == "target_date" and few and view.how == "words" and view.confidence < 0.9:
            result[row] = view._replace(field=None, how="unknown", other="-internal")


#: The parts of an address, and what their values look like.
_PARTS = {
    "street": ("street", "street_words", "po_box", "whole_address"),
    "city": ("locality", "words", "one_word"),
    "state": ("state", "state_name"),
    "postal_code": ("zip5", "zip4"),
}


def _only_address(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Take a billing address for the address on record where the sheet has no other one.

    A list of wireless lines has none but that, and it is what the losing carrier compares.
    """
    if any(view.field in {*_PARTS, "street_name"} for view in result):
        return
    billing = [
        row
        for row, view in enumerate(result)
        if view.field is None
        and row not in fixed
        and {"billing", "bill", "billed"}
        & set(readings(columns[row].title, *columns[row].above).own)
    ]
    chosen: dict[str, int] = {}
    for name, kinds in _PARTS.items():
        for row in billing:
            shares = columns[row].contents.shares
            held = max(shares.get(kind, 0.0) for kind in kinds)
            titled = telling_words(columns[row].title, name)
            if held >= 0.6 and titled and row not in chosen.values():
                chosen.setdefault(name, row)
    if "street" in chosen:
        for name, row in chosen.items():
            result[row] = Recognized(name, "both", 0.65, "it is the only address")


def _name_beside_signer(result: list[Recognized]) -> None:
    """Take first and last name for the customer's where the signer has a column of his own."""
    if not any(view.field == "authorized_name" for view in result):
        return
    halves = {view.field for view in result} >= HALVES
    least = min((v.confidence for v in result if v.field in HALVES), default=0.0)
    for place, view in enumerate(result):
        if not halves or view.field != "authorized_name":
            continue
        if view.how == "contents" or (view.how == "words" and view.confidence < least - 0.1):
            # Both halves have titles that say so; this one only looks like a name.
            result[place] = view._replace(field=None, how="unknown")
            return
    for place, view in enumerate(result):
        if view.field in HALVES and view.how not in {"given", "profile"}:
            result[place] = view._replace(field=None, other=f"customer_{view.field}")
