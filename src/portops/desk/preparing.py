"""Before a submission: read, check, plan, ask, write letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from portops.desk.engines import examine_by, expect_engine
from portops.desk.expecting import expect_checked, expect_names, expect_planned
from portops.desk.writing import Writing
from portops.errors import InputError
from portops.extras import require
from portops.facts.business_time import to_date
from portops.providers import service

if TYPE_CHECKING:
    import pandas as pd

    from portops.checks.rule import Rule
    from portops.checks.supplied import AnySchema, Schema
    from portops.desk.opened import Progress
    from portops.intake.sources import Source
    from portops.results.checked import Checked
    from portops.results.planned import Planned
    from portops.results.prior import Prior
    from portops.submission.letters import Letter


class Preparing(Writing):
    """The steps that lead to a plan; nothing is sent."""

    def read(self, source: Source, *, sheet: str | None = None) -> pd.DataFrame:
        """Read a workbook, or a table with its own headers, into NUMBERS as written.

        One row per telephone number; `file`, `sheet` and `row` (Excel's) say where it came from.
        Raises InputError when it cannot be read.
        """
        from portops.intake.sources import read

        return read(source, sheet=sheet)

    def check(  # noqa: PLR0913 - the ways to read and judge a workbook
        self,
        source: Source | Sequence[Source],
        *,
        sheet: str | None = None,
        documents: str | Path | None = None,
        provider: str | None = None,
        given: Mapping[str, str] | None = None,
        fill: Mapping[str, str] | None = None,
        profile: str | None = None,
        keep_all: bool = False,
        as_of: date | str | None = None,
        schema: AnySchema | None = None,
        rules: Rule | Iterable[Rule] = (),
        prior: Prior | None = None,
        engine: str | None = None,
        scheduler: str | None = None,
    ) -> Checked:
        """Check a workbook (path, bytes or an open file), a table, or several as one batch.

        A folder is all its workbooks; `progress` hears of each (`results.reading.FileRead`).
        `documents` is the folder of the statements (default: beside each workbook); `given` maps
        their headers to fields and goes before the settings' `mapping`; `fill` gives fields a
        value where blank; `profile` names the kept profile of the sender (default: the one that
        fits, if any; `none`: none), and both go before it; `keep_all` lists every repair; `as_of`
        stands in for today; `provider` decides the limits. `schema` is a pandera schema and `rules`
        are rules of one's own; both see `pin` and `ssn_last4` as `•••`: call `.reveal()` where it
        is not blank. `prior` is what the store knows of the numbers (default: looked up). The
        `engine` "dask" works on parts of the batch by a dask cluster: the one of the `scheduler` at
        an address (`tcp://host:8786`), or processes on this machine. The answer is the same.

        Returns `Checked`: `.numbers` (NUMBERS, repaired), `.findings` (FINDINGS), `.mapping`.
        Raises InputError when a source cannot be read; whatever is wrong in it is a finding.
        """
        from portops.checks.examining import CheckOptions
        from portops.checks.rulebook import given_rules
        from portops.intake.profiles import decided
        from portops.intake.sources import ReadOptions, read_sources, several

        expect_engine(engine, scheduler)
        expect_names(documents, given, fill)
        chosen, profiles = provider or self.settings.provider, self._profiles(profile)
        reading = read_sources(
            several(source),
            ReadOptions(
                sheet=sheet,
                given=given or {},
                usual=self.settings.mapping,
                fill=fill or {},
                profiles=profiles,
                named=profile is not None,
            ),
            self.progress,
        )
        before = prior or self.prior()
        checked = examine_by(
            engine,
            scheduler,
            reading,
            CheckOptions(
                documents=None if documents is None else Path(documents),
                limits=service(chosen).limits,
                fill=fill or {},
                keep_all=keep_all,
                open_numbers=before.open_numbers,
                refused=before.refused,
                pins=before.pins,
                recall=before.recall,
                kept=self.readings(),
                as_of=to_date(as_of),
                schema=schema,
                rules=given_rules(rules),
            ),
        )
        named = decided(profiles, reading.profiles, given or {}, fill or {})
        return replace(checked, provider=chosen, **named)

    def schema(
        self,
        *,
        documents: str | Path | None = None,
        files: bool = True,
        provider: str | None = None,
        as_of: date | str | None = None,
        rules: Rule | Iterable[Rule] = (),
        severities: Collection[str] = ("error",),
    ) -> Schema:
        """Return the rules as one pandera schema of NUMBERS, as written (`read`) or repaired.

        It holds number format, address completeness, the provider's file limits and all other
        rules over rows, and `rules` of your own; each is a check named by its code. A call of
        `validate(numbers, lazy=True)` raises SchemaErrors, whose `failure_cases` have a row for
        every row and field (`column`) in which `check` finds an error; `index` is the table's own.
        Only errors fail, so that a table that passes may be submitted: name more `severities` to
        have warnings fail too.

        `documents`, `provider` and `as_of` are as in `check`; with `files=False` no statement is
        looked at. A field without a column counts as blank in every row. Two rules need the store
        and never fail here: `number.in_progress` and `correction.unchanged`.

        Extend it in Python (`.add_columns`, more checks). It is not made to be pickled or written
        to YAML: its checks are functions. Raises InputError when the documents folder does not
        exist, SettingsError from `validate` for a broken rule.
        """
        from portops.checks.rulebook import given_rules
        from portops.checks.schema import schema
        from portops.checks.statements import folder_of
        from portops.tables.findings import SEVERITIES

        expect_names(documents)
        if isinstance(severities, str) or not set(severities) <= set(SEVERITIES):
            raise InputError(
                f"severities={severities!r} are not severities.",
                f"Give a list of: {', '.join(SEVERITIES)}.",
            )
        return schema(
            service(provider or self.settings.provider).limits,
            documents=folder_of(documents),
            files=files,
            as_of=to_date(as_of),
            more=given_rules(rules),
            severities=tuple(severities),
        )

    def plan(
        self, checked: Checked, *, provider: str | None = None, strict: bool = False
    ) -> Planned:
        """Group checked numbers into port requests; nothing is sent.

        The provider is the one that the numbers were checked for, unless it is named. With
        `strict`, warnings hold a request back as well.
        """
        from portops.submission.plan import plan

        expect_checked(checked)
        chosen = provider or checked.provider
        return plan(checked, service(chosen).limits, provider=chosen, strict=strict)

    def portability(
        self, planned: Planned, *, concurrency: int = 8
    ) -> tuple[Planned, pd.DataFrame]:
        """Ask the provider about each number of a plan that was not asked about lately.

        Returns the plan anew, with what the provider refuses held back, and the answers:
        `phone_number, portable, needs_pin, code, reason, asked_at` (UTC).
        """
        expect_planned(planned)
        return self._asked(planned, concurrency, self.progress)

    def _asked(
        self, planned: Planned, concurrency: int, progress: Progress
    ) -> tuple[Planned, pd.DataFrame]:
        from portops.submission import portability
        from portops.tracking.prior import open_numbers

        database = self.made_database()
        provider = self.provider(planned.provider, concurrency=concurrency)
        answers = portability.ask(
            provider,
            database,
            portability.undecided(planned, database, open_numbers(database)),
            concurrency=concurrency,
            clock=self.clock,
            progress=progress,
        )
        checked = portability.judged(planned.checked, answers)
        if checked is not planned.checked:
            planned = self.plan(checked, provider=planned.provider, strict=planned.strict)
        return planned, answers

    def letters(
        self,
        planned: Planned,
        out: str | Path | None = None,
        *,
        carrier: str | None = None,
        agent: str | None = None,
        as_of: date | str | None = None,
    ) -> list[Letter]:
        """Write the letter of authorization of each planned request as PDF.

        `carrier` is the new carrier's name (default: the provider's), `agent` who acts for it.
        """
        require("loa", "Letters of authorization")
        from portops.letters.letter import Parties
        from portops.submission.letters import write_letters

        expect_planned(planned)
        today = to_date(as_of) or self.clock().astimezone().date()
        company = carrier or service(planned.provider).company
        parties = Parties(new_carrier=company, agent=agent)
        return write_letters(planned, self._out(out), parties, today)
