"""Twilio's codes and spellings in our words."""

from __future__ import annotations

import pytest

from portops.providers.twilio import WORDS
from portops.providers.twilio.translation import status_of


def test_every_twilio_code_has_a_cause() -> None:
    """The codes of Twilio's catalogue lead to the canonical causes."""
    expected = {
        "22102": "number_invalid",
        "22130": "not_portable",
        "22131": "duplicate",
        "22132": "duplicate",
        "22133": "not_portable",
        "22136": "duplicate",
        "22137": "duplicate",
        "22150": "provider_error",
        "22151": "port_protection",
        "22152": "number_inactive",
        "22153": "authorized_name",
        "22154": "address",
        "22155": "pin",
        "22156": "account_number",
        "22158": "port_date",
        "22159": "not_portable",
        "22170": "missing_information",
        "22173": "missing_information",
    }
    assert {code: WORDS().cause_of(code, None) for code in expected} == expected


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("In Review", "in_review"),
        ("waiting_for_signature", "waiting_for_signature"),
        ("PortInWaitingForSignature", "waiting_for_signature"),
        ("PortInPhoneNumberCompleted", "completed"),
        ("Submitted", "in_progress"),
        ("pending", "foc_confirmed"),
        ("ACTION REQUIRED", "action_required"),
        ("PortInPhoneNumberRejected", "rejected"),
        ("Cancelled", "canceled"),
        ("Expired", "expired"),
        ("Quantum", None),
        ("", None),
    ],
)
def test_twilios_spellings(words: str, status: str | None) -> None:
    """Case and separators do not count."""
    assert status_of(words) == status
