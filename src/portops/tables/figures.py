"""Figures that lead the weekly rejections, as the published description of the JSON names them."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series  # noqa: TC002 - pandera reads the annotations


class Cohorts(pa.DataFrameModel):
    """One row per week of first submission."""

    week: Series[str] = pa.Field(unique=True, description="the ISO week, or days")
    submitted: Series[int] = pa.Field(description="first tries submitted in it", ge=0)
    accepted: Series[int] = pa.Field(description="first decided by a completion", ge=0)
    rejected: Series[int] = pa.Field(description="first decided by a rejection", ge=0)
    ended: Series[int] = pa.Field(description="undecided, and canceled or expired", ge=0)
    open: Series[int] = pa.Field(description="undecided", ge=0)
    acceptance: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="accepted of the decided; missing where none is"
    )

    class Config:
        """The table as a whole."""

        name = "COHORTS"
        strict = True


class Waiting(pa.DataFrameModel):
    """One row per owner."""

    who: Series[str] = pa.Field(
        unique=True,
        isin=("customer", "desk", "provider", "carrier", "scheduled", "overdue"),
        description="who the numbers wait for",
    )
    numbers: Series[int] = pa.Field(description="open (request, number) pairs", ge=0)
    requests: Series[int] = pa.Field(description="requests they are in", ge=0)
    oldest_business_days: Series[float] = pa.Field(
        ge=0, nullable=True, description="business days since the oldest chain was submitted"
    )

    class Config:
        """The table as a whole."""

        name = "WAITING"
        strict = True


class Deadlines(pa.DataFrameModel):
    """One row per request and moment at which something falls due."""

    due: Series[str] = pa.Field(
        str_matches=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\Z", description="when, in UTC"
    )
    what: Series[str] = pa.Field(isin=("letter_expires", "port_day"), description="what")
    request_sid: Series[str] = pa.Field(description="the provider's id")
    request: Series[str] = pa.Field(description="the request's name; empty where it is not known")
    customer_name: Series[str] = pa.Field(description="empty where it is not known")
    numbers: Series[int] = pa.Field(ge=1, description="numbers concerned")

    class Config:
        """The table as a whole."""

        name = "DEADLINES"
        strict = True
