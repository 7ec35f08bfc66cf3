"""The review as one form: choose a workbook, correct how it was read, keep what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from portops.errors import InputError, PortopsError
from portops.reviewing.columns import Columns
from portops.reviewing.findings import Findings
from portops.reviewing.look import STYLE, WRAPPED, lines

if TYPE_CHECKING:
    from portops.desk import Desk
    from portops.results.checked import Checked
    from portops.results.profile import ProfileUse

#: Seconds without another choice after which the workbook is checked anew.
PAUSE = 0.4


class Review:
    """A form over one workbook; `checked` is the check as it is now, for the cells that follow."""

    def __init__(self, desk: Desk, documents: str | Path | None = None) -> None:
        self.desk = desk
        self.columns, self.findings = Columns(self._soon), Findings()
        self._source: Callable[[], Any] | None = None
        self._given: dict[str, str] = {}
        self._checked: Checked | None = None
        self._due: asyncio.TimerHandle | None = None
        self.upload = widgets.FileUpload(
            description="Choose a workbook",
            tooltip="Choose a workbook from your computer",
            layout={"width": "13rem"},
        )
        self.path = _text("or its file name", "migration.xlsx, then Enter")
        self.documents = _text("Statements folder", "beside the workbook", str(documents or ""))
        self.profile = _text("Sender's profile", "the one that fits; none: without one")
        self.name = _text("Keep as profile", "the sender's name, such as acme")
        self.learn = _button("Keep profile")
        self.out = _text("Write to folder", "", str(desk.settings.out))
        self.mark = _button("Write marked copy")
        self.message, self.learned, self.written = (widgets.HTML() for _ in range(3))
        self._view = self._lay_out()
        self.upload.observe(self._uploaded, names="value")
        self.path.observe(self._typed, names="value")
        for answer in (self.documents, self.profile):
            answer.observe(self._again, names="value")
        self.learn.on_click(self._learn)
        self.mark.on_click(self._write)

    def _lay_out(self) -> Any:
        view = widgets.VBox(
            [
                widgets.HTML(STYLE),
                widgets.HTML("<h3>1. Workbook</h3>"),
                self.upload,
                self.path,
                self.documents,
                self.profile,
                self.message,
                widgets.HTML("<h3>2. How its columns were read</h3>"),
                self.columns.view,
                widgets.HTML("<h3>3. What was found</h3>"),
                self.findings.view,
                widgets.HTML("<h3>4. What to keep</h3>"),
                widgets.HBox([self.name, self.learn], layout=WRAPPED),
                self.learned,
                widgets.HBox([self.out, self.mark], layout=WRAPPED),
                self.written,
            ]
        )
        return view.add_class("portops-review")

    @property
    def checked(self) -> Checked:
        """The check as it is now; raises InputError before a workbook is chosen."""
        if self._checked is None:
            raise InputError("No workbook is chosen.", "Choose one in the form above.")
        return self._checked

    def open(self, source: Callable[[], Any]) -> None:
        """Check a workbook, which `source` gives anew each time; raises InputError."""
        checked = self._check(source, {})
        self._source = source
        self.columns.clear()
        self._show(checked, before=None)

    def _check(self, source: Callable[[], Any], given: dict[str, str]) -> Checked:
        documents, profile = self.documents.value.strip(), self.profile.value.strip()
        return self.desk.check(
            source(), documents=documents or None, profile=profile or None, given=given
        )

    def _show(self, checked: Checked, *, before: Checked | None) -> None:
        self._checked, self._given = checked, self.columns.given
        skipped = (f"Skipped {name}." for name in checked.skipped)
        names = ", ".join(Path(name).name for name in checked.workbooks)
        profiles = filter(None, map(_used, checked.profiles))
        self.message.value = lines(f"{names}: {checked.size}.", *profiles, *skipped)
        self.columns.show(checked)
        self.findings.show(checked, before=before)
        self.written.value = self.learned.value = ""
        self.mark.disabled = self.learn.disabled = False

    def _try(self, step: Callable[[], None], meanwhile: str) -> None:
        """Do one step; what keeps it from being done is said at the workbook."""
        self.message.value = lines(meanwhile)
        try:
            step()
        except PortopsError as error:
            self.message.value = lines(str(error), error.remedy)

    def _uploaded(self, _: object = None) -> None:
        """Take the file in; it leaves the widget, whose state a notebook is saved with."""
        if not self.upload.value:
            return
        name, content = self.upload.value[0]["name"], bytes(self.upload.value[0]["content"])
        self.upload.value = ()
        self.path.value = ""
        self._try(lambda: self.open(lambda: _file(name, content)), f"Reading {name} …")

    def _typed(self, _: object = None) -> None:
        path = self.path.value.strip()
        if path:
            self._try(lambda: self.open(lambda: path), f"Reading {path} …")

    def _again(self, _: object = None) -> None:
        """Check the workbook anew; a choice with which it cannot be read is taken back."""
        if self._source is None:
            return
        self._try(self._check_choices, "Checking …")
        if self.columns.given != self._given:
            self.columns.given = self._given
            self.columns.show(self.checked)

    def _check_choices(self) -> None:
        if self._source is not None:
            checked = self._check(self._source, self.columns.given)
            self._show(checked, before=self._checked)

    def _soon(self) -> None:
        """Check once no other choice follows: arrow keys go through a list one by one."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._again()
            return
        if self._due is not None:
            self._due.cancel()
        self.message.value = lines("Checking …")
        self._due = loop.call_later(PAUSE, self._again)

    def _learn(self, _: object = None) -> None:
        try:
            file = self.desk.learn(self.checked, self.name.value.strip())
        except PortopsError as error:
            self.learned.value = lines(str(error), error.remedy)
            return
        self.learned.value = lines(
            f"Kept: {file}. The sender's next workbook is read the same way."
        )

    def _write(self, _: object = None) -> None:
        try:
            written = self.desk.write(self.checked, self.out.value.strip() or None)
        except PortopsError as error:
            self.written.value = lines(str(error), error.remedy)
            return
        self.written.value = lines(
            *(f"Written: {file.path}{f' ({file.note})' if file.note else ''}" for file in written)
        )

    def _repr_mimebundle_(self, **options: Any) -> Any:
        # The text is for whoever reads the notebook where no widgets are.
        static = "" if self._checked is None else self._checked._repr_html_()
        return {**self._view._repr_mimebundle_(**options), "text/html": static}


def _used(use: ProfileUse) -> str:
    """Say what became of a profile."""
    if use.rivals:
        names = ", ".join((use.name, *use.rivals))
        return f"Several profiles fit alike: {names}. None was used; name one above."
    if not use.applied:
        return f"Close to profile '{use.name}', which was not used. Name it above to use it."
    gone, new = ", ".join(use.gone), ", ".join(title for title, _ in use.new)
    missing = f" Missing here: {gone}." if gone else ""
    return f"Read with profile '{use.name}'.{missing}" + (f" New here: {new}." if new else "")


def _button(words: str) -> Any:
    return widgets.Button(description=words, disabled=True, layout={"width": "auto"})


def _text(label: str, hint: str, value: str = "") -> Any:
    return widgets.Text(
        value=value,
        description=label,
        placeholder=hint,
        continuous_update=False,
        style={"description_width": "9rem"},
        layout={"width": "34rem", "max_width": "100%"},
    )


def _file(name: str, content: bytes) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file
