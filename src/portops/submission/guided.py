"""The guided request: one customer in four steps, by the same rules as a workbook.

Steps: the agreement; account and numbers; customer, contact, address and statement; review.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.errors import InputError
from portops.files import replacing
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    from portops.results.checked import Checked

#: Where the draft is kept, without its PINs.
DRAFT = Path(".portops/draft.json")

#: The fields that are asked for, step by step; wireless numbers are asked for one by one.
STEPS: Mapping[str, tuple[str, ...]] = {
    "Account and numbers": (
        "losing_carrier",
        "account_number",
        "billing_number",
        "landline_numbers",
    ),
    "Customer and address": (
        "customer_type",
        "customer_name",
        "authorized_name",
        "email",
        "street",
        "street_2",
        "city",
        "state",
        "postal_code",
    ),
    "Statement": ("statement", "target_date", "notification_emails"),
}

ASKED = tuple(name for names in STEPS.values() for name in names)

#: May be left empty.
OPTIONAL = frozenset(
    {"billing_number", "landline_numbers", "street_2", "target_date", "notification_emails"}
)


@dataclass(slots=True)
class Wireless:
    """A wireless number with its PIN or the last four digits of the SSN."""

    number: str = ""
    pin: str = field(default="", repr=False)
    ssn_last4: str = field(default="", repr=False)


@dataclass(slots=True)
class Draft:
    """What was filled in so far. PINs do not show, and are not saved."""

    answers: dict[str, str] = field(default_factory=dict)
    wireless: list[Wireless] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """Return the draft as a workbook's table: a row for landlines, one a wireless number."""
        same = {FIELDS[name].label: self.answers.get(name) or None for name in ASKED}
        landline, kind = FIELDS["landline_numbers"].label, FIELDS["line_type"].label
        number, pin, ssn = (FIELDS[name].label for name in ("phone_number", "pin", "ssn_last4"))
        rows: list[dict[str, str | None]] = []
        if same[landline] or not self.wireless:
            rows.append({**same, number: None, kind: None, pin: None, ssn: None})
        rows += [
            {
                **same,
                landline: None,
                number: line.number or None,
                kind: "Wireless",
                pin: line.pin or None,
                ssn: line.ssn_last4 or None,
            }
            for line in self.wireless
        ]
        return pd.DataFrame(rows, dtype=object)

    @property
    def documents(self) -> Path:
        """The folder of the statement, as its name says."""
        return Path(self.answers.get("statement") or "").parent

    def named(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the table with the statement's file name alone, to be looked for in `documents`."""
        name = Path(self.answers.get("statement") or "").name
        return table.assign(**{FIELDS["statement"].label: name or None})

    @property
    def has_numbers(self) -> bool:
        """Tell whether a number was given."""
        return bool(self.answers.get("landline_numbers") or self.wireless)

    def save(self, path: Path) -> None:
        """Keep the draft; PINs have to be given again."""
        plain = {"answers": self.answers, "wireless": [line.number for line in self.wireless]}
        with replacing(path) as beside:
            beside.write_text(json.dumps(plain, indent=2, ensure_ascii=False), encoding="utf-8")


def load(path: Path) -> Draft:
    """Take up a saved draft; an empty one where there is none. Raises InputError."""
    if not path.is_file():
        return Draft()
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return Draft(
            answers={str(name): str(value) for name, value in plain["answers"].items()},
            wireless=[Wireless(number=str(number)) for number in plain["wireless"]],
        )
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise InputError(f"{path} is no draft.", "Remove it and begin anew.") from error


def read_toml(path: Path) -> Draft:
    """Read a draft from a TOML file for scripts; its statement is looked for beside the file.

    Raises InputError, which names what is wrong.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Fix the line it names.") from error
    draft = from_table(given, str(path))
    statement = draft.answers.get("statement")
    if statement:
        draft.answers["statement"] = str(path.parent / statement)
    return draft


def from_table(given: Mapping[str, Any], name: str) -> Draft:
    """Read a draft from a file for scripts; raises InputError, which names what is not known."""
    allowed = {parameter.name for parameter in fields(Wireless)}
    draft = Draft()
    for key, value in given.items():
        if key == "wireless" and isinstance(value, list):
            for row in value:
                if not isinstance(row, dict) or set(row) - allowed:
                    raise InputError(
                        f"{name}: a [[wireless]] entry has {', '.join(sorted(allowed))} only.",
                        "Correct the file.",
                    )
                draft.wireless.append(Wireless(**{k: str(v) for k, v in row.items()}))
        elif key in ASKED and not isinstance(value, dict | list):
            draft.answers[key] = str(value)
        elif key in ASKED and isinstance(value, list):
            draft.answers[key] = ", ".join(map(str, value))
        else:
            raise InputError(
                f"{name} has '{key}', which a request does not.",
                f"It has: {', '.join(ASKED)}, and [[wireless]] entries.",
            )
    return draft


def problems(
    checked: Checked, *, silent: frozenset[str] = frozenset()
) -> dict[str, list[tuple[str, str]]]:
    """Return by field what was found: (severity, words), the worst first; nothing of `silent` codes.

    What stands in a wireless number's row is under `wireless`, with the number in front.
    """
    labels = {about.label: name for name, about in FIELDS.items()}
    by_field: dict[str, list[tuple[str, str]]] = {}
    rank = {"error": 0, "warning": 1, "fixed": 2, "info": 3}
    rows = checked.findings[~checked.findings["code"].isin(silent)]
    rows = rows.drop_duplicates(["code", "column", "message"])
    for row in sorted(rows.to_dict("records"), key=lambda row: rank[row["severity"]]):
        name = labels.get(str(row["column"]), "")
        if name in {"phone_number", "pin", "ssn_last4", "line_type"}:
            name = "wireless"
        problem = (row["severity"], str(row["message"]))
        if problem not in by_field.setdefault(name, []):
            by_field[name].append(problem)
    return by_field


def judge(
    draft: Draft, check: Callable[[pd.DataFrame], Checked]
) -> dict[str, list[tuple[str, str]]]:
    """Return what a check says of the draft so far, by field; see `problems`."""
    table, silent = draft.table(), frozenset[str]()
    if not draft.has_numbers:
        # The other answers are judged with a number that is set aside for fiction.
        table[FIELDS["landline_numbers"].label] = "212-555-0100"
        silent = frozenset({"statement.number_absent"})
    return problems(check(table), silent=silent)


def review(draft: Draft) -> list[tuple[str, str]]:
    """Return label and value of everything that was filled in; PINs show as dots."""
    rows = [(FIELDS[name].label, draft.answers[name]) for name in ASKED if draft.answers.get(name)]
    for line in draft.wireless:
        secret = "PIN •••" if line.pin else "SSN •••" if line.ssn_last4 else "no PIN"
        rows.append(("Wireless number", f"{line.number} ({secret})"))
    return rows
