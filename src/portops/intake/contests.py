"""Columns for one field: which is it where its title does not say, and where nobody can tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from portops.intake.scoring import Column, Recognized, in_words
from portops.intake.signers import linked
from portops.intake.titles import classes, opinion, readings
from portops.tables.columns import FIELDS, NUMBER_FIELDS, simplify

if TYPE_CHECKING:
    from portops.intake.contents import Contents

#: Two columns for one field whose scores lie closer than this are not settled.
CLOSE = 1.4


class Contest(NamedTuple):
    """Columns of which nobody can tell which is the field: their positions, and what they may be."""

    positions: tuple[int, ...]
    fields: tuple[str, ...]


#: From so many points on, what a column holds is enough where its field has no other column.
_PLAIN = 1.7

#: What decides by its contents alone, in the order in which it does.
_BY_CONTENTS = (
    "phone_number",
    "landline_numbers",
    "wireless_numbers",
    "email",
    "postal_code",
    "state",
    "statement",
    "line_type",
    "customer_type",
    "street",
    "city",
    "losing_carrier",
    "account_number",
    "authorized_name",
    "customer_name",
)


#: Of two lists of numbers, one is told by the other.
_PAIR = {"landline_numbers": "wireless_numbers", "wireless_numbers": "landline_numbers"}

#: Fields that are there already when these are.
_PARTS_OF = {
    "authorized_name": frozenset({"first_name", "last_name"}),
    "street": frozenset({"street_name", "house_number"}),
}

#: Names and the like look alike, so that the title must say at least a little.
_BY_TITLE_TOO = frozenset(
    {"losing_carrier", "account_number", "authorized_name", "customer_name", "city"}
)


#: So much a title must say of a PIN (a log of its share) for its column to be asked about.
_OF_A_PIN = -1.6


#: Whose own number a column has, which is no number of the list.
_SOMEBODYS = frozenset(["signer", "signers", "signatory", "contact", "manager", "emergency"])


def _speaks_for(column: Column, name: str, least: float = -3.0) -> bool:
    """Tell whether a title speaks for a field at all."""
    return float(opinion(column.title, column.above).logs[classes().index(name)]) > least


def fill_gaps(
    columns: Sequence[Column],
    result: list[Recognized],
    gain: np.ndarray,
    held: np.ndarray,
    names: list[str],
    fixed: Collection[int],
) -> None:
    """Give a field without a column the one column that holds its kind of value and is nothing else."""
    order = classes()
    for name in _BY_CONTENTS:
        taken = {view.field for view in result}
        if name in taken or (name == "phone_number" and taken & set(NUMBER_FIELDS)):
            continue
        if taken & _PARTS_OF.get(name, frozenset()):
            continue
        if name in _PAIR and (_PAIR[name] not in taken or "phone_number" in taken):
            continue
        slot, place = names.index(name), order.index(name)
        free = [
            row
            for row, view in enumerate(result)
            if view.field is None
            and row not in fixed
            and columns[row].contents.counted
            and held[row, place] >= _PLAIN
            and not _settled_by_title(columns[row])
            and held[row, place] >= held[row].max() - 1.2
        ]
        if name in NUMBER_FIELDS:
            # A list names each number once; what comes again and again is the account's own.
            free = [
                row
                for row in free
                if columns[row].contents.distinct >= 0.8
                and not set(readings(columns[row].title).own) & _SOMEBODYS
            ]
        if name in _BY_TITLE_TOO:
            free = [row for row in free if _speaks_for(columns[row], name)]
        if not free:
            continue
        best = max(free, key=lambda row: gain[row, slot])
        rest = [row for row in free if row != best]
        if any(
            gain[best, slot] - gain[row, slot] < CLOSE
            and not _same(columns[best].contents, columns[row].contents)
            for row in rest
        ):
            continue
        result[best] = Recognized(name, "contents", 0.6, in_words(columns[best], name, "contents"))


#: Fields that a request cannot do without; a wrong one is submitted and refused.
_NEEDED = (
    "phone_number",
    "account_number",
    "customer_name",
    "authorized_name",
    "email",
    "street",
    "city",
    "state",
    "postal_code",
    "pin",
    "line_type",
    "customer_type",
    "statement",
)


def _same(left: Contents, right: Contents) -> bool:
    """Tell whether two columns hold the same, so that it does not matter which is read."""
    pairs = [
        (re.sub(r"\W", "", a).casefold(), re.sub(r"\W", "", b).casefold())
        for a, b in zip(left.values, right.values, strict=False)
        if a and b
    ]
    return bool(pairs) and all(a == b for a, b in pairs)


_PORTING = frozenset(
    ["port", "ported", "porting", "transfer", "move", "moving", "migrate", "scope"]
)


#: A title that says so much of a field goes before one that says less than that.
_SAYS, _SAYS_LESS = 0.9, 0.7


def _plainer(winner: Column, rival: Column, name: str) -> bool:
    """Tell whether the winner's title is the field's own name, or says that its numbers move."""
    ours = simplify(FIELDS[name].label)
    if simplify(winner.title) == ours != simplify(rival.title):
        return True
    if name not in NUMBER_FIELDS:
        place = classes().index(name)
        first, second = (
            float(np.exp(opinion(column.title, column.above).logs[place]))
            for column in (winner, rival)
        )
        return first >= _SAYS and second < _SAYS_LESS
    mine, theirs = (set(readings(column.title, *column.above).own) for column in (winner, rival))
    return bool(mine & _PORTING) and not theirs & _PORTING


def _settled_by_title(column: Column) -> bool:
    """Tell whether a title says by itself that its column is no field of a port request."""
    if not column.title:
        return False
    logs = opinion(column.title, column.above).logs
    names = classes()
    share = sum(float(np.exp(logs[place])) for place, name in enumerate(names) if name in _APART)
    return share >= 0.6


#: Kinds of column that look like a field's and are none, because of their title.
_APART = (
    "-gaining",
    "-contact_phone",
    "-billing_address",
    "-person",
    "-device",
    "-extension",
    "-internal",
)


def contests_of(
    columns: Sequence[Column],
    result: list[Recognized],
    gain: np.ndarray,
    names: list[str],
    fixed: Collection[int],
) -> list[Contest]:
    """Find the needed fields that two columns fit alike, and needed columns that nothing settles."""
    contests = []
    by_field = {column.field: row for row, column in enumerate(result) if column.field}
    joint = {f.part_of: f.name for f in FIELDS.values() if f.part_of}
    for name in _NEEDED:
        slot, winner = names.index(name), by_field.get(name)
        if winner in fixed:
            continue
        rivals = [
            row
            for row, column in enumerate(result)
            if column.field is None
            and row not in fixed
            and columns[row].contents.counted
            and not _settled_by_title(columns[row])
            and gain[row, slot] > -0.4
        ]
        if name == "pin":
            # A code is no PIN for that nothing else is; its title must say something of one.
            rivals = [row for row in rivals if _speaks_for(columns[row], name, _OF_A_PIN)]
        signer = by_field.get("authorized_name")
        if name == "email" and None not in {winner, signer}:
            # The address under the signer's own heading is his.
            group = columns[signer or 0].above
            if group and columns[winner or 0].above == group:
                rivals = [row for row in rivals if columns[row].above == group]
            if linked(columns[signer or 0], columns[winner or 0]):
                rivals = [row for row in rivals if linked(columns[signer or 0], columns[row])]
        if winner is not None:
            if not columns[winner].contents.counted:
                continue
            near = [
                row
                for row in rivals
                if not _plainer(columns[winner], columns[row], name)
                and gain[winner, slot] - gain[row, slot] < CLOSE
                # A list names each number once; what comes again and again is somebody's own.
                and not (
                    name in NUMBER_FIELDS
                    and columns[winner].contents.distinct >= 0.8 > columns[row].contents.distinct
                )
                and not _same(columns[winner].contents, columns[row].contents)
            ]
            if near:
                contests.append(
                    Contest(
                        (columns[winner].position, *(columns[r].position for r in near)), (name,)
                    )
                )
        elif name not in joint and rivals and name != "phone_number":
            best = max(rivals, key=lambda row: gain[row, slot])
            contests.append(Contest((columns[best].position,), (name,)))
    return contests
