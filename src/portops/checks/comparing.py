"""Compare rows with their statements: the file's faults, its age, and what its text does not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portops.checks.evidence import age_in_days
from portops.checks.step import Across, Columns, Given, Step
from portops.tables.grouping import DECIDES
from portops.texts import blank, codes_of, groups, take

if TYPE_CHECKING:
    from portops.checks.evidence import Evidence
    from portops.checks.statements import Statement

_FILES = (
    "statement_fault",
    "statement_detail",
    "statement_nearest",
    "statement_age",
    "statement_days",
    "statement_no_text",
)
_ABSENT = ("number_absent", "account_absent", "name_absent", "address_absent", "no_number_shown")

#: What is looked for in a statement's text: the fact, the field, and whether a PO box counts.
_TEXTS = (
    ("account_absent", "account_number", "account"),
    ("name_absent", "customer_name", "name"),
    ("address_absent", "street", "address"),
)


def _name(facts: pd.DataFrame, _: Given) -> Columns:
    return {"statement": facts["written.statement"]}


def _of_rows(facts: pd.DataFrame, given: Given) -> tuple[np.ndarray, list[Statement]]:
    """Return the distinct statements that rows name, and the place of each row's own."""
    group, first = groups([facts["file"], facts["statement"]])
    named = facts[["file", "statement"]].iloc[first].itertuples(index=False, name=None)
    assert given.documents is not None  # noqa: S101 - the callers ask
    return group, [given.documents.of(file, name) for file, name in named]


def _files(facts: pd.DataFrame, given: Given) -> Columns:
    """Add what is wrong with each row's statement as a file, and how old it is."""
    if given.documents is None:
        nothing, never = blank(facts.index), pd.Series(data=False, index=facts.index)
        return {**dict.fromkeys(_FILES, nothing), "statement_no_text": never}
    group, statements = _of_rows(facts, given)
    ages = [
        age_in_days(statement.evidence, given.today) if statement.evidence else None
        for statement in statements
    ]
    most = given.limits.statement_days
    old = [str(age) if age is not None and age > most else None for age in ages]
    silent = [
        statement.evidence is not None and not statement.evidence.readable
        for statement in statements
    ]
    columns = {
        "statement_fault": pd.Series([s.fault for s in statements], dtype="str"),
        "statement_detail": pd.Series([s.detail for s in statements], dtype="str"),
        "statement_nearest": pd.Series([s.nearest for s in statements], dtype="str"),
        "statement_age": pd.Series(old, dtype="str"),
        "statement_days": pd.Series([str(most)] * len(statements), dtype="str"),
        "statement_no_text": pd.Series(silent, dtype="bool"),
    }
    return {name: take(column, group, facts.index) for name, column in columns.items()}


def _texts(facts: pd.DataFrame, given: Given) -> Columns:
    """Add what each statement's text does not show: number, account, name, address."""
    columns = _rows_absent(facts, given)
    absent = columns["number_absent"]
    if not absent.any():
        return {**columns, "no_number_shown": absent}
    of_request, count = codes_of(facts["request"])
    lacking = np.bincount(of_request, absent, count) == np.bincount(of_request, minlength=count)
    return {**columns, "no_number_shown": pd.Series(lacking[of_request], facts.index)}


def _with_silent(facts: pd.DataFrame, given: Given, silent: pd.Series) -> Columns:
    """Add what statements do not show; of `silent` requests they show no number at all."""
    return {**_rows_absent(facts, given), "no_number_shown": facts["request"].isin(silent)}


def _counted(facts: pd.DataFrame, given: Given) -> tuple[np.ndarray, np.ndarray] | None:
    """Count the rows whose number is not shown, and all, by what decides about requests.

    The requests have no names yet. None where no statement of the batch can be compared.
    """
    documents = given.documents.statements.values() if given.documents is not None else ()
    if not any(one.evidence is not None and one.evidence.readable for one in documents):
        return None
    group, first = groups([facts[name] for name in DECIDES])
    absent = _rows_absent(facts, given)["number_absent"]
    return np.bincount(group, absent, len(first)), np.bincount(group, minlength=len(first))


def _silent_requests(
    parts: Sequence[tuple[np.ndarray, np.ndarray] | None],
    _: Given,
    before: Mapping[str, Sequence[Any]],
) -> list[pd.Series]:
    """Name the requests of which statements show no number, with the rows of all parts."""
    counted = [
        pd.DataFrame({"request": named["request"], "absent": part[0], "count": part[1]})
        for part, named in zip(parts, before["account"], strict=True)
        if part is not None
    ]
    if not counted:
        return [blank(pd.RangeIndex(0))] * len(parts)
    sums = pd.concat(counted).groupby("request", dropna=False).sum().reset_index()
    return [sums.loc[sums["absent"] == sums["count"], "request"]] * len(parts)


def _rows_absent(facts: pd.DataFrame, given: Given) -> dict[str, pd.Series]:
    """Say of each row what its statement does not show."""
    if given.documents is not None:
        statement_of, statements = _of_rows(facts, given)
        evidence = [statement.evidence for statement in statements]
        if any(text is not None and text.readable for text in evidence):
            return _compare(facts, statement_of, evidence)
    return dict.fromkeys(_ABSENT[:-1], pd.Series(data=False, index=facts.index))


def _compare(
    facts: pd.DataFrame, statement_of: np.ndarray, evidence: list[Evidence | None]
) -> dict[str, pd.Series]:
    absent = {}
    for name, field, what in _TEXTS:
        group, first = groups([pd.Series(statement_of), facts[field].reset_index(drop=True)])
        lacking = np.zeros(len(first), dtype=bool)
        values = facts[field].iloc[first]
        for place, (at, value) in enumerate(zip(statement_of[first], values, strict=True)):
            text = evidence[at]
            if text is not None and text.readable and isinstance(value, str):
                lacking[place] = not getattr(text, what)(value)
        absent[name] = lacking[group]
    # A PO box is said to be none already.
    absent["address_absent"] &= ~facts["po_box"].to_numpy()
    absent["number_absent"] = _numbers_absent(facts, statement_of, evidence)
    return {name: pd.Series(values, facts.index) for name, values in absent.items()}


def _numbers_absent(
    facts: pd.DataFrame, statement_of: np.ndarray, evidence: list[Evidence | None]
) -> np.ndarray:
    """Tell which rows' number their statement does not show.

    A statement may name the account's main number only.
    """
    absent = np.zeros(len(facts), dtype=bool)
    readable = np.array([text is not None and text.readable for text in evidence], dtype=bool)
    filled = facts["phone_number"].notna().to_numpy()
    compared = np.flatnonzero(filled & readable[statement_of])
    # The rows of each statement are next to one another, and each statement is asked once.
    order = compared[np.argsort(statement_of[compared], kind="stable")]
    if not len(order):
        return absent
    numbers = facts["phone_number"].iloc[order].tolist()
    main = facts["billing_number"].iloc[order]
    mains = main.tolist() if main.notna().any() else None
    starts = np.flatnonzero(np.diff(statement_of[order], prepend=-1))
    lacking: list[bool] = []
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        text = evidence[statement_of[order[start]]]
        assert text is not None  # noqa: S101 - what is readable is there
        shown = text.numbers(numbers[start:end])
        if mains is None:
            lacking += [not there for there in shown]
            continue
        own = mains[start:end]
        named = {number for number in own if isinstance(number, str)}
        there = dict(zip(named, text.numbers(named), strict=True))
        lacking += [
            not (direct or there.get(number)) for direct, number in zip(shown, own, strict=True)
        ]
    absent[order] = lacking
    return absent


NAMES = Step(reads=("written.statement",), adds=("statement",), derive=_name)
FILES = Step(reads=("file", "statement"), adds=_FILES, derive=_files)
TEXTS = Step(
    reads=(
        "file",
        "statement",
        "phone_number",
        "billing_number",
        "account_number",
        "customer_name",
        "street",
        "po_box",
        "request",
    ),
    adds=_ABSENT,
    derive=_texts,
    across=Across(_counted, _silent_requests, _with_silent),
)
