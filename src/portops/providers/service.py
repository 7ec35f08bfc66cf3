"""What portops knows of a provider, as one value: name, limits, words, how to open it.

A provider is a folder of this package, or another package's module behind an entry point of the
group `portops.providers`; it holds a `Service` in SERVICE. Nothing lists providers elsewhere.

Another package's provider reads its settings from environment variables of its own: it names
them in `credentials`, and `Service.secrets` reads them and says which are missing::

    @contextmanager
    def _open(settings, concurrency):
        secrets = SERVICE.secrets()          # SettingsError when ACME_API_KEY is not set
        pace = SERVICE.pace(concurrency)
        api = Transport(URL, ("key", secrets["ACME_API_KEY"].reveal()), name="acme", pace=pace)
        try:
            yield Acme(api, SERVICE.limits)
        finally:
            api.close()

    SERVICE = Service(
        name="acme",
        label="Acme",
        company="Acme Telecom Inc.",
        limits=Limits(numbers=100, ...),
        open=_open,
        words=words_of("acme_portops"),      # its words.toml
        credentials=("ACME_API_KEY",),
    )

and in its pyproject.toml::

    [project.entry-points."portops.providers"]
    acme = "acme_portops:SERVICE"
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portops.errors import SettingsError
from portops.redaction import Secret

if TYPE_CHECKING:
    from portops.facts.limits import Limits
    from portops.providers.base import Provider
    from portops.providers.pace import Pace
    from portops.providers.words import Words
    from portops.settings import Settings

#: Names of this machine, and calls a second to what listens on it.
LOOPBACK, LOCAL_RATE = frozenset({"127.0.0.1", "localhost", "::1"}), 500.0

#: Opens the provider of the settings, with so many calls in flight at most (None: its limits say
#: how many). Raises SettingsError when its credentials are missing.
Open = Callable[["Settings", int | None], AbstractContextManager["Provider"]]

#: Tells whether a call to our receiver is the provider's own, from the URL as the provider calls
#: it, the headers (names in lower case) and the body.
IsGenuine = Callable[[str, Mapping[str, str], bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What portops knows of a provider.

    `name` is what people choose, `label` how it is written, `company` the carrier's legal name on
    letters. `words` are its statuses and codes, in ours. `dialect` names the provider whose API
    and words it speaks, where they are not its own. `credentials` are the environment variables
    that hold them; `hosts` are those that name its hosts, and their defaults (None: it reads what
    it likes that begins with `PORTOPS_<NAME>_`). `webhook` gives what proves that a call is the provider's own, from the
    settings; None when it calls nobody. `ready` is false where portops only knows its limits and
    codes. `notes` are what a desk should know of it, `proofs` what shows that all this is so: both
    are for the page about providers.
    """

    name: str
    label: str
    company: str
    limits: Limits
    open: Open
    words: Callable[[], Words]
    dialect: str | None = None
    credentials: tuple[str, ...] = ()
    hosts: Mapping[str, str] | None = None
    webhook: Callable[[Settings], IsGenuine] | None = None
    ready: bool = True
    notes: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()

    def missing(self, *names: str) -> SettingsError:
        """Make the error that says which credentials are not set (default: all of them)."""
        which = " and ".join(names or self.credentials)
        return SettingsError(
            f"The credentials of {self.label} are not set.", f"Set {which} in the environment."
        )

    def secrets(self, environment: Mapping[str, str] | None = None) -> dict[str, Secret]:
        """Read the credentials from the environment; raises SettingsError naming what is missing."""
        values = os.environ if environment is None else environment
        absent = [name for name in self.credentials if not values.get(name)]
        if absent:
            raise self.missing(*absent)
        return {name: Secret(values[name]) for name in self.credentials}

    def addresses(self, environment: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return its hosts, by variable: as the environment names them, or their defaults."""
        values = os.environ if environment is None else environment
        return {name: values.get(name) or host for name, host in (self.hosts or {}).items()}

    def proof(self, settings: Settings) -> IsGenuine:
        """Return what proves that a call is this provider's; SettingsError when it calls nobody."""
        if self.webhook is None:
            raise SettingsError(
                f"{self.label} calls nobody when a status changes.",
                "Ask it instead, with `portops pull`.",
            )
        return self.webhook(settings)

    def pace(self, concurrency: int | None = None, host: str = "") -> Pace:
        """Make the pace that all connections to the provider share.

        What listens at `host` on this machine (a sandbox) is asked as fast as it answers.
        """
        from portops.providers.pace import Pace

        limits = self.limits
        rate = LOCAL_RATE if urlsplit(host).hostname in LOOPBACK else limits.calls_a_second
        return Pace(rate=rate, places=concurrency or limits.calls_at_once)


def not_yet(label: str) -> Open:
    """Stand for the opening of a provider that portops knows and cannot speak to yet."""

    def refuse(settings: Settings, concurrency: int | None) -> AbstractContextManager[Provider]:
        raise SettingsError(
            f"This version of portops cannot submit through {label} yet.",
            "Choose --provider sandbox, twilio or telnyx.",
        )

    return refuse
