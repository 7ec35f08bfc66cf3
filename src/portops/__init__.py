"""portops: moving US phone numbers to a new carrier, as functions on tables.

::

    checked = portops.check("migration.xlsx")        # NUMBERS and FINDINGS
    planned = portops.plan(checked)                  # REQUESTS
    portops.submit(planned, agree=True)              # to the provider, exactly once
    portops.pull()                                   # EVENTS
    portops.rejections(portops.history(), week="2026-W47")

Settings come from `portops.toml` and the environment; `settings=` overrides them. Each name is
loaded when it is first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portops.api import (
        figures,
        history,
        next_actions,
        pull,
        reconcile,
        refused,
        rejections,
        status,
        submit,
        turnaround,
    )
    from portops.checks.checking import check, read
    from portops.errors import PortopsError
    from portops.forms import port_in
    from portops.reporting.charts import draw
    from portops.results.checked import Checked
    from portops.results.figures import Figures
    from portops.results.planned import Planned
    from portops.results.submitted import Submitted
    from portops.settings import Settings
    from portops.submission.plan import plan

__version__ = "0.1.0"

_HOMES = {
    "Checked": "portops.results.checked",
    "Figures": "portops.results.figures",
    "Planned": "portops.results.planned",
    "PortopsError": "portops.errors",
    "Settings": "portops.settings",
    "Submitted": "portops.results.submitted",
    "check": "portops.checks.checking",
    "draw": "portops.reporting.charts",
    "figures": "portops.api",
    "history": "portops.api",
    "next_actions": "portops.api",
    "plan": "portops.submission.plan",
    "port_in": "portops.forms",
    "pull": "portops.api",
    "read": "portops.checks.checking",
    "reconcile": "portops.api",
    "refused": "portops.api",
    "rejections": "portops.api",
    "status": "portops.api",
    "submit": "portops.api",
    "turnaround": "portops.api",
}

__all__ = [
    "Checked",
    "Figures",
    "Planned",
    "PortopsError",
    "Settings",
    "Submitted",
    "check",
    "draw",
    "figures",
    "history",
    "next_actions",
    "plan",
    "port_in",
    "pull",
    "read",
    "reconcile",
    "refused",
    "rejections",
    "status",
    "submit",
    "turnaround",
]


class _Export:
    """A root name, loaded when it is first used.

    `check` and `submit` are the names of folders too, and importing a folder would put the folder
    in the name's place: a data descriptor stands before both.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, module: ModuleType | None, _: object = None) -> Any:
        return getattr(import_module(_HOMES[self._name]), self._name)

    def __set__(self, module: ModuleType, value: object) -> None:
        if not isinstance(value, ModuleType):
            raise AttributeError(f"portops.{self._name} cannot be replaced")


class _Root(ModuleType):
    """The package itself, with its names as descriptors."""


for _name in _HOMES:
    setattr(_Root, _name, _Export(_name))
sys.modules[__name__].__class__ = _Root


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
