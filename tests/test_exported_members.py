"""What `import portops` promises."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import portops
from portops import steps
from portops.desk import Desk

SOURCE = Path(portops.__file__).parent


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_names_are_sorted_few_and_there() -> None:
    """At most 25 root names, sorted, and each can be loaded."""
    assert len(portops.__all__) <= 25
    assert portops.__all__ == sorted(portops.__all__)
    assert all(getattr(portops, name) is not None for name in portops.__all__)


def test_no_name_means_two_things() -> None:
    """No public function has the name of a module or a folder of ours."""
    modules = {module.name for module in pkgutil.iter_modules([str(SOURCE)])}
    assert modules & set(portops.__all__) == set()


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        _ = portops.chekc


def test_importing_is_quick_and_light() -> None:
    """`import portops` loads neither matplotlib nor papermill nor pandas nor pydantic."""
    heavy = ("matplotlib", "papermill", "pandas", "pydantic", "sqlalchemy")
    assert _run(f"import sys, portops; print([n for n in {heavy} if n in sys.modules])") == "[]"


def test_a_check_loads_what_it_needs() -> None:
    """Neither reports nor the sandbox nor the form are loaded by a check."""
    code = """
        import sys, pandas, portops
        portops.check(pandas.DataFrame({"Phone Number": ["212-555-0100"], "Account Number": ["1"], "City": ["New York"]}))
        heavy = ("matplotlib", "papermill", "nbconvert", "starlette", "uvicorn", "ipywidgets",
                 "fpdf", "pyhanko", "alembic", "jupyter_client")
        print([name for name in heavy if name in sys.modules])
    """
    assert _run(code) == "[]"


def test_everything_can_be_imported_without_the_extras() -> None:
    """`from portops import *` and `help(portops)` need no extra; what does says which."""
    code = """
        import sys
        for name in ("ipywidgets", "matplotlib", "papermill", "starlette", "uvicorn", "fpdf"):
            sys.modules[name] = None
        from importlib import util
        real = util.find_spec
        util.find_spec = lambda name, *rest: None if sys.modules.get(name, 0) is None else real(name, *rest)
        from portops import *
        import portops, pydoc
        assert "check(source" in pydoc.render_doc(portops, renderer=pydoc.plaintext)
        for call in (portops.port_in, lambda: portops.draw(None, "trend")):
            try:
                call()
            except portops.PortopsError as error:
                print(error.remedy)
    """
    remedies = _run(code).splitlines()
    assert remedies == [
        "Install it with: pip install 'portops[lab]'",
        "Install it with: pip install 'portops[reports]'",
    ]


@pytest.mark.parametrize("step", steps.STEPS, ids=lambda step: step.__name__)
def test_a_function_is_the_method_of_a_desk(step: object) -> None:
    """The same parameters in the same order with the same defaults, and the same words."""
    method = getattr(Desk, step.__name__)
    own = dict(inspect.signature(step).parameters)
    theirs = dict(inspect.signature(method).parameters)
    del theirs["self"]
    for name in ("opening", "settings", "store", "provider"):
        if name not in theirs:
            own.pop(name, None)
    # Of a desk's own use: what the store knows, and where the lines of a run go.
    for name in ("prior", "tell"):
        theirs.pop(name, None)
    assert [(p.name, p.kind, p.default) for p in own.values()] == [
        (p.name, p.kind, p.default) for p in theirs.values()
    ]
    assert step.__doc__ == method.__doc__


@pytest.mark.parametrize("stubs", [True, False], ids=["with pandas-stubs", "without"])
def test_the_types_hold_callers_to_them(tmp_path: Path, *, stubs: bool) -> None:
    """A misspelled name or option, and what is no workbook or no schema, do not pass a type checker.

    Tables and names of files do, and a caller need not have pandas-stubs.
    """
    script = tmp_path / "caller.py"
    script.write_text(
        "import pandas as pd\nimport portops\n"
        'portops.check("a.xlsx", docments="x")\nportops.check(3)\n'
        'portops.check("a.xlsx", documents="x", as_of="2026-11-23")\n'
        'portops.check([pd.DataFrame({"Phone Number": ["212-555-0100"]}), "b.xlsx"])\n'
        'portops.chekc("a.xlsx")\nportops.check(b"x", schema=3)\nportops.schema().chekcs\n'
        'portops.check(b"x", schema=portops.schema(as_of="2026-11-23"))\n',
        encoding="utf-8",
    )
    skipped = "[mypy-pandas.*]\nfollow_imports = skip\nfollow_imports_for_stubs = True\n"
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\n" + ("" if stubs else skipped), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "--no-error-summary", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    lines = [
        line.split(": error: ")[0].rsplit(":", 1)[-1]
        for line in done.stdout.splitlines()
        if ": error: " in line and "caller.py" in line
    ]
    assert lines == ["3", "4", "7", "8", "9"], done.stdout


def test_what_users_meet_is_at_the_root() -> None:
    """Settings hold secrets, and somebody who sets one needs its class."""
    assert (
        portops.Settings(secret_key=portops.Secret("a long enough phrase")).secret_key is not None
    )
    assert "Secret" in portops.__all__
