"""Where the notebooks and samples are: beside the code in a checkout, inside an installed wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from portops.errors import SettingsError


def folder(name: str) -> Path:
    """Return the folder `notebooks` or `samples`; raises SettingsError when it is not there."""
    package = Path(str(files("portops")))
    in_checkout = {"notebooks": "notebooks", "samples": "data/samples"}[name]
    for place in (package / "_shipped" / name, package.parent.parent / in_checkout):
        if place.is_dir():
            return place
    raise SettingsError(
        f"The folder of {name} is missing.", "Install portops again, or run it from its checkout."
    )


def notebook(name: str) -> Path:
    """Return the notebook of that name."""
    return folder("notebooks") / f"{name}.ipynb"
