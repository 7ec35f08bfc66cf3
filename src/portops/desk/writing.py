"""What a check and a plan come to, as files; and the empty workbook before them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from portops.desk.expecting import expect_checked, expect_planned
from portops.desk.profiling import Profiling
from portops.errors import InputError, SettingsError

if TYPE_CHECKING:
    from portops.redaction import Secret
    from portops.results.checked import Checked
    from portops.results.planned import Planned
    from portops.workbooks.marked import Marked


class Writing(Profiling):
    """The steps that write what other steps made."""

    def write(
        self,
        checked: Checked,
        out: str | Path | None = None,
        *,
        mark: bool = True,
        keep_pins: bool = False,
    ) -> list[Marked]:
        """Write `<stem>.findings.csv`, and with `mark` the marked copy, of each workbook.

        A PIN that the store keeps sealed is masked in the copy, which a check takes for the kept
        one, and so is a secret that no request needs: an SSN beside a PIN, a landline's PIN. A PIN
        that is kept nowhere else stays. `keep_pins` leaves them all.
        """
        from portops.workbooks.results import write_results

        expect_checked(checked)
        kept = self._kept(checked) if mark and not keep_pins else None
        return write_results(checked, self._out(out), mark=mark, kept=kept)

    def understood(self, checked: Checked, file: str | Path) -> Path:
        """Write every checked number with its details as they would be sent to a CSV file.

        All workbooks of the check are in it; PINs show as `•••`.
        """
        from portops.workbooks.results import write_understood

        expect_checked(checked)
        return write_understood(checked, Path(file))

    def _kept(self, checked: Checked) -> Mapping[str, Secret]:
        """Return the PINs of the checked numbers that the store keeps and can give back."""
        numbers = checked.numbers
        written = numbers["phone_number"][numbers["pin"].notna()].dropna().unique()
        if not len(written) or not self.has_store:
            return {}
        from portops.tracking import prior

        try:
            return prior.kept_pins(self.database, self._opener, list(written))
        except SettingsError:
            # Sealed with a key that is not here: what cannot be given back is not masked.
            return {}

    def template(self, file: str | Path, *, layout: str = "numbers") -> Path:
        """Write an empty intake workbook: one row per number, or per request (`requests`)."""
        from portops.workbooks.template import write_template

        target = Path(file)
        if target.suffix.lower() != ".xlsx":
            raise InputError(
                f"{target} is not named .xlsx.", f"Name it {target.with_suffix('.xlsx')}."
            )
        if target.exists():
            raise InputError(
                f"{target} exists already.", "Choose another name, or remove it first."
            )
        write_template(layout, target)
        return target

    def write_plan(self, planned: Planned, out: str | Path | None = None) -> list[Path]:
        """Write `<stem>.plan.csv` of each workbook: its requests, which open safely in Excel."""
        from portops.workbooks.receipts import write_plan

        expect_planned(planned)
        return [
            write_plan(planned, self._out(out) / f"{stem}.plan.csv")
            for stem in planned.checked.stems.values()
        ]
