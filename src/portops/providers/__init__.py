"""Providers: one folder each behind one protocol, found by name, ours and those of plug-ins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from portops.errors import SettingsError
from portops.providers.service import Service
from portops.registry import Registry

if TYPE_CHECKING:
    from portops.facts.limits import Limits
    from portops.providers.base import Provider
    from portops.settings import Settings

#: Every provider by its name.
PROVIDERS: Registry[Service] = Registry(
    "portops.providers",
    "portops.providers",
    "SERVICE",
    kind=Service,
    machinery=("announcing", "base", "pace", "refusals", "service", "transport", "words"),
)


def service(name: str) -> Service:
    """Return what portops knows of a provider; raises SettingsError for an unknown one."""
    if name not in PROVIDERS:
        raise SettingsError(
            f"'{name}' is not a provider.", f"Choose one of: {', '.join(PROVIDERS.names())}."
        )
    return PROVIDERS[name]


def limits_of(name: str) -> Limits:
    """Return a provider's limits; raises SettingsError for an unknown provider."""
    return service(name).limits


def codes() -> dict[str, dict[str, str]]:
    """Return each provider's own codes and the cause each one means."""
    return {one.name: one.words().causes for one in PROVIDERS if one.dialect is None}


@contextmanager
def open_provider(settings: Settings, *, concurrency: int | None = None) -> Iterator[Provider]:
    """Open the provider of the settings, with so many calls in flight at most.

    Raises SettingsError when its credentials are missing.
    """
    with service(settings.provider).open(settings, concurrency) as provider:
        yield provider
