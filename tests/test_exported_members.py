"""What `import portops` promises."""

from __future__ import annotations

import subprocess
import sys

import portops


def test_names_are_sorted_few_and_there() -> None:
    """At most 21 root names, sorted, and each can be loaded."""
    assert len(portops.__all__) <= 21
    assert portops.__all__ == sorted(portops.__all__)
    assert all(getattr(portops, name) is not None for name in portops.__all__)
    assert set(portops.__all__) == set(portops._HOMES)


def test_importing_is_quick_and_light() -> None:
    """`import portops` loads neither matplotlib nor papermill nor pandas."""
    code = "import sys, portops; print([n for n in ('matplotlib','papermill','pandas') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_stays_itself_when_its_folder_is_imported() -> None:
    """`portops.check` is the function, in whatever order things are imported."""
    code = (
        "import portops.checks.checking, portops.submission.plan, portops; "
        "print(callable(portops.check), callable(portops.submit), callable(portops.check))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 3
