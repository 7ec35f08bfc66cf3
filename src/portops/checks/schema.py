"""The rules as a pandera schema of NUMBERS, and the checks that it is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.api.base.checks import CheckResult
from pandera.errors import SchemaDefinitionError

from portops.checks.facts import derive, with_documents, written
from portops.checks.rulebook import rules
from portops.checks.step import Given
from portops.errors import SettingsError
from portops.redaction import MASK
from portops.results.checked import MAPPING_COLUMNS
from portops.tables.columns import FIELDS, REQUEST_FIELDS, SECRET_FIELDS, UNSHOWN_FIELDS
from portops.tables.findings import ERROR

if TYPE_CHECKING:
    from portops.checks.rule import Rule
    from portops.facts.limits import Limits

FactsOf = Callable[[pd.DataFrame], pd.DataFrame]


class RuleError(SettingsError, SchemaDefinitionError):
    """A rule itself is broken; pandera lets it through as a fault of the schema."""


def _broken(rule: Rule, what: str) -> RuleError:
    return RuleError(
        f"The rule {rule.code} of {rule.module} is broken: {what}.",
        f"Correct it in {rule.module}, or remove the package or the `rules=` that brings it.",
    )


@contextmanager
def blaming(rule: Rule, part: str) -> Iterator[None]:
    """Raise RuleError, naming the rule and its part, for whatever goes wrong inside."""
    try:
        yield
    except Exception as error:  # a rule from elsewhere may raise anything
        what = f"its `{part}` raises {type(error).__name__} ({error})"
        raise _broken(rule, what) from error


def verdict(rule: Rule, facts: pd.DataFrame) -> np.ndarray:
    """Tell of each row of the facts whether the rule holds; raises RuleError when it is broken."""
    with blaming(rule, "holds"):
        holds = rule.holds(facts)
    if not isinstance(holds, (pd.Series, np.ndarray)) or not pd.api.types.is_bool_dtype(holds):
        kind = (
            f"{type(holds).__name__} of {holds.dtype}" if hasattr(holds, "dtype") else type(holds)
        )
        raise _broken(rule, f"its `holds` gives {kind} instead of a column of true and false")
    if len(holds) != len(facts):
        raise _broken(rule, f"its `holds` gives {len(holds):,} answers for {len(facts):,} rows")
    if pd.isna(holds).any():
        raise _broken(rule, "its `holds` gives answers that are neither true nor false")
    return np.asarray(holds, dtype=bool)


class RuleCheck(pa.Check):
    """One rule as a pandera check of a whole table.

    `check_output` tells of every row whether it passes. The failure cases are one a failing row,
    with the field as `column`: pandera's own, of a check over a table, would be one a cell.
    """

    def __init__(self, rule: Rule, facts_of: FactsOf, *, cases: bool) -> None:
        super().__init__(
            rule.holds, name=rule.code, ignore_na=False, description=rule.meaning, title=rule.code
        )
        self.rule = rule
        self._facts_of = facts_of
        self._with_cases = cases

    def __call__(self, check_obj: pd.DataFrame, column: str | None = None) -> CheckResult:
        """Apply the rule."""
        facts = self._facts_of(check_obj)
        holds = verdict(self.rule, facts)
        passed = bool(holds.all())
        cases = None
        if self._with_cases and not passed:
            cases = self._cases(facts.iloc[np.flatnonzero(~holds)], check_obj.index[~holds])
        return CheckResult(pd.Series(holds, check_obj.index), passed, check_obj, cases)

    def _cases(self, rows: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
        shown = value_of(self.rule, rows)
        return pd.DataFrame(
            {"column": field_of(self.rule, rows), "index": index, "failure_case": shown.to_numpy()}
        )


def field_of(rule: Rule, rows: pd.DataFrame) -> np.ndarray | str:
    """Name the field that a rule points at in each row: a number's may be one of three columns."""
    return rows["number_field"].to_numpy() if rule.field == "phone_number" else rule.field


def value_of(rule: Rule, rows: pd.DataFrame) -> pd.Series:
    """Return what was written in the field of a rule; secrets and notes as `•••`."""
    error = rows[f"formula_error.{rule.field}"] if rule.field not in SECRET_FIELDS else None
    if rule.code == "workbook.formula_error" and error is not None:
        return error
    if rule.code == "cell.placeholder":
        return rows[f"placeholder.{rule.field}"]
    if rule.field == "phone_number":
        return rows["number_written"]
    column = rows[f"written.{rule.field}"]
    if rule.field in UNSHOWN_FIELDS:
        return column.map(lambda _: MASK, na_action="ignore").astype("str")
    return column


class _Derived:
    """Derives the facts of the table that is being validated, once for all checks."""

    def __init__(self, given: Callable[[], Given], folder: Path | None, *, files: bool) -> None:
        self._given, self._folder, self._files = given, folder, files
        self._here = threading.local()

    def __deepcopy__(self, memo: dict[int, Any]) -> _Derived:
        return self

    def forget(self, numbers: pd.DataFrame) -> pd.DataFrame:
        """Drop what was derived; the table is given back as it is."""
        self._here.facts = None
        return numbers

    def __call__(self, numbers: pd.DataFrame) -> pd.DataFrame:
        facts: pd.DataFrame | None = getattr(self._here, "facts", None)
        if facts is None:
            facts, given = written(numbers), self._given()
            given = with_documents(facts, given, self._folder) if self._files else given
            self._here.facts = facts = derive(facts, given)
        return facts


class _Last(pa.Check):
    """Passes always, and lets go of the facts, which are far larger than the table."""

    def __init__(self, derived: _Derived) -> None:
        super().__init__(derived.forget, name="done")
        self._derived = derived

    def __call__(self, check_obj: pd.DataFrame, column: str | None = None) -> CheckResult:
        """Let go."""
        self._derived.forget(check_obj)
        return CheckResult(True, True, check_obj, None)  # noqa: FBT003 - pandera's order


def judging_schema(applied: Sequence[Rule]) -> pa.DataFrameSchema:
    """Return the schema of a table of facts: every rule, of every severity, without cases."""
    return pa.DataFrameSchema(
        checks=[RuleCheck(rule, lambda facts: facts, cases=False) for rule in applied],
        name="Facts under the rules",
    )


def _columns() -> dict[str, pa.Column]:
    secret = {
        name: pa.Column(
            object,
            nullable=True,
            required=False,
            title=FIELDS[name].label,
            description=FIELDS[name].help,
        )
        for name in SECRET_FIELDS
    }
    plain = {
        name: pa.Column(
            "str",
            nullable=True,
            required=False,
            title=FIELDS[name].label,
            description=FIELDS[name].help,
        )
        for name in REQUEST_FIELDS
        if name not in SECRET_FIELDS
    }
    return {
        "file": pa.Column("str", description="the workbook"),
        "sheet": pa.Column("str", description="its sheet"),
        "row": pa.Column("int64", pa.Check.ge(1), description="Excel's row number"),
        "number_field": pa.Column(
            "str", nullable=True, required=False, description="the field whose cell held the number"
        ),
        "number_text": pa.Column(
            "str", nullable=True, required=False, description="the number as written"
        ),
        "number_column": pa.Column(
            "str", nullable=True, required=False, description="the letter of the number's column"
        ),
        "details_sheet": pa.Column(
            "str", nullable=True, required=False, description="the sheet that gave the details"
        ),
        "details_row": pa.Column(
            "Int64", nullable=True, required=False, description="the row of that sheet"
        ),
        **plain,
        **secret,
    }


def schema(
    limits: Limits,
    *,
    documents: Path | None = None,
    files: bool = True,
    as_of: date | None = None,
    more: Sequence[Rule] = (),
    severities: Collection[str] = (ERROR,),
) -> pa.DataFrameSchema:
    """Return the rules as one pandera schema of NUMBERS; see `portops.schema`.

    `more` are rules beside ours. Raises RuleError when a rule is broken.
    """

    def given() -> Given:
        return Given(
            limits=limits,
            today=as_of or date.today(),  # noqa: DTZ011 - the analyst's own day
            mapping=pd.DataFrame(columns=list(MAPPING_COLUMNS)),
        )

    derived = _Derived(given, documents, files=files)
    applied = [rule for rule in rules(more) if rule.severity in severities]
    return pa.DataFrameSchema(
        _columns(),
        parsers=pa.Parser(derived.forget),
        checks=[*(RuleCheck(rule, derived, cases=True) for rule in applied), _Last(derived)],
        name="NUMBERS",
        title="Numbers to port",
        description="One row a telephone number, fit to be submitted.",
    )
