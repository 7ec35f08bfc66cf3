"""What the steps rest on: settings, store and provider, opened when first needed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypedDict

from portops import sealing
from portops import settings as settings_file
from portops.desk.expecting import expect
from portops.errors import InputError
from portops.providers import PROVIDERS, open_provider, service
from portops.store.address import exists
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.results.prior import Prior
    from portops.settings import Settings
    from portops.store.database import Database
    from portops.store.readings import Readings

_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

#: Called with a word for each thing done, so that a door can show how far a step has come.
Progress = Callable[[str], None]


def _now() -> datetime:
    return datetime.now(UTC)


def silent(_: str) -> None:
    """Hear of it and show nothing."""


def settings_here(config: Path | None = None) -> Settings:
    """Read the settings of this process (see `settings.load`); raises SettingsError."""
    return settings_file.load(config, variables=_variables, fields=tuple(FIELDS))


def _variables() -> dict[str, Collection[str] | None]:
    """Return the variables that each provider reads itself; None: any of its name."""
    return {service.name: service.hosts for service in PROVIDERS}


class Opening(TypedDict, total=False):
    """What a desk is opened with: see `portops.Desk`."""

    settings: Settings | None
    store: str | None
    provider: str | None


class Stored(TypedDict, total=False):
    """The same for steps whose `provider` is an option of their own."""

    settings: Settings | None
    store: str | None


class Opened:
    """Settings, store and provider, opened once and closed together."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        store: str | None = None,
        provider: str | None = None,
        clock: Clock = _now,
        progress: Progress = silent,
    ) -> None:
        if settings is not None:
            expect(
                settings, settings_file.Settings, "Give portops.Settings(...), or name the store."
            )
        base = settings if settings is not None else settings_here()
        self.settings = base.but(store=store or None, provider=provider or None)
        service(self.settings.provider)
        self.clock, self.progress = clock, progress
        self._opened = ExitStack()
        self._database: Database | None = None
        self._providers: dict[tuple[str, int | None], Provider] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give store and provider back; the desk opens them again when they are needed."""
        self._opened.close()
        self._database = None
        self._providers.clear()

    def __repr__(self) -> str:
        return f"Desk(provider={self.settings.provider!r})"

    @property
    def has_store(self) -> bool:
        """Tell whether the store is there already."""
        return self._database is not None or exists(self.settings.store)

    @property
    def database(self) -> Database:
        """The store; raises InputError when there is none yet, StoreError when it cannot open."""
        if not self.has_store:
            raise InputError(
                f"There is no store at {self.settings.store} yet.",
                "Submit a workbook first, or name the store with --store or PORTOPS_STORE.",
            )
        return self._open(create=False)

    def made_database(self) -> Database:
        """Return the store, made where there is none: for the steps that write."""
        return self._open(create=True)

    def _open(self, *, create: bool) -> Database:
        if self._database is None:
            from portops.store.database import open_database

            opening = open_database(self.settings.store, create=create, opener=self._opener)
            self._database = self._opened.enter_context(opening)
        return self._database

    def provider(self, name: str | None = None, *, concurrency: int | None = None) -> Provider:
        """Return a provider, opened once; default: the settings'.

        Raises SettingsError for an unknown name or missing credentials.
        """
        wanted = (name or self.settings.provider, concurrency)
        if wanted not in self._providers:
            opening = open_provider(self.settings.but(provider=wanted[0]), concurrency=concurrency)
            self._providers[wanted] = self._opened.enter_context(opening)
        return self._providers[wanted]

    def prior(self) -> Prior:
        """Return what the store knows of numbers submitted before, which a check looks at."""
        from portops.results.prior import Prior

        if not self.has_store:
            return Prior()
        from portops.store.database import NoStoreError
        from portops.tracking import prior

        try:
            database = self.database
        except NoStoreError:
            # A file without a table: a first submission may have been stopped right there.
            return Prior()
        return prior.prior(database, self._opener)

    def readings(self) -> Readings | None:
        """Return the statements that were read before; None where there is no store to keep them."""
        if not self.has_store:
            return None
        from portops.store.database import NoStoreError
        from portops.store.readings import Readings

        try:
            return Readings(self.database, self.clock)
        except NoStoreError:
            return None

    def _opener(self) -> sealing.Cipher | None:
        """Return what opens kept PINs; None where there is no key."""
        return sealing.open_cipher(self.settings.secret_key)

    def _out(self, out: str | Path | None) -> Path:
        return Path(out if out is not None else self.settings.out)

    @property
    def tracked(self) -> int:
        """How many requests of the provider the store follows."""
        from portops.store import journal

        return len(journal.tracked(self.database, self.settings.provider))
