"""Portability: the provider's word on each number, before anything is submitted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from portops.results.checked import cells_of
from portops.store import answers, journal, lines

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.results.checked import Checked
    from portops.results.planned import Planned
    from portops.store.database import Database

#: How long an answer counts: a number that can be ported stays so for a day; one that cannot may
#: be unlocked within the hour.
YES_COUNTS, NO_COUNTS = timedelta(days=1), timedelta(hours=1)

#: Numbers whose answers are kept together.
_TOGETHER = 200


def ask(
    provider: Provider,
    database: Database,
    numbers: list[str],
    *,
    concurrency: int = 8,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Return the provider's word on each number, asking for those it was not asked of lately.

    Columns: `phone_number, portable, needs_pin, code, reason, asked_at` (UTC); a number of which
    the provider could not tell has no row, unless there is an older word on it. Raises
    ProviderError and AccessError; what was answered before that is kept.
    """
    kept = answers.read(database, provider.name, numbers)
    age = clock() - kept["asked_at"]
    lately = (age < YES_COUNTS) & (kept["portable"] | (age < NO_COUNTS))
    fresh = set(kept.loc[lately, "phone_number"])
    open_ = [number for number in numbers if number not in fresh]
    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        for start in range(0, len(open_), _TOGETHER):
            some = open_[start : start + _TOGETHER]
            heard = []
            for answer in pool.map(provider.portability, some):
                heard.append(answer)
                progress(answer.phone_number)
            # Where the provider could not tell, it is asked again the next time.
            told = [answer for answer in heard if answer.portable is not None]
            answers.keep(database, provider.name, told, clock())
    return answers.read(database, provider.name, numbers)


def undecided(planned: Planned, database: Database, open_numbers: pd.DataFrame) -> list[str]:
    """Return the numbers of a plan's ready requests that are on no way to the provider yet.

    Of a number in an open request, or in one whose answer was lost, the provider would say that
    a port is in progress: ours.
    """
    ready = planned.ready["request"]
    wanted = planned.numbers.loc[planned.numbers["request"].isin(ready), "phone_number"]
    store = lines.numbers_of(database)
    on_the_way = store.loc[
        store["state"].isin([*journal.AMBIGUOUS, "accepted", "canceled"]), "phone_number"
    ]
    again = set(open_numbers.loc[open_numbers["status"] == "rejected", "phone_number"])
    taken = set(on_the_way) - again
    return sorted(set(wanted.dropna()) - taken)


def judged(checked: Checked, answers: pd.DataFrame) -> Checked:
    """Return the check with what the provider's word adds to it.

    `said` has `phone_number, portable, needs_pin, code, reason`: a number that cannot be ported
    is `number.not_portable`, one that needs a PIN and has none is `pin.missing`.
    """
    asked = answers[~answers["portable"] | answers["needs_pin"]].set_index("phone_number")
    rows = checked.numbers[checked.numbers["phone_number"].isin(asked.index)]
    if rows.empty:
        return checked
    word = asked.loc[rows["phone_number"]].set_axis(rows.index)
    no = ~word["portable"]
    pinless = ~no & word["needs_pin"] & rows["pin"].isna() & rows["ssn_last4"].isna()
    code = word["code"].where(word["code"] == "", " (code " + word["code"] + ")")
    reason = word["reason"].where(word["reason"] != "", "no reason given") + code
    parts = [
        _found(
            checked,
            rows[no],
            "number.not_portable",
            rows["number_field"],
            "The provider cannot port this number: " + reason + ".",
        ),
        _found(
            checked,
            rows[pinless],
            "pin.missing",
            pd.Series("pin", index=rows.index, dtype="str"),
            pd.Series(
                "The provider asks for the PIN or the last four SSN digits of this number.",
                index=rows.index,
                dtype="str",
            ),
        ),
    ]
    return checked.adding(pd.concat(parts, ignore_index=True))


def _found(
    checked: Checked, rows: pd.DataFrame, code: str, fields: pd.Series, message: pd.Series
) -> pd.DataFrame:
    if rows.empty:
        return pd.DataFrame()
    cells = cells_of(rows, checked.mapping, fields.loc[rows.index])
    number = cells_of(rows, checked.mapping, rows["number_field"])
    lost = cells["column"].isna()
    cells[lost] = number[lost]
    return rows[["file", "sheet", "row", "request", "phone_number"]].assign(
        code=code,
        message=message.loc[rows.index],
        column=cells["column"],
        cell=cells["cell"],
        value=rows["number_text"] if code == "number.not_portable" else None,
    )
