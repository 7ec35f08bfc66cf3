"""Profiles of senders: what to keep of a workbook that was read, and whether another one fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from portops.errors import InputError
from portops.intake.settling import CONTENTS, IGNORE, fold_title
from portops.redaction import Secret
from portops.results.profile import Profile, ProfileUse
from portops.tables.columns import FIELDS, NUMBER_FIELDS, SECRET_FIELDS

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.checked import Checked
    from portops.results.reading import Sheet

#: So much of a profile's titles must be there for it to be found by itself, and of the workbook's.
ENOUGH, OF_THEIRS = 0.9, 0.75

#: From so much on, a profile that does not fit is named.
NEAR = 0.6

_NEEDED = frozenset({*(n for n, f in FIELDS.items() if f.needed != "never"), *NUMBER_FIELDS})

_STREET = frozenset(name for name, field in FIELDS.items() if field.part_of == "street")


def _own(mapping: pd.DataFrame) -> pd.DataFrame:
    """Return the columns and labels of a mapping that have a title of their own."""
    own = mapping[~mapping["derived"].astype(bool)]
    titled = own["header"].ne("column " + own["letter"]) & own["header"].map(fold_title).ne("")
    return own[titled]


def titles_in(mapping: pd.DataFrame) -> dict[str, tuple[str, str | None]]:
    """Return the titles of a workbook, folded: as they are written, and their field."""
    own = _own(mapping)
    titles: dict[str, tuple[str, str | None]] = {}
    for header, name in own[["header", "field"]].itertuples(index=False, name=None):
        words = " ".join(str(header).split())
        titles.setdefault(fold_title(words), (words, name if isinstance(name, str) else None))
    return titles


def shape_of(sheets: Iterable[Sheet]) -> str:
    """Name how the tables of a workbook lie."""
    return ", ".join(dict.fromkeys(sheet.shape for sheet in sheets if sheet.read and sheet.shape))


def learn(checked: Checked, name: str) -> Profile:
    """Return the profile of the workbook that was checked.

    Raises InputError for several workbooks, a secret that `--set` gave, or a column that nobody
    could tell: what is not settled must not become a rule.
    """
    if len(checked.workbooks) != 1:
        raise InputError(
            f"A profile is how one workbook was read, and {len(checked.workbooks)} were checked.",
            "Check one workbook of this sender alone, with --learn.",
        )
    for field in checked.fill:
        if field in SECRET_FIELDS:
            raise InputError(
                f"--set gave {FIELDS[field].label}, which is a secret and is never kept in a profile.",
                f"Leave out --set {field}=… when you keep a profile.",
            )
    open_ones = checked.findings[checked.findings["code"] == "workbook.column_ambiguous"]
    if len(open_ones):
        first = open_ones.iloc[0]
        raise InputError(
            f"Profile '{name}' was not kept: {first['message']}",
            f"Add {first['suggestion']}, then keep the profile.",
        )
    if not set(checked.mapping["field"]) & set(NUMBER_FIELDS):
        raise InputError(
            f"Profile '{name}' was not kept: no column of phone numbers was recognized.",
            'Name it with --map "Their Header=phone_number", then keep the profile.',
        )
    own = _own(checked.mapping)
    hand = {fold_title(title) for title in checked.given}
    columns = {
        title: field
        for title, field in _settled_by_title(own).items()
        if fold_title(title) not in hand
    }
    # Without a title a column is named by its letter, which says nothing of the next workbook.
    untitled = set(checked.mapping["header"]) - set(own["header"])
    given = {
        " ".join(title.split()): field
        for title, field in checked.given.items()
        if title not in untitled
    }
    return Profile(
        name=name,
        columns=columns,
        given=given,
        fill={field: str(value) for field, value in checked.fill.items()},
        shape=shape_of(checked.sheets),
    )


def _settled_by_title(own: pd.DataFrame) -> dict[str, str]:
    """Return each title's field; `contents` where one title, or one field, has several columns."""
    name = own["field"].where(own["field"].notna(), IGNORE)
    # The labels of a block are one table, wherever each of them is.
    row = own["header_row"].where(own["value_row"].eq(0), -1)
    rows = own.assign(name=name, row=row, folded=own["header"].map(fold_title))
    place = ["file", "sheet", "row"]
    alone = name.eq(IGNORE) | name.isin(NUMBER_FIELDS)
    unclear = rows.duplicated([*place, "name"], keep=False) & ~alone
    # Beside its parts, a street is the rest of them, such as its direction.
    parts = rows.assign(part=name.isin(_STREET)).groupby(place)["part"].transform("any")
    rows["name"] = rows["name"].where(~(unclear | (parts & name.eq("street"))), CONTENTS)
    columns = {}
    for _, group in rows.groupby("folded", sort=False):
        names = set(group["name"])
        title = " ".join(str(group["header"].iloc[0]).split())
        columns[title] = names.pop() if len(names) == 1 else CONTENTS
    return columns


class Fit(NamedTuple):
    """How a profile fits titles: those it misses, those that are new, and its share of all."""

    profile: Profile
    gone: tuple[str, ...]
    new: tuple[tuple[str, str | None], ...]
    share: float
    fits: bool


def compare(profile: Profile, titles: Mapping[str, tuple[str, str | None]]) -> Fit:
    """Compare a profile with the titles of a workbook, as they would be read without it."""
    own = {fold_title(title): title for title in profile.titles}
    fields = set(profile.titles.values())
    gone = tuple(title for folded, title in own.items() if folded not in titles)
    new = tuple(view for folded, view in titles.items() if folded not in own)
    there = len(own) - len(gone)
    both = len(own) + len(new)
    contradicts = any(name in _NEEDED and name in fields for _, name in new)
    fits = bool(own) and there >= ENOUGH * len(own) and there >= OF_THEIRS * len(titles)
    return Fit(profile, gone, new, there / both if both else 0.0, fits and not contradicts)


def is_anybodys(profile: Profile) -> bool:
    """Tell whether all titles are our own, as in the template: then they name no sender."""
    labels = {fold_title(word) for field in FIELDS.values() for word in (field.name, field.label)}
    return all(fold_title(title) in labels for title in profile.titles)


def _alike(fits: Sequence[Fit]) -> bool:
    """Tell whether profiles read and fill a workbook in the same way."""
    ways = [
        (
            {fold_title(title): name for title, name in fit.profile.titles.items()},
            dict(fit.profile.fill),
        )
        for fit in fits
    ]
    return all(way == ways[0] for way in ways)


def find(
    profiles: Sequence[Profile], titles: Mapping[str, tuple[str, str | None]], file: str
) -> tuple[Profile | None, ProfileUse | None]:
    """Find the profile that fits a workbook's titles; else say which one comes near."""
    fits = sorted((compare(one, titles) for one in profiles), key=lambda fit: -fit.share)
    fitting = [fit for fit in fits if fit.fits]
    if fitting:
        best = [fit for fit in fitting if fit.share == fitting[0].share]
        if len(best) > 1 and not _alike(best):
            names = [fit.profile.name for fit in best]
            use = ProfileUse(
                file=file, name=names[0], chosen="found", applied=False, rivals=tuple(names[1:])
            )
            return None, use
        return best[0].profile, None
    near = next((fit for fit in fits if not is_anybodys(fit.profile)), None)
    if near is not None and near.share >= NEAR:
        return None, ProfileUse(
            file=file,
            name=near.profile.name,
            chosen="found",
            applied=False,
            gone=near.gone,
            new=near.new,
        )
    return None, None


class Decided(TypedDict):
    """What was decided by hand, now or when the profile was kept."""

    given: Mapping[str, str]
    fill: Mapping[str, str | Secret]


def decided(
    kept: Sequence[Profile],
    uses: Sequence[ProfileUse],
    given: Mapping[str, str],
    fill: Mapping[str, str],
) -> Decided:
    """Return what `--map` and `--set` gave, with what a profile that was used had of them before."""
    used = {use.name for use in uses if use.applied}
    held = {text.partition("=")[0] for use in uses for text in use.unset}
    names: dict[str, str] = {}
    values: dict[str, str] = {}
    for profile in kept:
        if profile.name in used:
            names |= profile.given
            values |= {name: value for name, value in profile.fill.items() if name not in held}
    values |= fill
    hidden = {
        name: Secret(text) if name in SECRET_FIELDS else text for name, text in values.items()
    }
    return {"given": {**names, **given}, "fill": hidden}
