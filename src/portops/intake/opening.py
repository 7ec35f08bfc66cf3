"""One workbook to its reading: with the profile that it fits, and hidden sheets where all is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.errors import InputError
from portops.intake import profiles
from portops.intake.cells import even
from portops.intake.grids import grids, of_rows
from portops.intake.reading import read_grids
from portops.intake.settling import CONTENTS, Settled, fold_title
from portops.results.profile import Profile, ProfileUse
from portops.wording import counted

if TYPE_CHECKING:
    from portops.intake.sources import ReadOptions
    from portops.results.original import Grid, Original
    from portops.results.reading import Reading

#: Titles, folded: as they are written, and their field.
Titles = Mapping[str, tuple[str, str | None]]


def opened(original: Original, options: ReadOptions) -> Original:
    """Return a source that reads its cells by its kind: a file's, or a table's own."""
    if original.suffix or original.path or original.data is not None:
        return replace(original, grids=lambda: grids(original, options.sheet))
    table = original.grids
    return replace(original, grids=lambda: [replace(grid, file=original.name) for grid in table()])


def with_every_sheet(original: Original) -> Original:
    """Return a workbook that reads the cells of its hidden sheets as well."""
    return replace(original, grids=lambda: every_sheet(original, original.grids()))


def read_original(original: Original, options: ReadOptions) -> Reading:
    """Read one workbook; raises InputError when it has no numbers, shown or hidden.

    Hidden sheets are read only where the others have no numbers, which a notice says.
    """
    sheets = original.grids()
    failure: InputError | None = None
    reading: Reading | None = None
    try:
        reading = _read_sheets(sheets, options)
    except InputError as error:
        failure = error
    unseen = [] if options.sheet is not None else [grid for grid in sheets if not grid.shown]
    if unseen and (reading is None or not _numbered(reading)):
        with_hidden = _read_hidden(original, sheets, options)
        if with_hidden is not None:
            return with_hidden
    if reading is None:
        assert failure is not None  # noqa: S101 - one of the two is there
        raise failure
    return replace(reading, originals=(original,))


def _numbered(reading: Reading) -> bool:
    return bool(reading.numbers["number_text"].notna().any())


def every_sheet(original: Original, sheets: Sequence[Grid]) -> list[Grid]:
    """Return the sheets with the cells of those that are hidden."""
    every: list[Grid] = []
    for grid in sheets:
        try:
            every += [grid] if grid.shown else grids(original, grid.sheet)
        except InputError:
            # A sheet of charts has no cells.
            every.append(grid)
    return every


def _read_hidden(
    original: Original, sheets: Sequence[Grid], options: ReadOptions
) -> Reading | None:
    """Read a workbook with its hidden sheets; None where they have no numbers either."""
    try:
        reading = _read_sheets(every_sheet(original, sheets), options)
    except InputError:
        return None
    if not _numbered(reading):
        return None
    hidden = {grid.sheet for grid in sheets if not grid.shown}
    read = [sheet for sheet in reading.sheets if sheet.read and sheet.sheet in hidden]
    told = pd.DataFrame(
        [
            {
                "code": "workbook.hidden_rows",
                "file": sheet.file,
                "sheet": sheet.sheet,
                "row": 1,
                "cell": f"{sheet.sheet}!A1",
                "value": sheet.sheet,
                "message": f"The sheet '{sheet.sheet}' is hidden and holds {counted(sheet.rows, 'row')}, "
                "and no sheet that shows has numbers. Its rows are checked and would be submitted; "
                "show the sheet, or send a workbook without it.",
            }
            for sheet in read
        ]
    )
    notices = told if reading.notices is None else pd.concat([told, reading.notices])
    return replace(
        reading,
        originals=(with_every_sheet(original),),
        notices=notices.reset_index(drop=True),
        sheets=tuple(
            sheet._replace(why="hidden; no sheet that shows has numbers")
            if sheet in read
            else sheet
            for sheet in reading.sheets
        ),
    )


def _read_sheets(sheets: Sequence[Grid], options: ReadOptions) -> Reading:
    """Read sheets with the profile that is named, or that they fit."""
    if not options.profiles:
        given = {**options.usual, **options.given}
        return read_grids(sheets, given=given, fill=options.fill)
    file = sheets[0].file if sheets else ""
    titles = _titles(sheets, options)
    profile: Profile | None = options.profiles[0]
    use: ProfileUse | None = None
    if not options.named:
        profile, use = profiles.find(options.profiles, titles, file)
    if profile is None:
        given = {**options.usual, **options.given}
        reading = read_grids(sheets, given=given, fill=options.fill)
        return reading if use is None else replace(reading, profiles=(use,))
    return _read_with(profile, sheets, options, titles)


def _titles(sheets: Sequence[Grid], options: ReadOptions) -> Titles:
    """Return the titles of a workbook as its first rows are read without a profile.

    Where nothing is recognized, every text of the first rows may be a title that a profile has.
    """
    first = [
        replace(of_rows(grid.file, grid.sheet, even(grid.head, "")), shown=grid.shown)
        for grid in sheets
    ]
    try:
        reading = read_grids(first, given={**options.usual, **options.given}, fill=options.fill)
    except InputError:
        titles = {
            fold_title(title): title for profile in options.profiles for title in profile.titles
        }
        texts = {
            fold_title(cell)
            for grid in first
            for row in grid.head
            for cell in row
            if isinstance(cell, str)
        }
        return {folded: (title, None) for folded, title in titles.items() if folded in texts}
    return profiles.titles_in(reading.mapping)


def _read_with(
    profile: Profile, sheets: Sequence[Grid], options: ReadOptions, plain: Titles
) -> Reading:
    """Read sheets with a profile, and say what of it the workbook has not, and what is new."""
    learned = profile.titles
    settled = {fold_title(title) for title, name in learned.items() if name != CONTENTS}
    usual = {
        title: name for title, name in options.usual.items() if fold_title(title) not in settled
    }
    given = Settled({**usual, **options.given}, learned, profile.name)
    # Values that were kept for one sender must not fill in anybody's workbook by themselves.
    held = not options.named and profiles.is_anybodys(profile)
    kept = {name: value for name, value in profile.fill.items() if name not in options.fill}
    fill = {**({} if held else kept), **options.fill}
    reading = read_grids(sheets, given=given, fill=fill)
    own = profiles.titles_in(reading.mapping)
    fit = profiles.compare(profile, own)
    new = tuple(
        (title, name or plain.get(fold_title(title), ("", None))[1]) for title, name in fit.new
    )
    texts = tuple(f"{name}={value}" for name, value in kept.items())
    use = ProfileUse(
        file=sheets[0].file,
        name=profile.name,
        chosen="named" if options.named else "found",
        applied=True,
        gone=fit.gone,
        new=new,
        shape=profile.shape,
        shape_now=profiles.shape_of(reading.sheets),
        set=() if held else texts,
        unset=texts if held else (),
    )
    return replace(reading, profiles=(use,), fields=_with_filled(reading.fields, fill))


def _with_filled(fields: pd.DataFrame, fill: Mapping[str, Any]) -> pd.DataFrame:
    """Count what a profile fills in as a field of every sheet with numbers."""
    if fields is None or not fill:
        return fields
    filled = fields.drop(columns="field").drop_duplicates()
    filled = filled.merge(pd.DataFrame({"field": list(fill)}, dtype=object), how="cross")
    return pd.concat([fields, filled], ignore_index=True).drop_duplicates()
