"""The result of a check, as JSON and as records."""

from __future__ import annotations

import json

from tests.conftest import rows

import portops


def test_a_check_is_json_without_nan() -> None:
    """Strict JSON: what is not known is null."""
    checked = portops.check(rows({"Email": None}, {}).assign(Colour="red"))
    document = json.loads(json.dumps(checked.as_json(), allow_nan=False))
    assert set(document) >= {
        "workbooks",
        "rows",
        "numbers",
        "requests",
        "mapping",
        "columns",
        "counts",
        "findings",
    }
    assert document["counts"] == checked.counts
    assert document["mapping"]["Colour"] is None
    finding = next(row for row in document["findings"] if row["code"] == "email.missing")
    assert finding["value"] is None
    assert finding["row"] == 2


def test_columns_tell_how_each_was_understood() -> None:
    """File, sheet, letter, header, field, how and how surely, in the order of the sheet."""
    columns = portops.check(rows({}).assign(Colour="red")).as_json()["columns"]
    assert columns[0].pop("confidence") > 0.7
    assert columns[0] == {
        "file": "table",
        "sheet": "table",
        "column": "A",
        "header": "Phone Number",
        "field": "phone_number",
        "how": "both",
    }
    assert (columns[-1]["header"], columns[-1]["field"]) == ("Colour", None)


def test_findings_as_records_have_none_for_what_is_not_known() -> None:
    """Plain values, and the workbook of each."""
    records = portops.check(rows({"Email": None})).findings_as_records()
    missing = next(record for record in records if record["code"] == "email.missing")
    assert missing["workbook"] == "table"
    assert missing["suggestion"] is None


def test_findings_that_are_added_have_the_severity_of_their_code() -> None:
    """A later stage names the code of a rule, and nothing else is needed."""
    checked = portops.check(rows({}))
    more = checked.numbers[["file", "sheet", "row"]].assign(code="pin.missing", message="No PIN.")
    added = checked.adding(more).findings.query("code == 'pin.missing'")
    assert list(added["severity"]) == ["error"]
