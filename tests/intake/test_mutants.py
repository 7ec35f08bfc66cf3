"""Workbooks changed at random, in their bytes and in their XML, through check and marked copy."""

from __future__ import annotations

import contextlib
import re
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import FUZZ, SAMPLES

import portops
from portops.errors import PortopsError
from portops.workbooks.results import write_results

#: What stands in the place of a value, a text or a tag.
_ODD = st.sampled_from(
    [
        b"",
        b"0",
        b"-1",
        b"99999999999",
        b"1e999",
        b"A1048577",
        b"XFD1",
        b"&#1;",
        b"&bad;",
        b"<",
        b">",
        b"x" * 40000,
        b"\xff\xfe",
        b"e",
        b"str",
        b"inlineStr",
        b"d",
        b"../../etc",
        b"Numbers!",
    ]
)
_PLACES = re.compile(rb'"[^"]*"|>[^<]+<|<[^>]+>')


def _mutated(part: bytes, data: st.DataObject) -> bytes:
    places = list(_PLACES.finditer(part))
    for _ in range(data.draw(st.integers(1, 4))):
        if not places:
            return part
        place = places[data.draw(st.integers(0, len(places) - 1))]
        old, new = place[0], data.draw(_ODD)
        kept = old[:1] + new + old[-1:] if data.draw(st.booleans()) else new
        part = part[: place.start()] + kept + part[place.end() :]
        places = list(_PLACES.finditer(part))
    return part


def _go(path: Path, out: Path) -> None:
    """Check and mark; an error of ours is an answer."""
    with contextlib.suppress(PortopsError):
        write_results(portops.check(path, documents=SAMPLES / "statements"), out)


@settings(
    max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_mutants_in_xml_end_in_nothing_unexpected(tmp_path: Path, data: st.DataObject) -> None:
    """One or two parts of a workbook hold something odd, are cut, or are missing."""
    source = SAMPLES / "faults" / data.draw(st.sampled_from(["number.xlsx", "clean.xlsx"]))
    with zipfile.ZipFile(source) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name in data.draw(st.lists(st.sampled_from(sorted(parts)), min_size=1, max_size=2)):
        match data.draw(st.sampled_from(["change", "change", "change", "cut", "lose"])):
            case "change":
                parts[name] = _mutated(parts.get(name, b""), data)
            case "cut":
                parts[name] = parts.get(name, b"")[: data.draw(st.integers(0, 2_000))]
            case _:
                parts.pop(name, None)
    path = tmp_path / "mutant.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    _go(path, tmp_path / "out")


@settings(
    max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_mutants_in_bytes_end_in_nothing_unexpected(tmp_path: Path, data: st.DataObject) -> None:
    """Of every make: bytes changed, or the end cut off."""
    names = ["faults/number.xlsx", *(path.name for path in sorted(SAMPLES.glob("*.csv")))]
    source = SAMPLES / data.draw(st.sampled_from(names))
    raw = bytearray(source.read_bytes()[:60_000])
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"mutant{source.suffix}"
    path.write_bytes(bytes(raw[: data.draw(st.integers(len(raw) // 2, len(raw)))]))
    _go(path, tmp_path / "out")
