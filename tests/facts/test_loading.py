"""Tables of facts are checked when they are read, and the line of what is wrong is named."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from portops.errors import SettingsError
from portops.facts import causes, loading
from portops.tables import columns

CAUSES = (files("portops.facts") / "causes.toml").read_text(encoding="utf-8")
COLUMNS = (files("portops.tables") / "columns.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("load", "text", "old", "new", "words"),
    [
        (causes.load, CAUSES, 'cause = "pin"', 'cause = "pim"', "'pim' is no cause"),
        (causes.load, CAUSES, 'fields = ["pin"]', 'fields = ["pim"]', "'pim' is no column"),
        (causes.load, CAUSES, 'who = "customer"', 'who = "client"', "'client' is not allowed"),
        (causes.load, CAUSES, 'group = "unsigned LOA"', 'group = "loa"', "'loa' is not allowed"),
        (causes.load, CAUSES, "fix = ", "fx = ", "'fx' is not known there; known are: label, "),
        (causes.load, CAUSES, 'who = "analyst"\n', "", "'who' is missing"),
        (causes.load, CAUSES, 'label = "Other"', "label = 5", "'label' should be a valid string"),
        (causes.load, CAUSES, r"'address|location", r"'(address|location", "regular expression"),
        (causes.load, CAUSES, "fields = []", 'fields = ""', "'fields' should be a valid"),
        (columns.load, COLUMNS, "synonyms = ", "synonims = ", "'synonims' is not known there"),
        (columns.load, COLUMNS, "needed = ", "neded = ", "'neded' is not known there; known are"),
        (columns.load, COLUMNS, "needed = ", 'name = "x"\nneeded = ', "'name' is the table's own"),
        (columns.load, COLUMNS, 'part_of = "street"', 'part_of = "road"', "'road' is no column"),
    ],
)
def test_a_slip_in_a_table_is_named_with_its_line(
    tmp_path: Path, load: Callable[[Path], object], text: str, old: str, new: str, words: str
) -> None:
    """File, line, what is wrong there; and nothing of such a file is used."""
    at = text.index(old)
    changed = text[:at] + new + text[at + len(old) :]
    path = tmp_path / "table.toml"
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(path)
    line = re.match(rf"{re.escape(str(path))}, line (\d+): (.*)", str(caught.value))
    assert line is not None, str(caught.value)
    assert words in line[2]
    wanted = changed[:at].count("\n") + 1
    if "is missing" in words:
        # What is not there has no line of its own: its table is named.
        rows = changed.splitlines()[:wanted]
        wanted = max(place for place, row in enumerate(rows, 1) if row.startswith("["))
    assert int(line[1]) == wanted
    assert caught.value.remedy.endswith(".")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a]\nx = 1\nx = 2\n", "line 3"),
        ("[a]\nx = \n", "line 2"),
        ("[a]\n[b]\n[a]\n", "line 3"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    """A key that stands twice, a value that is missing, a table that comes again."""
    path = tmp_path / "table.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words):
        loading.load(path, dict[str, dict[str, int]])


def test_lines_are_found_in_tables_lists_and_quoted_keys() -> None:
    """The nearest line around a place that has none of its own."""
    text = '# first\n[a.b]\nx = [\n  "y = 1",\n]\n[[c]]\nw = 1\n[[c]]\n"q r" = 2 # z = 3\n'
    wanted = {
        (): 1,
        ("a", "b"): 2,
        ("a", "b", "x", 0): 3,
        ("c", 0, "w"): 7,
        ("c", 1): 8,
        ("c", 1, "q r"): 9,
        ("c", 1, "z"): 8,
        ("nowhere",): 1,
    }
    assert {place: loading.line_of(text, place) for place in wanted} == wanted


def test_a_file_that_an_editor_marked_as_utf_8_is_read(tmp_path: Path) -> None:
    """A byte order mark is no part of the first key."""
    path = tmp_path / "table.toml"
    path.write_text("\ufeffa = 1\n", encoding="utf-8")
    assert loading.load(path, dict[str, int]) == {"a": 1}


def test_causes_cost_nothing_before_they_are_needed() -> None:
    """Importing the module neither reads the table nor loads what checks it."""
    code = "import sys, portops.facts.causes; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_help_does_not_load_what_checks_tables() -> None:
    """`portops --help` is quick: it needs no table."""
    code = """
import sys
from portops.cli import main
try:
    main(["--help"])
except SystemExit:
    loaded = {"pydantic", "pandera", "httpx", "pandas"} & set(sys.modules)
    sys.exit(f"loaded {loaded}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
