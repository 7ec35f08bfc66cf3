"""The forecast of a plan, from what a store knows of requests that were answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from portops.reporting.chains import READS, numbered
from portops.reporting.cohorts import first_decisions
from portops.reporting.forecast import learn, past_requests
from portops.results.forecast import Forecast
from portops.wording import counted

if TYPE_CHECKING:
    from portops.reporting.report import Sources
    from portops.results.planned import Planned

COLUMNS = ("request", "losing_carrier", "numbers", "acceptance", "low", "high", "reasons")


def foresee(sources: Sources, planned: Planned) -> Forecast:
    """Return the forecast of a plan's ready requests; only warnings count beside the carrier."""
    warnings, carried = set(sources.warnings()), sources.finding_codes()
    past = past_requests(first_decisions(numbered(sources.events(READS))))
    forecaster = learn(
        (carrier, sorted(warnings & set(carried.get(sid, ()))), share)
        for sid, carrier, share in past.itertuples(index=False, name=None)
    )
    named = planned.findings.dropna(subset=["request"])
    codes = named.groupby("request")["code"].agg(set)
    rows = []
    for row in planned.ready.to_dict("records"):
        # Findings carry the name that a request had before it was split.
        before = row["request"] if pd.isna(row["part_of"]) else row["part_of"]
        mine = warnings & (set(codes.get(row["request"], ())) | set(codes.get(before, ())))
        carrier = "" if pd.isna(row["losing_carrier"]) else str(row["losing_carrier"])
        told = forecaster.of(carrier, sorted(mine))
        rows.append(
            {
                "request": row["request"],
                "losing_carrier": carrier,
                "numbers": int(row["count"]),
                **told,
                "reasons": "; ".join(
                    _reason(name, points, requests, carrier)
                    for name, points, requests in told["reasons"]
                ),
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    shares = dict.fromkeys(("acceptance", "low", "high"), "float64")
    return Forecast(requests=table.astype(shares), learned_from=forecaster.requests)


def _reason(feature: str, points: float, requests: int, carrier: str) -> str:
    """Say what moves a forecast: `Prairie Cable -12 points (9 requests)`."""
    name = carrier if feature.startswith("carrier ") else feature
    return f"{name} {100 * points:+.0f} points ({counted(requests, 'request')})"
