"""Twilio, by its Porting API (numbers v1).

Sources of the limits: its OpenAPI document and porting guides.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from portops.facts.limits import MEGABYTE, Limits
from portops.providers.service import Service
from portops.providers.words import words_of
from portops.redaction import Secret

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.providers.service import IsGenuine
    from portops.settings import Settings

WORDS = words_of("portops.providers.twilio")

#: The variables of an API key, which can stand in for the account's token.
KEY = ("TWILIO_API_KEY", "TWILIO_API_SECRET")


def _open(_: Settings, concurrency: int | None) -> AbstractContextManager[Provider]:
    from portops.providers.twilio.adapter import connect

    account, user, password = _credentials(os.environ)
    numbers, uploads = SERVICE.addresses().values()
    return connect(
        SERVICE, (numbers, uploads), (user.reveal(), password.reveal()), concurrency, account
    )


def _credentials(environment: Mapping[str, str]) -> tuple[str, Secret, Secret]:
    """Return the account SID, and the user and password of calls.

    An API key stands in for the token: its SID is the user, and the account SID stays. Raises
    SettingsError naming what is missing.
    """
    key = {name: environment.get(name) or "" for name in KEY}
    if not any(key.values()):
        account, token = SERVICE.secrets(environment).values()
        return account.reveal(), account, token
    absent = [name for name in (*KEY, "TWILIO_ACCOUNT_SID") if not environment.get(name)]
    if absent:
        raise SERVICE.missing(*absent)
    user, password = (Secret(text) for text in key.values())
    return environment["TWILIO_ACCOUNT_SID"], user, password


def _webhook(_: Settings) -> IsGenuine:
    from portops.providers.twilio.signature import signed_with

    # Webhooks are signed with the account's token, whoever calls.
    token = os.environ.get("TWILIO_AUTH_TOKEN")
    if not token:
        raise SERVICE.missing("TWILIO_AUTH_TOKEN")
    return signed_with(Secret(token))


SERVICE = Service(
    name="twilio",
    label="Twilio",
    company="Twilio Inc.",
    limits=Limits(
        numbers=1_000,
        document_bytes=10 * MEGABYTE,
        document_kinds=("pdf", "jpeg", "png"),
        lead_days=7,
        letter="provider",
        statement_days=30,
    ),
    open=_open,
    words=WORDS,
    credentials=("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    hosts={
        "PORTOPS_TWILIO_URL": "https://numbers.twilio.com",
        "PORTOPS_TWILIO_UPLOAD_URL": "https://numbers-upload.twilio.com",
    },
    webhook=_webhook,
    notes=(
        (
            "An API key (`TWILIO_API_KEY`, `TWILIO_API_SECRET`) can stand in for the token; "
            "`TWILIO_ACCOUNT_SID` stays. Webhooks are signed with the account's token all the same."
        ),
        "There is no client reference: a request whose answer was lost is found by its numbers.",
        (
            "A request can be created with numbers that can't be ported: they are rejected later, one "
            "by one. One number of a request can be canceled."
        ),
        "The address is the billing address as the carrier's record has it, the state included.",
    ),
    proofs=(
        "the official package `twilio` against the sandbox (`tests/sandbox/test_official_client.py`)",
        (
            "Twilio's published OpenAPI document, for every answer (`tests/sandbox/test_openapi.py`) "
            "and between adapter and sandbox (`make prism`)"
        ),
        "the contract of adapters over HTTP (`tests/providers/contract`)",
        (
            "each documented behavior of a real account, played by the sandbox "
            "(`tests/providers/twilio/test_as_it_is.py`)"
        ),
        (
            "without a published source, and the sandbox's own: roles and Labs, 22171 for files, 22150 "
            "for late cancellations, letters that expire after 30 days, reminders"
        ),
    ),
)
