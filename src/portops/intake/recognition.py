"""Columns to fields: what a column holds decides, its title gives odds, all are assigned at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from portops.intake.assigning import assign
from portops.intake.contests import Contest, contests_of, fill_gaps, more_numbers
from portops.intake.nearness import name_nearest
from portops.intake.scoring import Column, Recognized, how_seen, in_words, scores_of, without_prefix
from portops.intake.settling import settle
from portops.intake.signers import pair_signers
from portops.intake.staying import moves, stays
from portops.intake.titles import classes, opinion, telling_field
from portops.tables.columns import NUMBER_FIELDS

#: A column about which nothing speaks for anything.
_NOTHING = -3.4

#: The least share of all readings that the chosen one must have.
SURE = 0.5


#: What a request can do without is taken only where the title says it (the log of one half): a
#: date is not the day of the port because nothing else is a date.
_BY_TITLE = frozenset({"target_date", "notes", "notification_emails", "ssn_last4", "request_name"})
_HALF = -0.7


class Recognition(NamedTuple):
    """The reading of all columns of one table, in their order, and what could not be settled."""

    columns: list[Recognized]
    contests: list[Contest]


def _stem(title: str) -> str:
    bare = re.sub(r"[\[(]?\d+(?:st|nd|rd|th)?[\])]?", "", title.strip().casefold(), count=1)
    return bare.strip(" #-_.:()[]")


def _runs(columns: Sequence[Column]) -> dict[int, int]:
    """Give the columns of telephone numbers that go on from the first of them: `Number 2`, ` `."""
    follows: dict[int, int] = {}
    first: dict[tuple[str, tuple[str, ...]], int] = {}
    before: Column | None = None
    for column in columns:
        shares = column.contents.shares
        phones = sum(
            shares.get(kind, 0) for kind in ("phone", "phone_noted", "phones", "phone_range")
        )
        # A column of faulty numbers, or of none, goes on by its title.
        by_title = bool(
            re.search(
                r"(?<![a-z0-9])\d{1,3}(?:st|nd|rd|th)?\b|\d{1,3}[)\]]?$", column.title.strip(), re.I
            )
        )
        if phones < 0.3 and not (by_title and (not shares or shares.get("near_phone", 0) > 0.5)):
            # Letters or counters before the numbers, without a title either, end no list.
            lengths = sorted(len(value) for value in column.contents.values if value)
            if column.title or (lengths and lengths[len(lengths) // 2] > 2):
                before = None
            continue
        key = (_stem(column.title), column.above)
        if by_title and key in first:
            follows[column.position] = first[key]
        elif not column.title and not column.above and before is not None and phones >= 0.3:
            follows[column.position] = follows.get(before.position, before.position)
        elif key[0] and by_title:
            first[key] = column.position
        before = column
    return follows


def recognize(
    columns: Sequence[Column], given: Mapping[str, str] | None = None, taken: Collection[str] = ()
) -> Recognition:
    """Name the field of each column of one table.

    `given` (their title to our field, or `ignore`) settles a column before anything else; fields
    `taken` have a value of their own already. Two columns that fit one field, with nothing to
    choose between them, are a contest: neither is read.
    """
    if not columns:
        return Recognition([], [])
    names = classes()
    decisions = settle(columns, given)
    columns = without_prefix(columns)
    titled, held = scores_of(columns)
    total = titled + held
    fields = [place for place, name in enumerate(names) if not name.startswith("-")]
    # Suite and floor may have a column each.
    fields.append(names.index("street_2"))
    others = [place for place, name in enumerate(names) if name.startswith("-")]
    none = np.maximum(total[:, others].max(axis=1), _NOTHING)
    gain = total[:, fields] - none[:, None]
    gain[:, -1] -= 1.0
    follows = _runs(columns)
    aside = {row for row, view in decisions.items() if view.how == "profile" and not view.field}
    fixed = {row: view.field for row, view in decisions.items() if row not in aside}
    free = gain.copy()
    # What a profile leaves aside is no field, but may still be half of the customer's name.
    whole_names = [s for s, place in enumerate(fields) if names[place] not in _HALVES]
    free[np.ix_(sorted(aside), whole_names)] = -np.inf
    free[[*fixed, *(row for row, c in enumerate(columns) if c.position in follows)]] = -np.inf
    settled = ({name for name in fixed.values() if name} | set(taken)) & set(names)
    for name in settled - set(NUMBER_FIELDS):
        free[:, fields.index(names.index(name))] = -np.inf
    seldom = _seldom(columns, titled)
    free[np.ix_(seldom, _places_of(fields, NUMBER_FIELDS))] = -np.inf
    elsewhere, staying = _elsewhere(columns, gain, fields), _staying(columns)
    free[np.ix_(elsewhere, _places_of(fields, _ADDRESS))] = -np.inf
    free[np.ix_(staying, _places_of(fields, (*NUMBER_FIELDS, "range")))] = -np.inf
    chosen = assign(free)
    result: list[Recognized] = []
    for row, column in enumerate(columns):
        if row in fixed:
            result.append(Recognized(fixed[row], decisions[row].how, 1.0, decisions[row].why))
            continue
        best_other = int(np.array(others)[total[row, others].argmax()])
        other = names[best_other] if total[row, best_other] > _NOTHING else ""
        slot, sure = chosen[row], _sureness(gain[row], chosen, row)
        says = -np.inf if slot is None else titled[row, fields[slot]]
        if slot is None or sure < SURE or (names[fields[slot]] in _BY_TITLE and says < _HALF):
            result.append(Recognized(None, "unknown", sure, other=other))
            continue
        field = names[fields[slot]]
        how = how_seen(says, held[row, fields[slot]], blank=not column.contents.counted)
        result.append(Recognized(field, how, sure, in_words(column, field, how)))
    _follow(columns, result, follows, fixed)
    own = [names[place] for place in fields]
    settled_rows = {*decisions, *staying, *seldom}
    fill_gaps(columns, result, gain, held, own, settled_rows)
    more_numbers(columns, result, settled_rows)
    _under_a_heading_that_moves(columns, result, set(decisions))
    _one_list_with_its_type(result)
    _number_in_the_street(columns, result)
    _street_beside_its_number(columns, result, set(decisions))
    _name_beside_signer(result)
    pair_signers(columns, result, set(decisions))
    _check_range(columns, result)
    for row in aside:
        result[row] = Recognized(None, "profile", 1.0, decisions[row].why, result[row].other)
    name_nearest(columns, result, gain, own)
    settled_rows |= set(elsewhere)
    return Recognition(result, contests_of(columns, result, gain, own, settled_rows))


def _sureness(gain: np.ndarray, chosen: Sequence[int | None], row: int) -> float:
    """Return the share that a column's choice has of all fields that no other column took."""
    slot = chosen[row]
    rivals = [place for place in range(len(gain)) if place not in set(chosen) - {slot}]
    scores = np.append(gain[rivals], 0.0)
    shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    return float(shares[-1] if slot is None else shares[rivals.index(slot)])


def _follow(
    columns: Sequence[Column],
    result: list[Recognized],
    follows: Mapping[int, int],
    fixed: Collection[int],
) -> None:
    """Take `Number 2` and the like for what the first of them is."""
    views = {column.position: view for column, view in zip(columns, result, strict=True)}
    for row, column in enumerate(columns):
        if column.position in follows and row not in fixed:
            result[row] = views[follows[column.position]]


#: The fields of one address, which come from one group of columns.
_ADDRESS = ("street", "street_2", "city", "state", "postal_code", "house_number", "street_name")


def _places_of(fields: Sequence[int], wanted: Sequence[str]) -> list[int]:
    names = classes()
    return [slot for slot, place in enumerate(fields) if names[place] in wanted]


def _elsewhere(columns: Sequence[Column], gain: np.ndarray, fields: Sequence[int]) -> list[int]:
    """Return the columns of the addresses that are not the service address.

    Where two group headings each have a city or the like under them, one group has the address of
    the service, and no part of it comes from the other.
    """
    slots = _places_of(fields, _ADDRESS)
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, column in enumerate(columns):
        best = int(gain[row].argmax())
        named = telling_field(column.title)
        if (column.above or groups) and (
            named in _ADDRESS or (best in slots and gain[row, best] > 0)
        ):
            groups.setdefault(column.above, []).append(row)
    alone = {
        above
        for above, rows in groups.items()
        if any(columns[row].contents.shares.get("whole_address", 0) >= 0.6 for row in rows)
    }
    several = {above: rows for above, rows in groups.items() if len(rows) >= 2 or above in alone}
    if len(several) < 2:
        return []
    best_group = max(
        several,
        key=lambda above: (
            gain[np.ix_(several[above], slots)].max(axis=1).sum()
            # A whole address in one cell is all of its parts.
            + 9.0 * (above in alone)
        ),
    )
    return [row for above, rows in several.items() if above != best_group for row in rows]


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


def _phones(column: Column) -> float:
    shares = column.contents.shares
    return max(shares.get("phone", 0.0), shares.get("phones", 0.0), shares.get("phone_noted", 0.0))


#: A heading of one word over columns of numbers, and what it says of them.
_MOVES = re.compile(
    r"(?i)\W*(?:moves?|moving|ports?|porting|ported|transfers?|transferring|migrat\w+|in scope)\W*"
)


def _is_gaining(column: Column) -> bool:
    logs = opinion(column.title, column.above).logs
    return float(np.exp(logs[classes().index("-gaining")])) >= 0.3


def _staying(columns: Sequence[Column]) -> list[int]:
    """Return the columns whose group heading says that their numbers stay."""
    return [row for row, column in enumerate(columns) if any(map(stays, column.above))]


def _seldom(columns: Sequence[Column], titled: np.ndarray) -> list[int]:
    """Return the columns of numbers that few rows fill, and whose title hardly says that they move.

    The list itself has a number in nearly every row.
    """
    most = max((column.contents.counted for column in columns), default=0)
    slots = [classes().index(name) for name in NUMBER_FIELDS]
    return [
        row
        for row, column in enumerate(columns)
        if most >= 4
        and _phones(column) >= 0.5
        and column.contents.counted < 0.4 * most
        and titled[row, slots].max() < _HALF
        and column.title
    ]


def _under_a_heading_that_moves(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Take all numbers under a heading such as `Lines - all of these move` for numbers that move."""
    for row, column in enumerate(columns):
        stay = row in fixed or any(map(stays, column.above))
        if stay or result[row].field in {"range", "landline_numbers", "wireless_numbers"}:
            continue
        says = any(moves(text) or _MOVES.fullmatch(text) for text in (*column.above, column.title))
        if says and _phones(column) >= 0.5 and not _is_gaining(column):
            result[row] = Recognized("phone_number", "both", 0.9, "the heading says that they move")


def _one_list_with_its_type(result: list[Recognized]) -> None:
    """Take `Cell no.` for a telephone number of any type where another column has the type."""
    lists = [row for row, view in enumerate(result) if view.field in NUMBER_FIELDS]
    if len(lists) == 1 and any(view.field == "line_type" for view in result):
        view = result[lists[0]]
        if view.how not in {"given", "profile"}:
            result[lists[0]] = view._replace(field="phone_number")


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


def _number_in_the_street(columns: Sequence[Column], result: list[Recognized]) -> None:
    """Leave a column of house numbers alone where the street's cells have theirs: a store's number."""
    streets = [c for c, view in zip(columns, result, strict=True) if view.field == "street"]
    if any(c.contents.shares.get("street", 0.0) >= 0.6 for c in streets):
        for row, view in enumerate(result):
            if view.field == "house_number" and view.how not in {"given", "profile"}:
                result[row] = view._replace(field=None, how="unknown", other="-internal")


_HALVES = frozenset({"first_name", "last_name"})


def _name_beside_signer(result: list[Recognized]) -> None:
    """Take first and last name for the customer's where the signer has a column of his own."""
    if not any(view.field == "authorized_name" for view in result):
        return
    halves = {view.field for view in result} >= _HALVES
    least = min((v.confidence for v in result if v.field in _HALVES), default=0.0)
    for place, view in enumerate(result):
        if not halves or view.field != "authorized_name":
            continue
        if view.how == "contents" or (view.how == "words" and view.confidence < least - 0.1):
            # Both halves have titles that say so; this one only looks like a name.
            result[place] = view._replace(field=None, how="unknown")
            return
    for place, view in enumerate(result):
        if view.field in _HALVES and view.how not in {"given", "profile"}:
            result[place] = view._replace(field=None, other=f"customer_{view.field}")
