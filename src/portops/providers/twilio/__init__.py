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
    from portops.redaction import Secret
    from portops.settings import Settings

WORDS = words_of("portops.providers.twilio")


def _account(settings: Settings) -> tuple[str, Secret]:
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token
    if sid is None or token is None:
        raise SERVICE.missing()
    return sid, token


def _open(settings: Settings, concurrency: int | None) -> AbstractContextManager[Provider]:
    from portops.providers.twilio.adapter import connect

    sid, token = _account(settings)
    hosts = (settings.twilio_url, settings.twilio_upload_url)
    return connect(SERVICE, hosts, (sid, token.reveal()), concurrency)


def _webhook(settings: Settings) -> IsGenuine:
    from portops.providers.twilio.signature import signed_with

    return signed_with(_account(settings)[1])


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
    webhook=_webhook,
)
