"""Columns to fields: what a column holds decides, its title gives odds, all are assigned at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from portops.intake.assigning import assign
from portops.intake.companions import HALVES, settle_beside
from portops.intake.contests import Contest, contests_of, fill_gaps
from portops.intake.lists import more_numbers, share_of_numbers
from portops.intake.nearness import name_nearest
from portops.intake.scoring import Column, Recognized, how_seen, in_words, scores_of, without_prefix
from portops.intake.settling import Decision, settle
from portops.intake.staying import stays
from portops.intake.titles import classes, telling_field
from portops.tables.columns import NUMBER_FIELDS

#: A column about which nothing speaks for anything.
_NOTHING = -3.4

#: The least share of all readings that the chosen one must have.
SURE = 0.5


#: What a request can do without is taken only where the title says it (the log of the share it must say): a
#: date is not the day of the port because nothing else is a date.
_HALF = -0.7
_LEAST = dict.fromkeys(("notes", "notification_emails", "ssn_last4", "request_name"), _HALF) | {
    "target_date": _HALF
}


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
    seldom, staying = _seldom(columns, titled), _staying(columns)
    elsewhere = _elsewhere(columns, gain, fields)
    free = gain.copy()
    # What a profile leaves aside is no field, but may still be half of the customer's name.
    whole_names = [s for s, place in enumerate(fields) if names[place] not in HALVES]
    free[np.ix_(sorted(aside), whole_names)] = -np.inf
    free[[*fixed, *(row for row, c in enumerate(columns) if c.position in follows)]] = -np.inf
    settled = ({name for name in fixed.values() if name} | set(taken)) & set(names)
    taken_slots = [fields.index(names.index(name)) for name in settled - set(NUMBER_FIELDS)]
    free[:, taken_slots] = -np.inf
    free[np.ix_([*seldom, *staying], _places_of(fields, (*NUMBER_FIELDS, "range")))] = -np.inf
    free[np.ix_(elsewhere, _places_of(fields, _ADDRESS))] = -np.inf
    chosen = assign(free)
    result = _readings(columns, decisions, fixed, chosen, _Scores(titled, held, gain, fields))
    _follow(columns, result, follows, fixed)
    own = [names[place] for place in fields]
    untouched = {*decisions, *staying, *seldom}
    fill_gaps(columns, result, gain, held, own, untouched)
    more_numbers(columns, result, untouched)
    settle_beside(columns, result, set(decisions))
    for row in aside:
        result[row] = Recognized(None, "profile", 1.0, decisions[row].why, result[row].other)
    name_nearest(columns, result, gain, own)
    untouched |= set(elsewhere)
    return Recognition(result, contests_of(columns, result, gain, own, untouched))


class _Scores(NamedTuple):
    """What titles and contents say of each column and class, and its gain in each slot of `fields`."""

    titled: np.ndarray
    held: np.ndarray
    gain: np.ndarray
    fields: list[int]


def _readings(
    columns: Sequence[Column],
    decisions: Mapping[int, Decision],
    fixed: Mapping[int, str | None],
    chosen: Sequence[int | None],
    scores: _Scores,
) -> list[Recognized]:
    """Make readings of what was settled and of what was assigned, where it is sure enough."""
    names, (titled, held, gain, fields) = classes(), scores
    others = np.array([place for place, name in enumerate(names) if name.startswith("-")])
    result: list[Recognized] = []
    for row, column in enumerate(columns):
        if row in fixed:
            result.append(Recognized(fixed[row], decisions[row].how, 1.0, decisions[row].why))
            continue
        against = (titled + held)[row, others]
        other = names[others[against.argmax()]] if against.max() > _NOTHING else ""
        slot, sure = chosen[row], _sureness(gain[row], chosen, row)
        says = -np.inf if slot is None else titled[row, fields[slot]]
        if slot is None or sure < SURE or says < _LEAST.get(names[fields[slot]], -np.inf):
            result.append(Recognized(None, "unknown", sure, other=other))
            continue
        field = names[fields[slot]]
        how = how_seen(says, held[row, fields[slot]], blank=not column.contents.counted)
        result.append(Recognized(field, how, sure, in_words(column, field, how)))
    return result


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
        and share_of_numbers(column) >= 0.5
        and column.contents.counted < 0.4 * most
        and titled[row, slots].max() < _HALF
        and column.title
    ]
