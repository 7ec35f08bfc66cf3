"""The sandbox as a provider: Twilio's dialect, spoken on this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from portops.providers import twilio
from portops.providers.service import Service

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.providers.service import IsGenuine
    from portops.settings import Settings


def _credentials(settings: Settings) -> tuple[str, str]:
    return settings.sandbox_account, settings.sandbox_token.reveal()


def _open(settings: Settings, concurrency: int | None) -> AbstractContextManager[Provider]:
    from portops.providers.twilio.adapter import connect

    hosts = (settings.sandbox_url, settings.sandbox_url)
    return connect(SERVICE, hosts, _credentials(settings), concurrency)


def _webhook(settings: Settings) -> IsGenuine:
    from portops.providers.twilio.signature import signed_with

    return signed_with(settings.sandbox_token)


def sandbox_call(settings: Settings, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Call one of the sandbox's own controls (`/sandbox/…`), which no provider has."""
    from portops.providers.transport import PROOF, Transport

    transport = Transport(
        # Its controls refuse by 409, and nothing stands in between.
        settings.sandbox_url,
        _credentials(settings),
        name="sandbox",
        proof=PROOF | {409},
    )
    try:
        answer: dict[str, Any] = transport.post(path, json=body)
        return answer
    finally:
        transport.close()


SERVICE = Service(
    name="sandbox",
    label="Sandbox",
    company="Sandbox Communications",
    # On this machine nothing is on its way for long; its carriers read no statements.
    limits=replace(
        twilio.SERVICE.limits,
        statement_days=90,
        calls_a_second=500.0,
        settle_after=3.0,
        late_after=90.0,
    ),
    open=_open,
    words=twilio.SERVICE.words,
    hosts={},
    dialect="twilio",
    notes=("Carriers that decide by records, a clock that can be moved, letters that are signed.",),
    webhook=_webhook,
)
