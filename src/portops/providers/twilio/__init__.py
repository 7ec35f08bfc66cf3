"""Twilio, by its Porting API (numbers v1).

Sources of the limits: its OpenAPI document and porting guides.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from portops.facts.limits import MEGABYTE, Limits
from portops.providers.service import Service
from portops.providers.words import words_of

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.providers.service import IsGenuine
    from portops.settings import Settings

WORDS = words_of("portops.providers.twilio")


def _open(_: Settings, concurrency: int | None) -> AbstractContextManager[Provider]:
    from portops.providers.twilio.adapter import connect

    account, token = SERVICE.secrets().values()
    numbers, uploads = SERVICE.addresses().values()
    return connect(SERVICE, (numbers, uploads), (account.reveal(), token.reveal()), concurrency)


def _webhook(_: Settings) -> IsGenuine:
    from portops.providers.twilio.signature import signed_with

    return signed_with(SERVICE.secrets()["TWILIO_AUTH_TOKEN"])


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
    ),
    open=_open,
    words=WORDS,
    credentials=("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    hosts={
        "PORTOPS_TWILIO_URL": "https://numbers.twilio.com",
        "PORTOPS_TWILIO_UPLOAD_URL": "https://numbers-upload.twilio.com",
    },
    webhook=_webhook,
)
