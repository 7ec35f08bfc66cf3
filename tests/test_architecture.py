"""The house: imports go down only, siblings never meet, each library has its doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "portops"

#: Everything that is not named here is a common thing: floor 0.
FLOOR = {
    "settings": 1,
    "store": 1,
    "providers": 1,
    "letters": 1,
    "assets": 1,
    "sealing": 1,
    "intake": 2,
    "checks": 2,
    "workbooks": 2,
    "submission": 2,
    "tracking": 2,
    "reporting": 2,
    "sandbox": 2,
    "cli": 3,
    "api": 3,
    "forms": 3,
    "__init__": 3,
    "__main__": 3,
}
STAGES = {name for name, floor in FLOOR.items() if floor == 2}

#: The only modules of floors 0 and 2 that may touch clock, files, store or network.
SHELLS = {
    "files",
    "checks/examining",
    "checks/schema",
    "intake/grids",
    "intake/layout",
    "intake/sources",
    "workbooks/marking",
    "workbooks/results",
    "checks/statements",
    "workbooks/template",
    "submission/dispatch",
    "submission/jobs",
    "submission/sending",
    "submission/portability",
    "workbooks/receipts",
    "submission/guided",
    "tracking/refresh",
    "tracking/cancel",
    "tracking/webhooks",
    "workbooks/corrections",
    "tracking/survey",
    "workbooks/ledger",
    "reporting/publish",
    "reporting/digest",
    "reporting/spreadsheet",
    "reporting/index",
    "sandbox/server",
    "sandbox/book",
    "sandbox/records",
    "sandbox/clock",
    "sandbox/webhooks",
    "sandbox/signing",
    "sandbox/browser",
}

DOORS = {
    "openpyxl": {
        "workbooks/marking",
        "workbooks/template",
        "workbooks/receipts",
        "reporting/spreadsheet",
        "workbooks/corrections",
        "workbooks/ledger",
        # Excel's column letters.
        "intake/layout",
        "intake/reading",
    },
    "python_calamine": {"intake/grids"},
    "httpx": {"providers", "sandbox/webhooks"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "adbc_driver_postgresql": {"store/arrow"},
    "fpdf": {"reporting/paper", "letters/letter"},
    "filelock": {"cli/weekly"},
    "smtplib": {"letters/mail"},
    "papermill": {"reporting/publish"},
    "matplotlib": {"reporting/charts", "reporting/paper", "letters/letter"},
    "starlette": {"sandbox", "tracking/webhooks"},
    "uvicorn": {"cli/sandbox", "cli/webhook"},
    "pandera": {
        "tables/models",
        "checks/facts",
        "checks/judging",
        "checks/schema",
        "checks/supplied",
    },
    "phonenumbers": {"facts/nanp"},
    "zipcodes": {"facts/places"},
    "xlrd": {"intake/layout"},
    "cryptography": {"sealing", "sandbox/signing"},
    "pyhanko": {"sandbox/signing"},
    "keyring": {"sealing"},
    "psutil": {"store"},
    "pypdfium2": {"checks/statements", "sandbox/signing"},
    "rapidocr_onnxruntime": {"checks/ocr"},
    "click": {"cli"},
    "ipywidgets": {"forms"},
    "rich": {"cli"},
}


def _modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).with_suffix("").as_posix()
        if "migrations" not in name:
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = _modules()


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _inside(tree: ast.Module) -> set[str]:
    """Return the first room below `portops` of each import of our own."""
    parts = (name.split(".") for name in _imports(tree))
    return {part[1] for part in parts if part[0] == "portops" and len(part) > 1}


def _floor(name: str) -> int:
    return FLOOR.get(name.split("/", 1)[0], 0)


@pytest.mark.parametrize("name", [each for each in MODULES if each != "__init__"])
def test_imports_go_down_only(name: str) -> None:
    """A module imports from its own room and from lower floors; stages are siblings."""
    room = name.split("/", 1)[0]
    for other in _inside(MODULES[name]) - {room}:
        if other.startswith("__"):
            continue
        assert _floor(other) <= _floor(name), f"{name} imports {other}, which is above it"
        # Until the doors make both calls themselves.
        if room in STAGES and name != "checks/checking":
            assert other not in STAGES, f"{name} imports its sibling {other}"
        if room == "sandbox":
            assert other not in {"providers", "store"}, "the sandbox shares no code with adapters"


@pytest.mark.parametrize("name", list(MODULES))
def test_each_library_has_its_doors(name: str) -> None:
    """An outside library is imported in its own places only, so that it can be replaced."""
    roots = {each.split(".", 1)[0] for each in _imports(MODULES[name])}
    for library in roots & set(DOORS):
        allowed = any(name == door or name.startswith(door + "/") for door in DOORS[library])
        assert allowed, f"{name} imports {library}; its doors are {DOORS[library]}"


def _touches(tree: ast.Module) -> set[str]:
    """Return calls that reach outside: the clock, files, the environment."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            last = called.rsplit(".", 1)[-1]
            if called == "open" or last in {"write_text", "write_bytes", "read_bytes", "mkdir"}:
                found.add(called)
            if called in {"datetime.now", "date.today", "time.time", "datetime.utcnow"}:
                found.add(called)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "os.environ":
            found.add("os.environ")
    return found


@pytest.mark.parametrize(
    "name", [each for each in MODULES if _floor(each) in {0, 2} and each not in SHELLS]
)
def test_only_shells_touch_the_world(name: str) -> None:
    """Rules, plans and figures read no clock, file, environment, store or network."""
    assert not _touches(MODULES[name])
    if _floor(name) == 2:
        assert not _inside(MODULES[name]) & {"store", "providers"}, f"{name} is no shell"


def test_every_named_shell_and_door_exists_or_is_planned() -> None:
    """The lists above name real modules, so that a rename is noticed."""
    planned = {
        "workbooks/template",
        "submission/guided",
        "tracking/webhooks",
        "workbooks/corrections",
        "reporting/digest",
        "sandbox/webhooks",
    }
    assert set(MODULES) | planned >= SHELLS


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A module is one noun or one verb."""
    vague = {"utils", "util", "helpers", "common", "misc", "manager"}
    assert not {name for name in MODULES if name.rsplit("/", 1)[-1] in vague}
