"""Columns to fields: what a column holds decides, its title gives odds, all are assigned at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from portops.facts.places import fold_city, places
from portops.intake.assigning import assign
from portops.intake.contents import Contents
from portops.intake.fitting import fit
from portops.intake.given import settle
from portops.intake.nearness import name_nearest
from portops.intake.titles import classes, opinion, readings, telling_words
from portops.tables.columns import FIELDS, NUMBER_FIELDS, simplify, synonyms

#: A column about which nothing speaks for anything.
_NOTHING = -3.4

#: The least share of all readings that the chosen one must have.
SURE = 0.5

#: Two columns for one field whose scores lie closer than this are not settled.
CLOSE = 1.4

_FLOOR = -6.5

#: From here on the contents speak for a field plainly; and what faulty contents count at least.
_PLAIN, _FAULTY = 2.5, -0.8


class Column(NamedTuple):
    """A column to recognize: where it is, its title, the headings over it, and what it holds."""

    position: int
    title: str
    above: tuple[str, ...]
    contents: Contents


class Recognized(NamedTuple):
    """One column: its field (None: none), how that was seen, how sure it is (0 to 1), and in words.

    `other` names what it is where it is no field of a port request, such as `-device`; `near` is
    the field that a column without one comes nearest to, `secret` that it may be one.
    """

    field: str | None
    how: str
    confidence: float
    why: str = ""
    other: str = ""
    near: str = ""
    secret: bool = False


class Contest(NamedTuple):
    """Columns of which nobody can tell which is the field: their positions, and what they may be."""

    positions: tuple[int, ...]
    fields: tuple[str, ...]


class Recognition(NamedTuple):
    """The reading of all columns of one table, in their order, and what could not be settled."""

    columns: list[Recognized]
    contests: list[Contest]


def _city_support(columns: Sequence[Column]) -> dict[int, float]:
    """Give the columns whose values are cities of the ZIP codes beside them, with the share of rows."""
    zips = [c for c in columns if c.contents.shares.get("zip5", 0) + c.contents.shares.get("zip4", 0) > 0.6]
    towns = [
        c for c in columns
        if c.contents.shares.get("words", 0) > 0.6 and c.contents.shares.get("digits", 0) == 0
    ]
    support: dict[int, float] = {}
    for zip_column in zips:
        codes = [value[:5].zfill(5) for value in zip_column.contents.values]
        there = places(code for code in codes[:60] if code.isdigit())
        if not there:
            continue
        for town in towns:
            pairs = [
                fold_city(name) in there[code].cities
                for name, code in zip(town.contents.values[:60], codes[:60], strict=False)
                if name and code in there
            ]
            if len(pairs) >= 1:
                share = sum(pairs) / len(pairs)
                support[town.position] = max(support.get(town.position, 0.0), share)
    return support


def _scores(columns: Sequence[Column]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each column and class what the title says, and what the contents say."""
    names = classes()
    said = np.array([np.maximum(opinion(c.title, c.above).logs, _FLOOR) for c in columns])
    held = np.array([fit(c.contents) for c in columns])
    for row, column in enumerate(columns):
        if column.contents.counted <= 2:
            # One faulty value under a plain title is a fault, and not another field.
            held[row] = np.maximum(held[row], -2.0)
    support = _city_support(columns)
    for row, column in enumerate(columns):
        share = support.get(column.position, 0.0)
        if share >= 0.5:
            held[row, names.index("city")] += 2.5 * share
        if not column.title and not column.above:
            # Numbers without a title are the list itself.
            said[row, names.index("phone_number")] += 1.8
        joint = simplify(" ".join((*column.above, column.title)))
        word = synonyms().get(joint) or synonyms().get(simplify(column.title))
        if word is not None and word in names:
            # The words of the list of columns are meant as they stand.
            said[row, names.index(word)] = max(said[row, names.index(word)], -0.35)
            if held[row].max() < _PLAIN:
                # What holds nothing in particular under such a title are faults to find.
                slot = names.index(word)
                held[row, slot] = max(held[row, slot], _FAULTY)
                said[row, np.arange(len(names)) != slot] -= 1.5
    return said, held


def _stem(title: str) -> str:
    bare = re.sub(r"[\[(]?\d+[\])]?$|^\d+(?:st|nd|rd|th)\b", "", title.strip().casefold())
    return bare.strip(" #-_.:()[]")


def _runs(columns: Sequence[Column]) -> dict[int, int]:
    """Give the columns of telephone numbers that go on from the first of them: `Number 2`, ` `."""
    follows: dict[int, int] = {}
    first: dict[tuple[str, tuple[str, ...]], int] = {}
    before: Column | None = None
    for column in columns:
        shares = column.contents.shares
        phones = sum(shares.get(kind, 0) for kind in ("phone", "phone_noted", "phones", "phone_range"))
        # A column of faulty numbers, or of none, goes on by its title.
        by_title = bool(re.search(r"\d+[)\]]?$|^\d+(?:st|nd|rd|th)\b", column.title.strip()))
        if phones < 0.3 and not (by_title and (not shares or shares.get("near_phone", 0) > 0.5)):
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


def _how(said: float, held: float, nothing_held: bool) -> str:
    if nothing_held:
        return "words"
    if said > -1.2 and held > 0.8:
        return "both"
    return "words" if said > -1.2 else "contents"


def _why(column: Column, field: str, how: str) -> str:
    words = telling_words(column.title, field, column.above)
    title = "its title says " + ", ".join(f"'{word}'" for word in words) if words else ""
    shares = sorted(column.contents.shares.items(), key=lambda pair: -pair[1])
    kinds = [name.replace("_", " ") for name, share in shares if share >= 0.5][:2]
    holds = "it holds " + " and ".join(kinds) if kinds and how != "words" else ""
    return "; ".join(part for part in (title, holds) if part)


def recognize(  # noqa: PLR0914 - one pass over one matrix
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
    said, held = _scores(columns)
    total = said + held
    fields = [place for place, name in enumerate(names) if not name.startswith("-")]
    # Suite and floor may have a column each.
    fields.append(names.index("street_2"))
    others = [place for place, name in enumerate(names) if name.startswith("-")]
    none = np.maximum(total[:, others].max(axis=1), _NOTHING)
    gain = total[:, fields] - none[:, None]
    gain[:, -1] -= 1.0
    follows = _runs(columns)
    place_of = {column.position: row for row, column in enumerate(columns)}
    fixed = settle(columns, given or {})
    free = gain.copy()
    for row in fixed:
        free[row] = -np.inf
    for row, column in enumerate(columns):
        if column.position in follows:
            free[row] = -np.inf
    for name in {name for name in fixed.values() if name} | set(taken):
        if name in names and name not in NUMBER_FIELDS:
            free[:, fields.index(names.index(name))] = -np.inf
    chosen = assign(free)
    result: list[Recognized] = []
    for row, column in enumerate(columns):
        if row in fixed:
            result.append(Recognized(fixed[row], "given", 1.0, "as given"))
            continue
        slot = chosen[row]
        rivals = [s for s in range(len(fields)) if s == slot or s not in {c for c in chosen if c is not None}]
        scores = np.append(gain[row, rivals], 0.0)
        shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        best_other = int(np.array(others)[total[row, others].argmax()])
        other = names[best_other] if total[row, best_other] > _NOTHING else ""
        if slot is None:
            result.append(Recognized(None, "unknown", float(shares[-1]), other=other))
            continue
        sure = float(shares[rivals.index(slot)])
        field = names[fields[slot]]
        how = _how(said[row, fields[slot]], held[row, fields[slot]], column.contents.counted == 0)
        if sure < SURE:
            result.append(Recognized(None, "unknown", sure, other=other))
            continue
        result.append(Recognized(field, how, sure, _why(column, field, how)))
    for position, lead in follows.items():
        row = place_of[position]
        if row not in fixed:
            result[row] = result[place_of[lead]]
    _fill_gaps(columns, result, gain, held, [names[place] for place in fields], set(fixed))
    _name_beside_signer(result)
    own = [names[place] for place in fields]
    name_nearest(columns, result, gain, own)
    contests = _contests(columns, result, gain, own, set(fixed))
    return Recognition(result, contests)


#: From so many points on, what a column holds is enough where its field has no other column.
_PLAIN = 1.7

#: What decides by its contents alone, in the order in which it does.
_BY_CONTENTS = ("phone_number", "email", "postal_code", "state", "statement", "line_type",
                "customer_type", "street", "city", "losing_carrier", "account_number",
                "authorized_name", "customer_name")


def _fill_gaps(  # noqa: PLR0913, PLR0917 - the matrices of one table
    columns: Sequence[Column], result: list[Recognized], gain: np.ndarray, held: np.ndarray,
    names: list[str], fixed: Collection[int],
) -> None:
    """Give a field without a column the one column that holds its kind of value and is nothing else."""
    order = classes()
    for name in _BY_CONTENTS:
        taken = {view.field for view in result}
        if name in taken or (name == "phone_number" and taken & set(NUMBER_FIELDS)):
            continue
        if name == "authorized_name" and taken & {"first_name", "last_name"}:
            continue
        if name == "street" and taken & {"street_name", "house_number"}:
            continue
        slot, place = names.index(name), order.index(name)
        free = [
            row
            for row, view in enumerate(result)
            if view.field is None and row not in fixed and columns[row].contents.counted
            and held[row, place] >= _PLAIN and not _settled_by_title(columns[row])
            and held[row, place] >= held[row].max() - 1.2
        ]
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
        result[best] = Recognized(name, "contents", 0.6, _why(columns[best], name, "contents"))


def _name_beside_signer(result: list[Recognized]) -> None:
    """Take first and last name for the customer's where the signer has a column of his own."""
    if not any(view.field == "authorized_name" for view in result):
        return
    for place, view in enumerate(result):
        if view.field in {"first_name", "last_name"} and view.how != "given":
            result[place] = view._replace(field=None, other=f"customer_{view.field}")


#: Fields that a request cannot do without; a wrong one is submitted and refused.
_NEEDED = ("phone_number", "account_number", "customer_name", "authorized_name", "email", "street",
           "city", "state", "postal_code", "pin", "line_type", "customer_type", "statement")


def _same(left: Contents, right: Contents) -> bool:
    """Tell whether two columns hold the same, so that it does not matter which is read."""
    pairs = [
        (re.sub(r"\W", "", a).casefold(), re.sub(r"\W", "", b).casefold())
        for a, b in zip(left.values, right.values, strict=False) if a and b
    ]
    return bool(pairs) and all(a == b for a, b in pairs)


_PORTING = frozenset("port ported porting transfer move moving migrate scope".split())  # noqa: SIM905 - a table of words


def _plainer(winner: Column, rival: Column, name: str) -> bool:
    """Tell whether the winner's title says that its numbers move, and the rival's does not."""
    if name not in NUMBER_FIELDS:
        return False
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
_APART = ("-gaining", "-contact_phone", "-billing_address", "-person", "-device", "-extension", "-internal")


def _contests(
    columns: Sequence[Column], result: list[Recognized], gain: np.ndarray, names: list[str],
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
            if column.field is None and row not in fixed and columns[row].contents.counted
            and not _settled_by_title(columns[row]) and gain[row, slot] > -0.4
        ]
        if winner is not None:
            if not columns[winner].contents.counted:
                continue
            near = [
                row for row in rivals
                if not _plainer(columns[winner], columns[row], name) and gain[winner, slot] - gain[row, slot] < CLOSE
                and not _same(columns[winner].contents, columns[row].contents)
            ]
            if near:
                contests.append(Contest((columns[winner].position, *(columns[r].position for r in near)), (name,)))
        elif name not in joint and rivals and name != "phone_number":
            best = max(rivals, key=lambda row: gain[row, slot])
            contests.append(Contest((columns[best].position,), (name,)))
    return contests
