"""Plan: which port requests a submission would create, and which are held back.

A request is held back as a whole, with every other request of its account, when one of its
numbers has an error: a port that takes some numbers of an account can close it for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from portops import tables
from portops.facts.limits import Limits, limits_of
from portops.results.planned import Planned
from portops.tables.findings import tidy
from portops.tables.grouping import account_key
from portops.tables.requests import DETAILS

if TYPE_CHECKING:
    from portops.results.checked import Checked


def _stops(checked: Checked, *, strict: bool) -> pd.DataFrame:
    severities = ["error", "warning"] if strict else ["error"]
    return checked.findings[checked.findings["severity"].isin(severities)]


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
    whole_sheet = stops["code"] == "workbook.column_missing"
    by_row = stops[~whole_sheet].merge(
        where.astype({"row": "Int64"}), on=["file", "sheet", "row"], how="inner"
    )
    by_sheet = stops[whole_sheet].merge(
        where[["file", "sheet", "account"]].drop_duplicates(), on=["file", "sheet"], how="inner"
    )
    found = pd.concat([by_row, by_sheet], ignore_index=True)
    if found.empty:
        return pd.Series(dtype="str")
    found["said"] = found["code"] + " at " + found["cell"].fillna(found["column"]).fillna("")
    found = found.drop_duplicates(["account", "said"])
    first = found.groupby("account", sort=False)["said"].first()
    count = found.groupby("account", sort=False)["said"].size()
    more = np.where(count > 1, " and " + (count - 1).astype(str).astype(object) + " more", "")
    return pd.Series(first.to_numpy(dtype=object) + more, first.index, dtype="str")


def _split(numbers: pd.DataFrame, limits: Limits) -> tuple[pd.Series, pd.Series]:
    """Return each number's request after splitting, and how its request was split."""
    ordered = numbers.sort_values(["request", "phone_number"], kind="stable")
    position = ordered.groupby("request").cumcount().reindex(numbers.index)
    size = numbers.groupby("request")["phone_number"].transform("size")
    part, parts = position // limits.numbers + 1, -(-size // limits.numbers)
    several = parts > 1
    suffix = " [" + part.astype("str") + " of " + parts.astype("str") + "]"
    name = numbers["request"].where(~several, numbers["request"] + suffix)
    how = pd.Series(np.nan, numbers.index, dtype="str")
    how[several] = (
        size.astype("str")
        + " numbers in "
        + parts.astype("str")
        + f" requests of at most {limits.numbers:,}"
    )[several]
    return name, how


def plan(checked: Checked, *, provider: str = "sandbox", strict: bool = False) -> Planned:
    """Group checked numbers into port requests for a provider.

    With `strict`, warnings hold a request back as well. Nothing is sent.
    """
    limits = limits_of(provider)
    reasons = _reasons(checked, strict=strict)
    numbers = checked.numbers.copy()
    numbers["account"] = account_key(numbers)
    numbers["held_back"] = numbers["account"].map(reasons).astype("str")
    usable = numbers[numbers["phone_number"].notna()].drop_duplicates(["request", "phone_number"])
    usable = usable.copy()
    usable["request"], usable["split"] = _split(usable, limits)
    by = usable.groupby("request", sort=False)
    details = by[[*DETAILS, "account", "held_back", "split", "file"]].first()
    requests = details.assign(
        numbers=by["phone_number"].agg(sorted),
        count=by.size().astype("int64"),
    ).reset_index()
    # An account of which no number can be read is held back too, and must not vanish.
    unread = numbers[~numbers["account"].isin(usable["account"])]
    if not unread.empty:
        first = unread.groupby("request", sort=False)[[*DETAILS, "account", "held_back", "file"]]
        lost = first.first().reset_index()
        lost["numbers"] = [[] for _ in range(len(lost))]
        requests = pd.concat([requests, lost.assign(count=0)], ignore_index=True)
    texts = ["request", *DETAILS, "account", "held_back", "split", "file"]
    requests = requests.astype({**dict.fromkeys(texts, "str"), "count": "int64"})
    requests["numbers"] = requests["numbers"].astype(object)
    return Planned(
        checked=checked,
        provider=provider,
        strict=strict,
        requests=tables.REQUESTS.validate(requests),
        numbers=usable.reset_index(drop=True),
        findings=_with_splits(checked.findings, usable, requests),
    )


def _with_splits(
    findings: pd.DataFrame, numbers: pd.DataFrame, requests: pd.DataFrame
) -> pd.DataFrame:
    split = requests[requests["split"].notna()]
    if split.empty:
        return findings
    first = numbers.drop_duplicates("request").set_index("request").loc[split["request"]]
    said = pd.DataFrame(
        {
            "code": "request.split",
            "file": first["file"].to_numpy(),
            "sheet": first["sheet"].to_numpy(),
            "row": first["row"].to_numpy(),
            "message": "The provider takes fewer numbers in a request: "
            + split["split"].to_numpy(),
            "request": split["request"].to_numpy(),
        }
    )
    return tidy(pd.concat([findings, said], ignore_index=True))
