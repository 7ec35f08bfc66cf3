"""Which columns of telephone numbers are those that move: by their headings, and by one another."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from portops.intake.scoring import Column, Recognized, in_words
from portops.intake.staying import moves, stays
from portops.intake.titles import classes, opinion, readings
from portops.tables.columns import NUMBER_FIELDS

#: A heading of one word over columns of numbers, and what it says of them.
_MOVES = re.compile(
    r"(?i)\W*(?:moves?|moving|ports?|porting|ported|transfers?|transferring|migrat\w+|in scope)\W*"
)


def settle_lists(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Mend the readings of columns of numbers by what stands over and beside them."""
    _under_a_heading_that_moves(columns, result, fixed)
    _main_among_others(columns, result)
    _one_list_with_its_type(result)


def share_of_numbers(column: Column) -> float:
    """Return the share of a column's values that are telephone numbers."""
    shares = column.contents.shares
    return max(shares.get("phone", 0.0), shares.get("phones", 0.0), shares.get("phone_noted", 0.0))


def _is_gaining(column: Column) -> bool:
    logs = opinion(column.title, column.above).logs
    return float(np.exp(logs[classes().index("-gaining")])) >= 0.3


def _under_a_heading_that_moves(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Take all numbers under a heading such as `Lines - all of these move` for numbers that move."""
    for row, column in enumerate(columns):
        stay = row in fixed or any(map(stays, column.above))
        if stay or result[row].field in {"range", "landline_numbers", "wireless_numbers"}:
            continue
        says = any(moves(text) or _MOVES.fullmatch(text) for text in (*column.above, column.title))
        if says and share_of_numbers(column) >= 0.5 and not _is_gaining(column):
            result[row] = Recognized("phone_number", "both", 0.9, "the heading says that they move")


#: Words of a title that says that a number is the bill's.
_OF_THE_BILL = frozenset(
    [
        *("bill", "billing", "billed", "btn", "account", "pilot", "parent", "lead", "invoice"),
        *("statement", "atn", "eatn", "record", "master", "head", "key", "telco", "carrier"),
    ]
)


def _main_among_others(columns: Sequence[Column], result: list[Recognized]) -> None:
    """Take `Main` beside `Line 2` and `Fax` for one more number that moves, not for the bill's."""
    others = [row for row, view in enumerate(result) if view.field == "phone_number"]
    for row, view in enumerate(result):
        words = set(readings(columns[row].title, *columns[row].above).own)
        if (
            view.field == "billing_number"
            and view.how not in {"given", "profile"}
            and len(others) >= 2
            and columns[row].contents.distinct >= 0.8
            and not words & _OF_THE_BILL
        ):
            result[row] = view._replace(field="phone_number", confidence=0.6)


def _one_list_with_its_type(result: list[Recognized]) -> None:
    """Take `Cell no.` for a telephone number of any type where another column has the type."""
    lists = [row for row, view in enumerate(result) if view.field in NUMBER_FIELDS]
    if len(lists) == 1 and any(view.field == "line_type" for view in result):
        view = result[lists[0]]
        if view.how not in {"given", "profile"}:
            result[lists[0]] = view._replace(field="phone_number")


#: Kinds of title that are not those of more numbers to port.
_OTHER_NUMBERS = (
    "-contact_phone",
    "-gaining",
    "-person",
    "-flag",
    "-extension",
    "-device",
    "billing_number",
    "account_number",
    "range",
    "pin",
)


def _last_word(column: Column) -> str:
    """Return the last word of a title that is no counter: `line` of `Line 2`."""
    words = [word for word in readings(column.title, *column.above).own if not word.isdigit()]
    return words[-1] if words else ""


def more_numbers(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Take the other columns of numbers of a row for more of them: `Counter line`, `Catering line`.

    Each ends in the same word as the column that was taken, holds other numbers than that one, and
    says nothing against it: no contact's, no new one, none on a bill.
    """
    taken = [row for row, view in enumerate(result) if view.field == "phone_number"]
    if not taken or any(view.field == "range" for view in result):
        return
    order = classes()
    against = [order.index(name) for name in _OTHER_NUMBERS]
    last = {_last_word(columns[row]) for row in taken} - {""}
    numbers = {value for row in taken for value in columns[row].contents.values if value}
    for row, column in enumerate(columns):
        if result[row].field or row in fixed or _last_word(column) not in last:
            continue
        shares, held = column.contents.shares, set(column.contents.values) - {""}
        if shares.get("phone", 0.0) < 0.5 or column.contents.distinct < 0.8 or held & numbers:
            continue
        logs = opinion(column.title, column.above).logs
        if float(np.exp(logs[against]).sum()) < 0.4:
            why = in_words(column, "phone_number", "contents")
            result[row] = Recognized("phone_number", "contents", 0.6, why)
            numbers |= held
