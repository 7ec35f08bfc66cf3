"""Sources to NUMBERS as written: files, bytes, open files and tables, one or several as a batch."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, cast

import pandas as pd

from portops.errors import InputError
from portops.intake.folders import workbooks_in
from portops.intake.grids import of_table
from portops.intake.opening import opened
from portops.intake.pool import Tell, read_all
from portops.intake.settling import IGNORE, fold_title
from portops.results.original import Original
from portops.results.reading import FileRead, Reading
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    from portops.results.profile import Profile


class Table(Protocol):
    """A DataFrame, as the type checkers of callers see it.

    pandas brings no types: only pandas-stubs does, which callers need not have. Without it,
    `pd.DataFrame` is `Any`, a union with `Any` takes everything, and `portops.check(3)` would pass.
    """

    @property
    def columns(self) -> object:
        """The headers."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""


#: Whatever can be checked: a file's name, its bytes, an open binary file, or a DataFrame.
Source: TypeAlias = str | Path | Table | bytes | BinaryIO

_KINDS = "a file's name, a DataFrame, bytes or a file that is open in binary mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read.

    `sheet` reads one sheet only; `given` maps their headers to our fields, and each header must be
    there; `usual` does the same for headers that some workbooks have; `fill` gives fields a value
    where they are blank. `profiles` are those of senders: each workbook is read with the one that
    it fits, or, where they are `named`, with the first whatever it fits.
    """

    sheet: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)
    profiles: Sequence[Profile] = ()
    named: bool = False


def _kind_of(data: bytes) -> str:
    """Tell the kind of a workbook by its content, as a file's suffix."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return ".xls"
    if data[:4] != b"PK\x03\x04":
        return ".csv"
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = set(package.namelist())
    except zipfile.BadZipFile:
        return ".xlsx"
    if "xl/workbook.bin" in names:
        return ".xlsb"
    return ".ods" if "content.xml" in names else ".xlsx"


def _name_of(file: object) -> str:
    name = getattr(file, "name", None)
    return name if isinstance(name, str) and name else "upload"


def _original(source: Source, options: ReadOptions) -> Original:
    """Wrap one source, whatever it is; raises InputError for what is none."""
    if isinstance(source, pd.DataFrame):
        if options.sheet is not None:
            raise InputError(
                f"A table has no sheets, and the sheet '{options.sheet}' is asked for.",
                "Leave `sheet` out, or check the workbook itself.",
            )
        table = source
        return Original(name="table", grids=lambda: [of_table(table)])
    if isinstance(source, (str, Path)):
        path = Path(source)
        return Original(name=str(source), suffix=path.suffix.lower(), path=path)
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
        return Original(name="upload", suffix=_kind_of(data), data=data)
    if hasattr(source, "read"):
        data = source.read()
        if isinstance(data, bytes):
            return Original(name=_name_of(source), suffix=_kind_of(data), data=data)
        raise InputError(
            f"{_name_of(source)} is open as text.", "Open it in binary mode: open(name, 'rb')."
        )
    raise InputError(f"{source!r} is no workbook.", f"Give {_KINDS}.")


def _distinct(originals: Sequence[Original]) -> list[Original]:
    """Give tables and uploads of one name a number each, so that findings tell them apart."""
    seen: dict[str, int] = {}
    named = []
    for original in originals:
        count = seen[original.name] = seen.get(original.name, 0) + 1
        if count > 1 and original.path is not None:
            raise InputError(f"{original.name} is named twice.", "Name each workbook once.")
        name = original.name if count == 1 else f"{original.name} {count}"
        named.append(replace(original, name=name))
    return named


def _silent(_: FileRead) -> None:
    """Hear of it and show nothing."""


def read_sources(
    sources: Sequence[Source], options: ReadOptions | None = None, tell: Tell = _silent
) -> Reading:
    """Read every source into one NUMBERS as written; `tell` hears of each.

    Raises InputError when one cannot be read, is no source at all, or has no such sheet or column.
    """
    options = options or ReadOptions()
    check_fields(options.given.values(), "--map")
    check_fields(options.usual.values(), "[mapping]")
    check_fields(options.fill.keys(), "--set")
    if not sources:
        raise InputError("No workbook is named.", "Name one or more, such as migration.xlsx.")
    originals = _distinct([_original(source, options) for source in sources])
    readings = read_all([opened(original, options) for original in originals], options, tell)
    headers = {str(header) for reading in readings for header in reading.mapping["header"]}
    letters = {str(letter) for reading in readings for letter in reading.mapping["letter"]}
    folded = {fold_title(name) for name in (*headers, *(f"column {letter}" for letter in letters))}
    for header in options.given:
        if fold_title(header) not in folded:
            raise InputError(
                f"--map names the column '{header}', which no sheet has.",
                f"The columns are: {', '.join(map(repr, sorted(headers)))}.",
            )
    numbers = [reading.numbers for reading in readings]
    return Reading(
        numbers=numbers[0] if len(numbers) == 1 else pd.concat(numbers, ignore_index=True),
        mapping=pd.concat([reading.mapping for reading in readings], ignore_index=True),
        rows=sum(reading.rows for reading in readings),
        skipped=tuple(name for reading in readings for name in reading.skipped),
        hidden=tuple(rows for reading in readings for rows in reading.hidden),
        sheets=tuple(sheet for reading in readings for sheet in reading.sheets),
        originals=tuple(original for reading in readings for original in reading.originals),
        notices=pd.concat([reading.notices for reading in readings], ignore_index=True),
        contests=tuple(contest for reading in readings for contest in reading.contests),
        fields=pd.concat([reading.fields for reading in readings], ignore_index=True),
        profiles=tuple(use for reading in readings for use in reading.profiles),
    )


def check_fields(names: Iterable[str], option: str) -> None:
    """Raise InputError when one of the names that an option gives is no field."""
    for name in names:
        if name not in FIELDS and not (name == IGNORE and option != "--set"):
            # A value and its field are easily swapped, and the value may be a PIN.
            named = "what it names" if option == "--set" else f"'{name}'"
            raise InputError(
                f"{option}: {named} is not a field.",
                f"Use one of: {', '.join(FIELDS)}.",
            )


def read(source: Source, *, sheet: str | None = None) -> pd.DataFrame:
    """Read a workbook, or a table with its own headers, into NUMBERS as written.

    One row a telephone number; `file`, `sheet` and `row` (Excel's) say where it came from. The
    mapping of columns is in `.attrs["mapping"]`. Raises InputError when it cannot be read.
    """
    reading = read_sources([source], ReadOptions(sheet=sheet))
    reading.numbers.attrs["mapping"] = reading.mapping.to_dict("records")
    return reading.numbers


def several(source: Source | Sequence[Source]) -> list[Source]:
    """Return one source, or a sequence of them, as a list; a folder is all of its workbooks.

    Raises InputError for a folder without any.
    """
    single = (str, Path, pd.DataFrame, bytes, bytearray, memoryview)
    if isinstance(source, Sequence) and not isinstance(source, single):
        sources = list(source)
    else:
        sources = [cast("Source", source)]
    return [workbook for one in sources for workbook in _inside(one)]


def _inside(source: Source) -> Sequence[Source]:
    """Return the workbooks of a folder, or the source itself."""
    if isinstance(source, (str, Path)) and str(source) and Path(source).is_dir():
        return workbooks_in(Path(source))
    return [source]
