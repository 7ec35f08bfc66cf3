"""Providers: one adapter each behind one protocol, opened by name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from portops.errors import SettingsError
from portops.facts.limits import limits_of
from portops.providers.pace import Pace
from portops.providers.transport import Transport
from portops.providers.twilio import Twilio
from portops.redaction import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portops.providers.base import Provider
    from portops.settings import Settings


def _account(settings: Settings) -> tuple[str, str, str, str]:
    """Return API host, upload host, account SID and token."""
    if settings.provider == "sandbox":
        url = settings.sandbox_url
        return url, url, settings.sandbox_account, settings.sandbox_token.reveal()
    if settings.provider == "twilio":
        if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
            raise SettingsError(
                "The credentials of Twilio are not set.",
                "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in the environment.",
            )
        return (
            settings.twilio_url,
            settings.twilio_upload_url,
            settings.twilio_account_sid,
            settings.twilio_auth_token.reveal(),
        )
    raise SettingsError(
        f"Submitting through '{settings.provider}' is not part of this version.",
        "Choose --provider sandbox or --provider twilio.",
    )


def webhook_token(settings: Settings) -> Secret:
    """Return what the provider signs its calls with; raises SettingsError when it is missing."""
    return Secret(_account(settings)[3])


@contextmanager
def open_provider(settings: Settings, *, concurrency: int | None = None) -> Iterator[Provider]:
    """Open the provider of the settings, with so many calls in flight at most.

    Raises SettingsError when its credentials are missing.
    """
    host, upload_host, account, token = _account(settings)
    name, limits = settings.provider, limits_of(settings.provider)
    # Both hosts are one provider: they share its patience.
    pace = Pace(rate=limits.calls_a_second, places=concurrency or limits.calls_at_once)
    api = Transport(host, (account, token), name=name, pace=pace)
    uploads = Transport(upload_host, (account, token), name=name, pace=pace)
    try:
        yield Twilio(api, uploads, account, name=name)
    finally:
        api.close()
        uploads.close()


def sandbox_call(settings: Settings, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Call one of the sandbox's own controls (`/sandbox/…`), which no provider has."""
    account, token = settings.sandbox_account, settings.sandbox_token.reveal()
    transport = Transport(settings.sandbox_url, (account, token), name="sandbox")
    try:
        answer: dict[str, Any] = transport.post(path, json=body)
        return answer
    finally:
        transport.close()
