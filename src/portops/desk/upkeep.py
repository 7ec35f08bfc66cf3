"""Upkeep: is everything set up, the key that seals PINs, the sandbox's controls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops import sealing
from portops.desk.opened import Opened

if TYPE_CHECKING:
    from portops.results.kept import Backup, Restored, StoreCheck


class Upkeep(Opened):
    """The steps around the work."""

    def rotate_key(self) -> int:
        """Seal every kept PIN, and the audit chain's keys, with a new key; returns how many PINs.

        A key in the keyring is made anew; `PORTOPS_SECRET_KEY` has to hold NEW,OLD. Raises
        SettingsError.
        """
        from portops.store import vault

        database = self.database
        with sealing.rotation(self.settings.secret_key) as cipher:
            count = vault.reseal(database, cipher)
        # The store is opened again with the new key.
        self.close()
        return count

    def purge_pins(self, *, everything: bool = False) -> tuple[int, int]:
        """Remove the PINs of requests that have ended, or all; returns how many went and stay."""
        from portops.store import vault
        from portops.store.history import read_history
        from portops.tracking.state import ended

        database = self.database
        sids = None if everything else ended(read_history(database))
        return vault.purge(database, sids), vault.count(database)

    def backup(self, file: str | Path) -> Backup:
        """Write the whole store to a new file, consistent while others write.

        Raises InputError when the file exists, StoreError.
        """
        from portops.store.backup import back_up

        return back_up(self.database, Path(file))

    def restore(self, file: str | Path) -> Restored:
        """Put a backup in the store's place; the present one is kept beside it.

        Raises InputError for a file that is no backup, StoreError.
        """
        from portops.store.backup import restore

        self.close()
        return restore(self.settings.store, Path(file), self.clock())

    def check_store(self) -> StoreCheck:
        """Check the database, the journal against the history, and the audit chain."""
        from portops.store.soundness import check

        return check(self.database)

    def sandbox(self, control: str, **body: Any) -> dict[str, Any]:
        """Call one of the sandbox's own controls, such as `advance` with `days=1.5`."""
        from portops.providers.sandbox import sandbox_call

        return sandbox_call(self.settings, f"/sandbox/{control}", body)
