"""The guided request in a notebook: four steps of widgets over `submission.guided`."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from portops.errors import PortopsError
from portops.facts import agreement
from portops.submission import guided
from portops.submission.guided import Wireless
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    import pandas as pd

    from portops.desk import Desk

_COLOURS = {"error": "#a61b1b", "warning": "#8a5a00", "fixed": "#0b6b3a", "info": "#52606d"}
_WIDE = {"description_width": "200px"}


def _words(problems: list[tuple[str, str]]) -> str:
    return "<br>".join(
        f"<span style='color:{_COLOURS[severity]}'>{severity}: {escape(words)}</span>"
        for severity, words in problems
        if severity != "info"
    )


class PortInForm:
    """A form of four steps. `outcome` is what became of it once it is submitted.

    Each answer is checked by the rules of a workbook as soon as it is given; the button to submit
    works when the checklist is ticked and no error stands.
    """

    def __init__(self, desk: Desk, draft: Path = guided.DRAFT) -> None:
        self.desk, self._path = desk, draft
        self.outcome: Any = None
        self._prior = desk.prior()
        self._draft = guided.load(draft)
        self.agreed = [
            widgets.Checkbox(description=point, indent=False, layout={"width": "95%"})
            for point in agreement.POINTS
        ]
        self.answers = {name: self._field(name) for name in guided.ASKED}
        self.messages = {name: widgets.HTML() for name in (*guided.ASKED, "wireless")}
        self.number, self.pin, self.ssn_last4 = (
            widgets.Text(description="Wireless number", style=_WIDE),
            widgets.Password(description="PIN", style=_WIDE),
            widgets.Password(description="or last four of SSN", style=_WIDE),
        )
        self.add = widgets.Button(
            description="Add wireless number", icon="plus", layout={"width": "auto"}
        )
        self.listed = widgets.HTML()
        self.review, self.result = widgets.HTML(), widgets.HTML()
        self.sid = widgets.Text(
            description="Request SID", disabled=False, layout={"width": "30rem"}
        )
        self.submit = widgets.Button(description="Submit", button_style="primary", disabled=True)
        self._view = self._lay_out()
        for widget in (*self.agreed, *self.answers.values()):
            widget.observe(self._changed, names="value")
        self.add.on_click(self._add)
        self.submit.on_click(self._submit)
        self._changed()

    def _field(self, name: str) -> Any:
        kept = self._draft.answers.get(name, "")
        label = FIELDS[name].label + ("" if name in guided.OPTIONAL else " *")
        common = {"description": label, "style": _WIDE, "layout": {"width": "40rem"}}
        if name == "customer_type":
            choices = ["", "Business", "Residential"]
            return widgets.Dropdown(
                options=choices, value=kept if kept in choices else "", **common
            )
        return widgets.Text(
            value=kept, placeholder=FIELDS[name].help, continuous_update=False, **common
        )

    def _lay_out(self) -> Any:
        steps = {"1 Agreement": widgets.VBox(self.agreed)}
        for number, names in (
            (2, ("Account and numbers",)),
            (3, ("Customer and address", "Statement")),
        ):
            rows: list[Any] = []
            for title in names:
                for name in guided.STEPS[title]:
                    rows += [self.answers[name], self.messages[name]]
            if number == 2:
                rows += [
                    widgets.HBox([self.number, self.pin]),
                    widgets.HBox([self.ssn_last4, self.add]),
                    self.listed,
                    self.messages["wireless"],
                ]
            titles = {2: "2 Numbers", 3: "3 Customer"}
            steps[titles[number]] = widgets.VBox(rows)
        steps["4 Submit"] = widgets.VBox([self.review, self.submit, self.result])
        tab = widgets.Tab(children=list(steps.values()))
        for place, title in enumerate(steps):
            tab.set_title(place, title)
        return tab

    def _check(self, table: pd.DataFrame) -> Any:
        return self.desk.check_draft(self._draft, table, prior=self._prior)

    def _changed(self, _: object = None) -> None:
        """Check everything again and say at each field what was found."""
        self._draft.answers = {name: widget.value.strip() for name, widget in self.answers.items()}
        self._draft.save(self._path)
        problems = guided.judge(self._draft, self._check)
        for name, message in self.messages.items():
            filled = name == "wireless" or bool(self._draft.answers.get(name))
            message.value = _words(problems.get(name, [])) if filled else ""
        rows = "".join(
            f"<tr><td style='padding-right:2rem'>{escape(label)}</td><td>{escape(value)}</td></tr>"
            for label, value in guided.review(self._draft)
        )
        wrong = [
            f"{FIELDS[name].label if name in FIELDS else name}: {words}"
            for name, messages in problems.items()
            for severity, words in messages
            if severity == "error"
        ]
        ticked = all(widget.value for widget in self.agreed)
        still = wrong + ([] if self._draft.has_numbers else ["Give at least one number (step 2)."])
        still += [] if ticked else ["Tick each point of the agreement (step 1)."]
        listed = "".join(f"<li>{escape(step)}</li>" for step in still)
        head = f"<p><b>Still to do:</b></p><ul>{listed}</ul>" if still else "<p><b>Ready.</b></p>"
        self.review.value = f"<table>{rows}</table>{head}"
        self.listed.value = "<br>".join(
            escape(value)
            for label, value in guided.review(self._draft)
            if label == "Wireless number"
        )
        self.submit.disabled = bool(still) or self.outcome is not None

    def _add(self, _: object) -> None:
        """Take the wireless number in; its PIN leaves the widgets at once."""
        self._draft.wireless.append(
            Wireless(
                number=self.number.value.strip(),
                pin=self.pin.value.strip(),
                ssn_last4=self.ssn_last4.value.strip(),
            )
        )
        self.number.value = self.pin.value = self.ssn_last4.value = ""
        self._changed()

    def _submit(self, _: object) -> None:
        self.submit.disabled = True
        self.result.value = "Submitting …"
        try:
            planned = self.desk.plan(self._check(self._draft.table()))
            self.outcome = self.desk.submit(planned, agree=True)
        except PortopsError as error:
            self.result.value = f"<p>{escape(str(error))}<br>{escape(error.remedy)}</p>"
            self.submit.disabled = False
            return
        sids = [outcome.request_sid for outcome in self.outcome.outcomes if outcome.request_sid]
        self.result.value = escape(
            "; ".join(
                str(outcome.error) for outcome in self.outcome.outcomes if not outcome.request_sid
            )
        )
        if sids:
            self.sid.value = ", ".join(sids)
            self._view.children[-1].children = (*self._view.children[-1].children, self.sid)
            self._path.unlink(missing_ok=True)
        else:
            self.outcome, self.submit.disabled = None, False

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self._view._repr_mimebundle_(**options)
