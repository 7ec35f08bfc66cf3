"""The review of a workbook in a notebook: how it was read, what was found, what to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from portops.desk import desk_for
from portops.extras import require

if TYPE_CHECKING:
    from pathlib import Path

    from portops.desk.opened import Opening
    from portops.reviewing.form import Review


def review(
    workbook: str | Path | None = None,
    *,
    documents: str | Path | None = None,
    **opening: Unpack[Opening],
) -> Review:
    """Return the review of a workbook as a form for JupyterLab; without one, it asks for it.

    It shows how each column was read and lets you change that, shows what is wrong, and writes the
    marked copy. `.checked` is the check as it is now. Raises InputError when the workbook cannot be
    read, SettingsError where the extra `lab` is not installed.
    """
    require("lab", "The form")
    from portops.reviewing.form import Review

    form = Review(desk_for("review", opening), documents)
    if workbook:
        form.open(lambda: workbook)
    return form
