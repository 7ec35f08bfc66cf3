"""portops: moving US phone numbers to a new carrier, as functions on tables.

A workbook is checked, planned and submitted:

>>> import portops
>>> checked = portops.check("migration.xlsx", documents="statements")
>>> checked.counts["error"]
0
>>> planned = portops.plan(checked)
>>> submitted = portops.submit(planned, agree=True)

What was submitted is followed and reported on:

>>> pulled = portops.pull()
>>> tracker = portops.status()
>>> figures = portops.rejections("2026-W47")

Each function opens what `portops.toml` and the environment name; a `portops.Desk` has the same
steps as methods, with settings, store and provider opened once:

>>> with portops.Desk(provider="sandbox") as desk:
...     tracker = desk.status(open_only=True)

Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portops.desk import Desk
    from portops.errors import PortopsError
    from portops.redaction import Secret
    from portops.reviewing import review
    from portops.settings import Settings
    from portops.steps import (
        actions,
        cancel,
        check,
        corrections,
        draw,
        figures,
        history,
        plan,
        port_in,
        portability,
        publish,
        pull,
        read,
        reconcile,
        rejections,
        schema,
        status,
        submit,
        turnaround,
        weekly,
    )

__version__ = "0.1.0"

__all__ = [
    "Desk",
    "PortopsError",
    "Secret",
    "Settings",
    "actions",
    "cancel",
    "check",
    "corrections",
    "draw",
    "figures",
    "history",
    "plan",
    "port_in",
    "portability",
    "publish",
    "pull",
    "read",
    "reconcile",
    "rejections",
    "review",
    "schema",
    "status",
    "submit",
    "turnaround",
    "weekly",
]

#: Names that are no step, and where they live.
_HOMES = {
    "Desk": "portops.desk",
    "PortopsError": "portops.errors",
    "review": "portops.reviewing",
    "Secret": "portops.redaction",
    "Settings": "portops.settings",
}


if not TYPE_CHECKING:  # a type checker that saw it would let every misspelled name pass

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module 'portops' has no attribute '{name}'")
        value = getattr(import_module(_HOMES.get(name, "portops.steps")), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
