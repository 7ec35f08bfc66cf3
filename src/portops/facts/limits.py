"""What each provider takes in one port request: plain facts, so that no rule asks for a provider.

Sources: Twilio's numbers v1 OpenAPI document and porting guides; Telnyx's and Bandwidth's public
API documents.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from portops.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A provider's limits.

    `numbers` in one request; `document_bytes` a statement may have; `document_kinds` it may be;
    `lead_days` (calendar) before a requested date; `letter` says who writes the letter of
    authorization (`provider` or `us`). `calls_a_second` and `calls_at_once` are how it is spoken
    to; `settle_after` are the seconds after which a request that was sent, and whose answer was
    lost, shows in the provider's list if it has arrived at all.
    """

    numbers: int
    document_bytes: int
    document_kinds: tuple[str, ...]
    lead_days: int
    letter: str
    calls_a_second: float = 20.0
    calls_at_once: int = 8
    settle_after: float = 30.0


_TWILIO = Limits(
    numbers=1_000,
    document_bytes=10 * MEGABYTE,
    document_kinds=("pdf", "jpeg", "png"),
    lead_days=7,
    letter="provider",
)

LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        # On this machine nothing is on its way for long.
        "sandbox": replace(_TWILIO, calls_a_second=500.0, settle_after=3.0),
        "twilio": _TWILIO,
        "telnyx": Limits(
            numbers=1_000,
            document_bytes=10 * MEGABYTE,
            document_kinds=("pdf", "jpeg", "png", "tiff"),
            lead_days=1,
            letter="us",
        ),
        "bandwidth": Limits(
            numbers=5_000,
            document_bytes=3 * MEGABYTE,
            document_kinds=("pdf", "jpeg", "png", "tiff"),
            lead_days=1,
            letter="us",
        ),
    }
)


def limits_of(provider: str) -> Limits:
    """Return a provider's limits; raises SettingsError for an unknown provider."""
    try:
        return LIMITS[provider]
    except KeyError:
        raise SettingsError(
            f"'{provider}' is not a provider.", f"Choose one of: {', '.join(LIMITS)}."
        ) from None
