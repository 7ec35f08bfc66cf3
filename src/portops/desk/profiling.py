"""Profiles of senders: keep how a workbook was read, and find them again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from portops.desk.expecting import expect, expect_checked
from portops.desk.opened import Opened
from portops.results.profile import NO_PROFILE

if TYPE_CHECKING:
    from portops.results.checked import Checked
    from portops.results.profile import Profile


class Profiling(Opened):
    """What the desk keeps of the senders' layouts."""

    def learn(self, checked: Checked, name: str) -> Path:
        """Keep how a workbook was read as a profile, in place of one of the same name.

        Columns, shape, `given` and `fill` go to `<name>.toml` in the folder `profiles` of the
        settings; returns that file. A later workbook of this sender finds the profile by itself.
        Raises InputError for a name that is no safe file name, several workbooks, a secret in
        `fill`, or a column that is not settled.
        """
        from portops.intake.profile_files import file_of, write_profile
        from portops.intake.profiles import learn

        expect_checked(checked)
        folder = Path(self.settings.profiles)
        file_of(folder, name)
        return write_profile(learn(checked, name), folder)

    def _profiles(self, name: str | None) -> tuple[Profile, ...]:
        """Return the profile of this name, all that are kept for None, none for `none`."""
        from portops.intake.profile_files import all_profiles, named_profile

        folder = Path(self.settings.profiles)
        if name is None:
            return tuple(all_profiles(folder))
        expect(name, str, "Name the profile as text, such as 'acme'.")
        if name.casefold() == NO_PROFILE:
            return ()
        return (named_profile(folder, name),)
