"""Plain facts: places, causes, statuses, weeks and business days, secrets, settings."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from portops.errors import InputError, PortopsError
from portops.facts import causes
from portops.facts.business_time import (
    business_days,
    is_business_day,
    last_full_week,
    local_date,
    monday,
    week_bounds,
    weeks_ending,
)
from portops.facts.places import STATES, fold_city, places, state_code
from portops.providers import limits_of
from portops.redaction import MASK, Secret
from portops.settings import Settings
from portops.tables.columns import FIELDS, simplify, synonyms


@pytest.mark.parametrize(
    ("text", "code"),
    [("NY", "NY"), ("new york", "NY"), ("N.Y.", "NY"), ("Mass.", "MA"), ("Narnia", None)],
)
def test_states_by_code_name_and_everyday_form(text: str, code: str | None) -> None:
    """A state is understood however people write it."""
    assert state_code(text) == code


def test_fifty_states_the_district_and_five_territories() -> None:
    """The table of states is whole."""
    assert len(STATES) == 56


def test_a_zip_code_knows_its_state_and_all_its_cities() -> None:
    """USPS alias names count as cities of a ZIP code."""
    found = places(["63101", "00000"])
    assert set(found) == {"63101"}
    assert found["63101"].state == "MO"
    assert fold_city("St. Louis") in found["63101"].cities
    assert fold_city("Saint Louis") in found["63101"].cities


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("Account number does not match", "account_number"),
        ("LOA was not signed", "unsigned_loa"),
        ("Incorrect PIN provided", "pin"),
        ("There is a pending service order on the account", "pending_order"),
        ("The ZIP code does not match the carrier's record", "postal_code"),
        ("Customer name does not match", "customer_name"),
        ("bill copy is unreadable", "document"),
        ("something nobody has said before", "other"),
        (None, "other"),
    ],
)
def test_words_decide_where_there_is_no_code(words: str | None, cause: str) -> None:
    """A provider's words become a cause; unknown ones are `other`."""
    assert causes.cause_of({}, None, words) == cause


def test_every_cause_says_who_and_how() -> None:
    """A cause can be acted on."""
    for cause in causes.CAUSES.values():
        assert cause.fix.endswith(".")
        assert cause.who in {"analyst", "customer", "provider"}


def test_business_days_skip_weekends_and_federal_holidays() -> None:
    """Thanksgiving of 2026 is Thursday, 26 November."""
    start, end = np.array(["2026-11-25"], "M8[D]"), np.array(["2026-11-30"], "M8[D]")
    assert business_days(start, end)[0] == 2
    assert not is_business_day(date(2026, 11, 26))
    assert is_business_day(date(2026, 11, 27))


def test_a_week_begins_at_local_midnight_also_across_a_clock_change() -> None:
    """Clocks go back on 1 November 2026: that week has 169 hours."""
    start, end = week_bounds("2026-W44", "America/New_York")
    assert start == datetime(2026, 10, 26, 4, tzinfo=UTC)
    assert (end - start).total_seconds() == 169 * 3600


def test_weeks_around_new_year() -> None:
    """ISO weeks: 2026 has 53 of them."""
    assert weeks_ending("2027-W01", 3) == ["2026-W52", "2026-W53", "2027-W01"]
    assert monday("2026-W53") == date(2026, 12, 28)
    assert last_full_week(datetime(2026, 11, 24, tzinfo=UTC), "America/New_York") == "2026-W47"
    late = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert local_date(late, "America/New_York") == np.datetime64("2026-11-23")


@pytest.mark.parametrize("text", ["2026-47", "2026-W54", "last week", ""])
def test_what_is_no_week(text: str) -> None:
    """A week that does not exist is refused with an example."""
    with pytest.raises(InputError, match="is not a week"):
        monday(text)


def test_every_synonym_belongs_to_one_field() -> None:
    """No header could mean two fields."""
    seen: dict[str, str] = {}
    for field in FIELDS.values():
        for word in (field.name, field.label, *field.synonyms):
            assert seen.setdefault(simplify(word), field.name) == field.name, word
    assert synonyms() == seen


def test_a_secret_cannot_be_shown_or_saved() -> None:
    """PINs show as dots in every form that Python knows."""
    secret = Secret("Zebra4711")
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>20}",
        str([secret]),
        pd.DataFrame({"pin": [secret]}).to_string(),
        pd.DataFrame({"pin": [secret]}).to_csv(),
        json.dumps({"pin": secret}, default=str),
    ]
    assert all("Zebra" not in text for text in shown)
    assert str(secret) == MASK
    assert secret.reveal() == "Zebra4711"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_settings_stand_alone() -> None:
    """Without a file and environment the defaults hold."""
    assert Settings().provider == "sandbox"
    assert limits_of("twilio").numbers == 1_000


def _tree(kind: type[PortopsError]) -> list[type[PortopsError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _tree(child))]


def test_every_error_has_a_remedy_and_an_exit_code() -> None:
    """An error says what to do."""
    for kind in _tree(PortopsError):
        assert kind.remedy.endswith("."), kind
        assert kind.exit_code == 2
