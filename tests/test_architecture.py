"""The house: each room imports what its row says, siblings never meet, each library has its doors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import portops
from portops.desk import Desk
from portops.desk.opened import Opened

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "portops"

#: What every room may use: errors, secrets that do not show, texts, words, whole files.
COMMONS = {
    "apart",
    "assets",
    "errors",
    "extras",
    "files",
    "redaction",
    "registry",
    "texts",
    "wording",
}

#: Which rooms a room may import from, beside itself and the commons.
ROOMS: dict[str, set[str]] = {
    "facts": set(),
    "tables": {"facts"},
    "results": {"tables", "facts"},
    "sealing": set(),
    "settings": {"facts"},
    "providers": {"tables", "facts", "settings"},
    "store": {"tables", "facts", "results", "sealing", "providers"},
    "letters": {"tables", "facts", "providers"},
    "intake": {"tables", "facts", "results"},
    "checks": {"tables", "facts", "results"},
    # An engine works on the parts of a check, and seals what travels.
    "scaling": {"checks", "tables", "facts", "results", "sealing"},
    "workbooks": {"tables", "facts", "results"},
    "submission": {"tables", "facts", "results", "store", "providers", "sealing", "letters"},
    "tracking": {"tables", "facts", "results", "store", "providers", "sealing"},
    "reporting": {"tables", "facts", "results", "store"},
    # The sandbox shares no code with adapters, so that it cannot agree with their mistakes.
    "sandbox": {"facts", "tables", "letters"},
}

#: The desk may use every room; the doors speak to the desk, and show what rooms give.
DESK = {"desk", "demo"}
DOORS_OF_THE_HOUSE = {"cli", "steps", "forms", "reviewing", "__init__", "__main__"}

#: What every door may use: the desk, and the values that go in and come out.
AT_A_DOOR = {"desk", "settings", "results", "tables", "facts"}

#: Doors that use more, by module.
DOORS_THAT_USE_MORE: dict[str, set[str]] = {
    # `portops` is the steps, and the review.
    "__init__": {"steps", "reviewing"},
    # Types of arguments, the form for JupyterLab, and drawing, which needs no desk.
    "steps": {"checks", "intake", "reporting", "forms"},
    # The draft that a person fills in before the desk sees it.
    "forms": {"submission"},
    # The word that leaves a column alone.
    "reviewing/columns": {"intake"},
    "cli/request": {"submission"},
    # How a week is written.
    "cli/options": {"reporting"},
    # The provider's name as people write it.
    "cli/letters": {"providers"},
    # The layouts to choose from.
    "cli/template": {"workbooks"},
    # A new key is made without a store.
    "cli/secrets": {"sealing"},
    # These start a whole of their own instead of a step.
    "cli/demo": {"demo"},
    "cli/sandbox": {"sandbox"},
}

#: The only modules below the desk that may touch clock, files, environment, store or network.
SHELLS = {
    "apart",
    "assets",
    "files",
    "registry",
    "extras",
    "settings",
    "sealing",
    "facts/loading",
    "checks/examining",
    "checks/reader",
    "checks/rereading",
    "checks/schema",
    "checks/statements",
    "intake/aside",
    "intake/books",
    "intake/grids",
    "intake/layout",
    "intake/profile_files",
    "intake/weight",
    "intake/sources",
    "workbooks/marking",
    "workbooks/results",
    "workbooks/template",
    "workbooks/receipts",
    "workbooks/corrections",
    "workbooks/ledger",
    "results/original",
    "submission/adopting",
    "submission/attempts",
    "submission/batch",
    "submission/dispatch",
    "submission/jobs",
    "submission/letters",
    "submission/papers",
    "submission/sending",
    "submission/strays",
    "submission/portability",
    "submission/guided",
    "tracking/refresh",
    "tracking/cancel",
    "tracking/follow",
    "tracking/prior",
    "tracking/webhooks",
    "tracking/survey",
    "reporting/press/publish",
    "reporting/press/digest",
    "reporting/press/leftovers",
    "reporting/press/workbook",
    "reporting/press/index",
    "reporting/stored",
    "sandbox/database",
    "sandbox/records",
    "sandbox/clock",
    "sandbox/webhooks",
    "sandbox/telnyx/telling",
    "sandbox/mailroom",
    "sandbox/signing",
    "sandbox/browser",
    "sandbox/courier",
}

#: Rooms that are edges of the world as a whole.
EDGES = {"store", "providers", "letters"}

#: The only places that import an outside library, so that it can be replaced.
LIBRARIES: dict[str, set[str]] = {
    "openpyxl": {
        "workbooks",
        "reporting/press/workbook",
    },
    "python_calamine": {"intake/books"},
    "lxml": {"workbooks/parts"},
    "xlrd": {"intake/layout"},
    "httpx": {"providers", "sandbox/webhooks", "sandbox/telnyx/telling"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "adbc_driver_postgresql": {"store/arrow"},
    "psutil": {"store", "apart"},
    "fpdf": {"reporting/press/paper", "letters/letter"},
    "filelock": {"desk/weekly", "reporting/press/leftovers"},
    "smtplib": {"letters/mail"},
    "papermill": {"reporting/press/publish"},
    "nbconvert": {"reporting/press/page", "reporting/press/paper"},
    "matplotlib": {
        "reporting/charts",
        "reporting/reports",
        "reporting/press/paper",
        "letters/letter",
    },
    "starlette": {"sandbox", "tracking/webhooks"},
    "uvicorn": {"cli/serving"},
    "pandera": {"tables", "checks/facts", "checks/schema", "checks/judging", "checks/supplied"},
    "pydantic": {"facts/loading", "settings"},
    "pydantic_settings": {"settings"},
    "phonenumbers": {"facts/nanp"},
    "zipcodes": {"facts/places"},
    "usaddress": {"intake/streets"},
    "holidays": {"facts/business_time"},
    "cryptography": {
        "sealing",
        "sandbox/signing",
        "sandbox/telnyx/telling",
        "providers/telnyx/signature",
    },
    "pyhanko": {"sandbox/signing"},
    "keyring": {"sealing"},
    "pypdfium2": {"checks/reader", "sandbox/signing"},
    "rapidocr_onnxruntime": {"checks/ocr"},
    "click": {"cli"},
    "rich": {"cli"},
    "distributed": {"scaling/cluster"},
    "dask": {"scaling/cluster"},
    "ipywidgets": {"forms", "reviewing"},
}


def _modules() -> dict[str, ast.Module]:
    trees = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).with_suffix("").as_posix()
        if "migrations" not in name:
            trees[name] = ast.parse(path.read_text(encoding="utf-8"))
    return trees


MODULES = _modules()


def _room(name: str) -> str:
    return name.split("/", 1)[0]


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _rooms_of(tree: ast.Module) -> set[str]:
    """Return the first room below `portops` of each import of our own."""
    parts = (name.split(".") for name in _imports(tree))
    rooms = {part[1] for part in parts if part[0] == "portops" and len(part) > 1}
    return {room for room in rooms if not room.startswith("__")}


def _touches(tree: ast.Module) -> set[str]:
    """Return calls that reach outside: the clock, files, the environment."""
    calls = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            last = called.rsplit(".", 1)[-1]
            if called == "open" or last in {"write_text", "write_bytes", "read_bytes", "mkdir"}:
                calls.add(called)
            if called in {"datetime.now", "date.today", "time.time", "datetime.utcnow"}:
                calls.add(called)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "os.environ":
            calls.add("os.environ")
    return calls


@pytest.mark.parametrize("name", [name for name in MODULES if _room(name) in ROOMS])
def test_a_room_imports_what_its_row_says(name: str) -> None:
    """Arrows go down: stages never import one another, nor the desk, not even for a type."""
    room = _room(name)
    beyond = _rooms_of(MODULES[name]) - {room} - COMMONS - ROOMS[room]
    assert beyond == set(), f"{name} imports {beyond}"


@pytest.mark.parametrize("name", [name for name in MODULES if _room(name) in COMMONS])
def test_the_commons_know_no_room(name: str) -> None:
    """What every room uses depends on none of them."""
    assert _rooms_of(MODULES[name]) - COMMONS == set()


@pytest.mark.parametrize("name", [name for name in MODULES if _room(name) in DESK])
def test_the_desk_knows_no_door(name: str) -> None:
    """The desk answers whoever asks."""
    assert _rooms_of(MODULES[name]) & DOORS_OF_THE_HOUSE == set()


@pytest.mark.parametrize("name", [name for name in MODULES if _room(name) in DOORS_OF_THE_HOUSE])
def test_a_door_uses_the_desk(name: str) -> None:
    """Doors parse, call one method of the desk and print; what else they use is listed."""
    beyond = _rooms_of(MODULES[name]) - {_room(name)} - COMMONS - AT_A_DOOR
    if name == "__main__":
        beyond -= {"cli"}
    assert beyond == DOORS_THAT_USE_MORE.get(name, set()), f"{name} imports {beyond}"


def test_the_steps_of_a_desk_alone_are_listed() -> None:
    """A step is a function of `portops`, or the page says why it is not; names never collide."""
    functions = set(portops.__all__)
    assert functions & {_room(name) for name in MODULES} == set()
    methods = {name for name in dir(Desk) if not name.startswith("_")} - set(dir(Opened))
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    listed = page.split("## Steps that only a desk has", 1)[1].split("##", 1)[0]
    first_cells = " ".join(re.findall(r"^\| (`[^|]+) \|", listed, re.MULTILINE))
    assert set(re.findall(r"`([a-z_]+)`", first_cells)) == methods - functions


def test_every_module_has_its_room() -> None:
    """A new folder has to find its row above."""
    rooms = {_room(name) for name in MODULES}
    assert rooms == set(ROOMS) | COMMONS | DESK | DOORS_OF_THE_HOUSE


@pytest.mark.parametrize("name", list(MODULES))
def test_each_library_has_its_doors(name: str) -> None:
    """An outside library is imported in its own places only, so that it can be replaced."""
    roots = {library.split(".", 1)[0] for library in _imports(MODULES[name])}
    for library in roots & set(LIBRARIES):
        places = LIBRARIES[library]
        allowed = any(name == place or name.startswith(place + "/") for place in places)
        assert allowed, f"{name} imports {library}; its doors are {places}"


@pytest.mark.parametrize(
    "name",
    [name for name in MODULES if _room(name) in {*ROOMS, *COMMONS} - EDGES and name not in SHELLS],
)
def test_only_shells_touch_the_world(name: str) -> None:
    """Rules, plans and figures read no clock, file, environment, store or network."""
    assert not _touches(MODULES[name])
    assert not _rooms_of(MODULES[name]) & {"store", "providers"}, f"{name} is no shell"


def test_every_named_place_exists() -> None:
    """The lists above name real modules, so that a rename is noticed."""
    folders = {str(Path(name).parent) for name in MODULES}
    assert SHELLS - set(MODULES) == set()
    places = {place for doors in LIBRARIES.values() for place in doors}
    assert places - set(MODULES) - folders == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A module is one noun or one verb."""
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert not {name for name in MODULES if name.rsplit("/", 1)[-1] in vague}


#: Names that say nothing of what a variable holds.
FILLERS = {"each", "found", "known", "whole", "said"}


@pytest.mark.parametrize("name", list(MODULES))
def test_names_say_what_the_thing_is(name: str) -> None:
    """No variable or parameter has a name that fits anything."""
    names = {
        node.id
        for node in ast.walk(MODULES[name])
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    names |= {node.arg for node in ast.walk(MODULES[name]) if isinstance(node, ast.arg)}
    assert names & FILLERS == set()


def test_modules_and_functions_keep_their_size() -> None:
    """A module over 300 lines has a second noun; a function over 60 does a second thing."""
    long_modules = {
        name: count
        for name in MODULES
        if (count := len((SOURCE / f"{name}.py").read_text("utf-8").splitlines())) > 300
    }
    assert long_modules == {}
    long_functions = {
        f"{name}:{node.name}": node.end_lineno - node.lineno + 1
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno - node.lineno + 1 > 60
        # One parameter per option of a command; they are declared, not done.
        and _room(name) not in {"cli", "steps", "desk"}
    }
    assert long_functions == {}


def test_the_formatter_formats() -> None:
    """It is switched off for tables of data only."""
    switched_off = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(r"# fmt: (skip|off)", path.read_text("utf-8"))
    ]
    assert switched_off == []


def test_the_drawn_house_is_the_real_one() -> None:
    """`docs/architecture.md` draws every room, and none that is not there."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    tree = page.split("```text", 1)[1].split("```", 1)[0]
    drawn = set(re.findall(r"^ {2}([a-z_]+)(?:/|\.py)", tree, re.MULTILINE))
    real = {_room(name) for name in MODULES if not _room(name).startswith("__")}
    assert drawn == real
