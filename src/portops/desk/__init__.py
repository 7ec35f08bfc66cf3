"""The desk: every step of the work as one method, with settings, store and provider opened once.

The command line and the module functions of `portops` are thin doors to it, so that both give
the same answer.
"""

from __future__ import annotations

from portops.desk.comparing import Comparing
from portops.desk.following import Following
from portops.desk.opened import Clock, Progress
from portops.desk.publishing import Publishing
from portops.desk.submitting import Submitting
from portops.desk.upkeep import Upkeep

__all__ = ["Clock", "Desk", "Progress"]


class Desk(Submitting, Following, Comparing, Publishing, Upkeep):
    """Settings, store and provider, opened when first needed and closed with the desk.

    ::

        with Desk(store="sqlite:///portops.db", provider="sandbox") as desk:
            checked = desk.check("migration.xlsx", documents="statements")
            desk.submit(desk.plan(checked), agree=True)

    `settings` default to `portops.toml` and the environment; `store` and `provider` override
    them. `clock` gives the present instant (UTC), `progress` hears of each thing done.
    """
