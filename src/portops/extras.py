"""Extras: parts of portops that are installed when somebody wants them."""

from __future__ import annotations

from importlib.util import find_spec

from portops.errors import SettingsError

#: A module that tells whether an extra is installed, by extra.
MODULES = {
    "reports": "papermill",
    "sandbox": "starlette",
    "loa": "fpdf",
    "lab": "ipywidgets",
    "keyring": "keyring",
    "postgres": "psycopg",
    "ocr": "rapidocr_onnxruntime",
    "scale": "distributed",
}


def is_installed(extra: str) -> bool:
    """Tell whether an extra is installed here."""
    return find_spec(MODULES[extra]) is not None


def require(extra: str, what: str) -> None:
    """Raise SettingsError, which says what to install, when an extra is missing.

    `what` is the thing that needs it, in words: "Reports", "The sandbox".
    """
    if not is_installed(extra):
        raise SettingsError(
            f"{what} cannot be used: the extra '{extra}' is not installed.",
            f"Install it with: pip install 'portops[{extra}]'",
        )
