"""What the desk's steps expect of their callers, and what they say to anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from portops.errors import InputError


def expect(value: object, kind: type | tuple[type, ...], remedy: str) -> None:
    """Raise InputError, with what to do, when a caller's value is of another kind."""
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = " or ".join(one.__name__ for one in kinds)
        raise InputError(f"Expected {wanted} but got {type(value).__name__}.", remedy)


def refuse_unknown(
    step: str, given: Iterable[str], allowed: Iterable[str], others: Iterable[str] = ()
) -> None:
    """Raise TypeError, as Python does, for a word that a step does not take.

    Words that reach a step as `**` are not looked at by Python; `others` are those that it does.
    """
    for name in given:
        if name not in (words := list(allowed)):
            near = get_close_matches(name, [*words, *others], 1)
            hint = f". Did you mean '{near[0]}'?" if near else ""
            raise TypeError(f"{step}() got an unexpected keyword argument '{name}'{hint}")


def expect_names(documents: object, given: object = None, fill: object = None) -> None:
    """Raise InputError for a folder that is no path, or fields that are no mapping."""
    if documents is not None:
        expect(documents, (str, Path), "Name the folder of the billing statements, as text.")
    if given is not None:
        expect(given, Mapping, "Give their headers and our fields: {'Phone': 'phone_number'}.")
    if fill is not None:
        expect(fill, Mapping, "Give fields and their values: {'city': 'Chicago'}.")


def expect_checked(checked: object) -> None:
    """Raise InputError when this is not what a check returns."""
    from portops.results.checked import Checked

    expect(checked, Checked, "Check the workbook first: plan(check('migration.xlsx')).")


def expect_submitted(submitted: object) -> None:
    """Raise InputError when this is not what a submission returns."""
    from portops.results.submitted import Submitted

    expect(submitted, Submitted, "Submit first: receipts(submit(planned, agree=True)).")


def expect_reconciled(reconciled: object) -> None:
    """Raise InputError when this is not what a reconciliation returns."""
    from portops.results.reconciled import Reconciled

    expect(reconciled, Reconciled, "Reconcile first: ledger(reconcile()).")


def expect_planned(planned: object) -> None:
    """Raise InputError when this is not what a plan returns."""
    from portops.results.planned import Planned

    expect(planned, Planned, "Check and plan first: plan(check('migration.xlsx')).")
