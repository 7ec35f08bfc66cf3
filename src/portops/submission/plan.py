"""Plan: which port requests a submission would create, and which are held back.

A request is held back as a whole, with every other request of its account, when one of its
numbers has an error: a port that takes some numbers of an account can close it for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from portops import tables
from portops.results.planned import Planned
from portops.tables.findings import tidy
from portops.tables.grouping import account_key
from portops.tables.requests import DETAILS

if TYPE_CHECKING:
    from portops.facts.limits import Limits
    from portops.results.checked import Checked


def _stops(checked: Checked, *, strict: bool) -> pd.DataFrame:
    severities = ["error", "warning"] if strict else ["error"]
    return checked.findings[checked.findings["severity"].isin(severities)]


#: What names the table of a sheet that a finding about a column is about.
_TABLE = ["file", "sheet", "row"]


def _tables(mapping: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each table on sheets with several: `header_row, first_row, last_row`."""
    columns = ["file", "sheet", "header_row", "first_row", "last_row"]
    tables = mapping.loc[mapping["value_row"] == 0, columns].drop_duplicates()
    several = tables.groupby(["file", "sheet"])["header_row"].transform("nunique") > 1
    return tables[several].astype({"header_row": "Int64"})


def _reasons(checked: Checked, *, strict: bool) -> pd.Series:
    """Say for each account why it is held back; accounts without an error are absent."""
    numbers = checked.numbers
    stops = _stops(checked, strict=strict)
    account = account_key(numbers)
    where = pd.DataFrame(
        {
            "file": numbers["file"],
            "sheet": numbers["sheet"],
            "row": numbers["row"],
            "account": account,
        }
    ).drop_duplicates()
    whole_sheet = stops["code"].isin(["workbook.column_missing", "workbook.column_ambiguous"])
    whole_sheet &= stops["request"].isna()
    # A finding at the cell of a block, or of another sheet, names its request.
    requests = pd.DataFrame({"request": numbers["request"], "account": account}).drop_duplicates()
    by_request = stops[~whole_sheet & stops["request"].notna()].merge(requests, on="request")
    by_row = stops[~whole_sheet].merge(
        where.astype({"row": "Int64"}), on=["file", "sheet", "row"], how="inner"
    )
    tables = _tables(checked.mapping)
    of_table = whole_sheet & stops["cell"].notna()
    several = pd.MultiIndex.from_frame(tables[["file", "sheet"]])
    of_table &= pd.MultiIndex.from_frame(stops[["file", "sheet"]]).isin(several)
    by_sheet = stops[whole_sheet & ~of_table].merge(
        where[["file", "sheet", "account"]].drop_duplicates(), on=["file", "sheet"], how="inner"
    )
    spans = stops[of_table].merge(tables, left_on=_TABLE, right_on=[*_TABLE[:2], "header_row"])
    by_table = spans.merge(where.drop(columns="row").assign(at=where["row"]), on=_TABLE[:2])
    by_table = by_table[by_table["at"].between(by_table["first_row"], by_table["last_row"])]
    reasons = pd.concat([by_row, by_request, by_sheet, by_table], ignore_index=True)
    if reasons.empty:
        return pd.Series(dtype="str")
    reasons["said"] = (
        reasons["code"] + " at " + reasons["cell"].fillna(reasons["column"]).fillna("")
    )
    reasons = reasons.drop_duplicates(["account", "said"])
    first = reasons.groupby("account", sort=False)["said"].first()
    count = reasons.groupby("account", sort=False)["said"].size()
    more = np.where(count > 1, " and " + (count - 1).astype(str).astype(object) + " more", "")
    return pd.Series(first.to_numpy(dtype=object) + more, first.index, dtype="str")


def _pin_places(ordered: pd.DataFrame) -> pd.Series:
    """Return for each number the place of its PIN in its request, from 0; without a PIN 0."""
    pins = ordered.loc[ordered["line_type"] == "wireless", ["request", "pin"]].dropna()
    pairs = pins.assign(pin=pd.factorize(pins["pin"])[0])
    distinct = pairs.drop_duplicates()
    distinct = distinct.assign(place=distinct.groupby("request").cumcount())
    places = pairs.merge(distinct, how="left", on=["request", "pin"])["place"]
    return pd.Series(places.to_numpy(), pins.index).reindex(ordered.index, fill_value=0)


def _split(numbers: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Return how requests with too many numbers, or PINs, are split, one row per number.

    Columns: `request` (as planned), `part_of` (the name before splitting; missing where it was
    not split) and `split` (how, in words; missing likewise).
    """
    ordered = numbers.sort_values(["request", "phone_number"], kind="stable")
    request = ordered["request"]
    pin = _pin_places(ordered) if limits.one_pin else pd.Series(0, index=ordered.index)
    chunk = ordered.groupby([request, pin]).cumcount() // limits.numbers
    part = (pin * len(ordered) + chunk).groupby(request).rank("dense").astype("int64")
    part, pins = part.reindex(numbers.index), pin.groupby(request).transform("max")
    size = numbers.groupby("request")["phone_number"].transform("size")
    parts = part.groupby(numbers["request"]).transform("max")
    several = parts > 1
    suffix = " [" + part.astype("str") + " of " + parts.astype("str") + "]"
    apart = pins.reindex(numbers.index) > 0
    how = pd.Series(np.where(apart, ", each with one PIN", ""), numbers.index, dtype="str")
    words = size.astype("str") + " numbers in " + parts.astype("str")
    words = (words + f" requests of at most {limits.numbers:,}").str.cat(how)
    return pd.DataFrame(
        {
            "request": numbers["request"].where(~several, numbers["request"] + suffix),
            "part_of": numbers["request"].where(several),
            "split": words.where(several),
        }
    ).astype("str")


def plan(
    checked: Checked, limits: Limits, *, provider: str = "sandbox", strict: bool = False
) -> Planned:
    """Group checked numbers into port requests for a provider with these limits.

    With `strict`, warnings hold a request back as well. Nothing is sent.
    """
    reasons = _reasons(checked, strict=strict)
    numbers = checked.numbers.copy()
    numbers["account"] = account_key(numbers)
    numbers["held_back"] = numbers["account"].map(reasons).astype("str")
    usable = numbers[numbers["phone_number"].notna()].drop_duplicates(["request", "phone_number"])
    usable = usable.assign(**_split(usable, limits))
    return Planned(
        checked=checked,
        provider=provider,
        strict=strict,
        requests=tables.REQUESTS.validate(_requests(usable, numbers)),
        numbers=usable.reset_index(drop=True),
        findings=_with_splits(checked.findings, usable),
    )


#: Columns of REQUESTS that are one for the request beside its details.
_ABOUT = ("account", "held_back", "part_of", "split", "file")


def _requests(usable: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Return REQUESTS of the usable numbers, and of accounts without one."""
    by = usable.groupby("request", sort=False)
    requests = by[[*DETAILS, *_ABOUT]].first()
    requests = requests.assign(
        numbers=by["phone_number"].agg(sorted), count=by.size().astype("int64")
    ).reset_index()
    # An account of which no number can be read is held back too, and must not vanish.
    unread = numbers[~numbers["account"].isin(usable["account"])]
    if not unread.empty:
        lost = unread.groupby("request", sort=False)[[*DETAILS, "account", "held_back", "file"]]
        empty = lost.first().reset_index()
        empty["numbers"] = [[] for _ in range(len(empty))]
        requests = pd.concat([requests, empty.assign(count=0)], ignore_index=True)
    texts = ["request", *DETAILS, *_ABOUT]
    requests = requests.astype({**dict.fromkeys(texts, "str"), "count": "int64"})
    requests["numbers"] = requests["numbers"].astype(object)
    return requests


def _with_splits(findings: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Add one `request.split` for each part of a split request, at its first number."""
    first = numbers[numbers["split"].notna()].drop_duplicates("request")
    if first.empty:
        return findings
    splits = first[["file", "sheet", "row", "request"]].assign(
        code="request.split",
        message="The provider takes fewer numbers in a request: " + first["split"] + ".",
    )
    return tidy(pd.concat([findings, splits], ignore_index=True))
