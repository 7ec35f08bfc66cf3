"""The door for notebooks: the stages with settings, store and provider opened for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from portops import sealing as secrets
from portops import settings as settings_module
from portops.checks.checking import Options, check_sources
from portops.errors import InputError
from portops.facts import agreement
from portops.facts.business_time import last_full_week, week_began
from portops.providers import open_provider
from portops.results.reconciled import Earlier
from portops.store import comparisons, journal, lines, vault
from portops.store.database import Database, open_database
from portops.store.history import read_history
from portops.submission import dispatch, portability
from portops.submission.plan import plan
from portops.tables.columns import FIELDS
from portops.tracking import actions, refresh, state
from portops.tracking import cancel as cancellation
from portops.tracking import reconcile as reconciliation
from portops.tracking.survey import survey

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.redaction import Secret
    from portops.results.checked import Checked
    from portops.results.figures import Figures
    from portops.results.planned import Planned
    from portops.results.reconciled import Reconciled
    from portops.results.submitted import Submitted
    from portops.sealing import Cipher
    from portops.settings import Settings
    from portops.submission.guided import Draft
    from portops.tracking.refresh import Pulled

_log = logging.getLogger(__name__)

Report = Callable[[str], None]
Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def _silent(_: str) -> None:
    return None


def _settings(settings: Settings | None, store: str | None) -> Settings:
    return (settings or settings_module.load()).but(store=store or None)


def open_numbers(database: Database) -> pd.DataFrame:
    """Return the numbers that are in an open request of the store (see `track.state`)."""
    return state.open_numbers(
        read_history(database), lines.numbers_of(database), journal.tracked(database)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows that a check needs: see `check.intake.Options`."""

    open_numbers: pd.DataFrame
    refused: pd.DataFrame
    pins: dict[str, Secret]


def known_to(settings: Settings) -> Known:
    """Return the store's open numbers, its rejected ones, and their PINs where they are kept."""
    with open_database(settings.store) as database:
        events, tracked = read_history(database), journal.tracked(database)
        refused = state.refused(events, tracked)
        pins: dict[str, Secret] = {}
        if len(refused) and vault.count(database):
            cipher = secrets.open_cipher(settings.secret_key)
            if cipher is not None:
                pins = vault.read(database, cipher, list(refused["phone_number"]))
        numbers = state.open_numbers(events, lines.numbers_of(database), tracked)
    # A rejected number may come again: its new request supersedes the old one.
    open_ = numbers[numbers["status"] != "rejected"]
    return Known(open_numbers=open_, refused=refused, pins=pins)


def check_draft(
    draft: Draft, table: pd.DataFrame, known: Known | None, settings: Settings
) -> Checked:
    """Check a draft's table by the rules of a workbook, with what the store knows.

    The statement is looked for where the draft names it.
    """
    statement = Path(draft.answers.get("statement") or "")
    named = table.assign(**{FIELDS["statement"].label: statement.name or None})
    return check_sources(
        [named],
        Options(
            documents=statement.parent,
            provider=settings.provider,
            open_numbers=known.open_numbers if known else None,
            refused=known.refused if known else None,
            pins=known.pins if known else {},
        ),
    )


def reconcile(  # noqa: PLR0913 - what may be compared
    planned: Planned | None = None,
    *,
    inventory: pd.Series | Sequence[str] | None = None,
    provider: str | None = None,
    store: str | None = None,
    settings: Settings | None = None,
    concurrency: int = 8,
    clock: Clock = _now,
    report: Report = _silent,
) -> Reconciled:
    """Compare the plan of workbooks, the store, the provider and an inventory, number by number.

    `inventory` are the E.164 numbers that the platform holds. Every number of the plan, the store
    and the provider is in exactly one class of the result. What was counted is kept in the store,
    and what was counted in an earlier week is told. Raises ProviderError, StoreError.
    """
    known = _settings(settings, store).but(provider=provider)
    now, sides = clock(), _sides(planned, inventory)
    with (
        open_database(known.store) as database,
        open_provider(known, concurrency=concurrency) as opened,
    ):
        theirs = survey(opened, concurrency=concurrency, report=report)
        events = read_history(database)
        events = events[events["provider"] == known.provider]
        tracked = journal.tracked(database, known.provider)
        numbers = lines.numbers_of(database)
        numbers = numbers[numbers["request_sid"].isin(tracked["request_sid"])]
        found = reconciliation.reconcile(
            store=reconciliation.ours(events, tracked, numbers),
            provider=theirs,
            workbook=None if planned is None else planned.numbers,
            inventory=inventory,
            limits=reconciliation.quiet_limits(events),
            now=now,
        )
        before = comparisons.last_before(
            database, known.provider, sides, week_began(now, known.timezone)
        )
        comparisons.keep(database, known.provider, sides, now, found.counts)
    if before is None:
        return found
    return replace(found, earlier=Earlier(as_of=before[0], counts=before[1]))


def _sides(planned: Planned | None, inventory: object) -> str:
    """Name what is compared: only like can be held against like."""
    sides = ["store", "provider"]
    if planned is not None:
        sides.append("workbook")
    if inventory is not None:
        sides.append("inventory")
    return " ".join(sides)


def refused(
    store: str | None = None, *, since: date | None = None, settings: Settings | None = None
) -> pd.DataFrame:
    """Return the numbers that are rejected now and not yet corrected (see `track.state.refused`).

    `since` leaves out what was rejected before that day (UTC).
    """
    with open_database(_settings(settings, store).store) as database:
        found = state.refused(read_history(database), journal.tracked(database))
    if since is not None:
        found = found[found["occurred_at"] >= pd.Timestamp(since, tz="UTC")]
    return found.reset_index(drop=True)


def next_actions(
    store: str | None = None, *, settings: Settings | None = None, clock: Clock = _now
) -> pd.DataFrame:
    """Return what to do next for each open request (see `track.actions.next_actions`)."""
    known = _settings(settings, store)
    with open_database(known.store) as database:
        return actions.next_actions(
            read_history(database), journal.tracked(database), clock(), known.timezone
        )


def _cipher(planned: Planned, settings: Settings) -> Cipher | None:
    """Return what seals the plan's PINs; None when there are none, or no key for them."""
    if planned.numbers["pin"].isna().all():
        return None
    cipher = secrets.open_cipher(settings.secret_key, make=True)
    if cipher is None:
        _log.info("PINs are not kept in the store: %s is not set", secrets.VARIABLE)
    elif cipher.made_now:
        _log.warning(
            "A key that seals PINs in the store was made in this machine's keyring (service "
            "'%s'). Kept PINs cannot be read without it; ports on their way do not need it.",
            secrets.SERVICE,
        )
    return cipher


def with_portability(
    planned: Planned,
    *,
    settings: Settings | None = None,
    concurrency: int = 8,
    clock: Clock = _now,
    report: Report = _silent,
) -> tuple[Planned, pd.DataFrame]:
    """Ask the provider about each number of a plan that was not asked about lately.

    Returns the plan anew, with what the provider would not take held back, and the answers:
    `phone_number, portable, needs_pin, code, reason, asked_at` (UTC).
    """
    known = _settings(settings, None).but(provider=planned.provider)
    with (
        open_database(known.store) as database,
        open_provider(known, concurrency=concurrency) as provider,
    ):
        return _portable(planned, provider, database, concurrency, clock, report)


def _portable(
    planned: Planned,
    provider: Provider,
    database: Database,
    concurrency: int,
    clock: Clock,
    report: Report,
) -> tuple[Planned, pd.DataFrame]:
    numbers = portability.undecided(planned, database, open_numbers(database))
    said = portability.ask(
        provider, database, numbers, concurrency=concurrency, clock=clock, report=report
    )
    checked = portability.judged(planned.checked, said)
    return (
        planned
        if checked is planned.checked
        else plan(checked, provider=planned.provider, strict=planned.strict)
    ), said


def submit(  # noqa: PLR0913 - what a caller may wish
    planned: Planned,
    *,
    agree: bool = False,
    dry_run: bool = False,
    store: str | None = None,
    settings: Settings | None = None,
    concurrency: int = 8,
    ask_portability: bool = True,
    again: bool = False,
    deadline: timedelta | None = None,
    clock: Clock = _now,
    report: Report = _silent,
) -> Submitted:
    """Submit a plan; what was submitted before is not submitted again.

    `agree=True` accepts the agreement checklist, which is recorded with the batch. The provider
    is first asked whether each number can be ported, unless `ask_portability` is False. `again`
    makes requests once more that were canceled or have expired. After `deadline` nothing more is
    begun. With `dry_run` nothing is sent and nobody asked: the result says what would be sent.
    Raises InputError without the agreement, SettingsError without credentials, StoreError.
    A provider that fails on the way is told in the result's `stopped`.
    """
    known = _settings(settings, store).but(provider=planned.provider)
    if dry_run:
        with open_database(known.store) as database:
            return dispatch.rehearse(
                planned,
                database,
                open_numbers=open_numbers(database),
                ended=_ended(database, again=again),
            )
    if not agree:
        raise InputError(
            "The agreement checklist is not accepted:\n" + agreement.text(),
            "Read it, then submit with agree=True.",
        )
    with (
        open_database(known.store) as database,
        open_provider(known, concurrency=concurrency) as provider,
    ):
        if ask_portability:
            planned, _ = _portable(planned, provider, database, concurrency, clock, _silent)
        return dispatch.submit(
            planned,
            provider,
            database,
            operator=known.operator,
            open_numbers=lambda: open_numbers(database),
            ended=_ended(database, again=again),
            cipher=_cipher(planned, known),
            concurrency=concurrency,
            deadline=deadline,
            clock=clock,
            report=report,
        )


def _ended(database: Database, *, again: bool) -> frozenset[str]:
    """Return the SIDs of requests that may be made once more."""
    if not again:
        return frozenset()
    now = state.request_status(read_history(database))
    return frozenset(now[now.isin(["canceled", "expired"])].index)


def cancel(
    request_sid: str,
    phone_number: str | None = None,
    *,
    settings: Settings | None = None,
    clock: Clock = _now,
) -> None:
    """Cancel a request, or one number of it, at the provider; the journal and history tell it."""
    known = _settings(settings, None)
    with open_database(known.store) as database, open_provider(known) as provider:
        cancellation.cancel(provider, database, request_sid, phone_number, clock=clock)


def pull(
    *,
    full: bool = False,
    settings: Settings | None = None,
    clock: Clock = _now,
    report: Report = _silent,
) -> Pulled:
    """Bring the history up to date from the provider; `full` asks for ended requests as well."""
    known = _settings(settings, None)
    with open_database(known.store) as database, open_provider(known) as provider:
        return refresh.pull(provider, database, full=full, clock=clock, report=report)


def history(store: str | None = None, *, settings: Settings | None = None) -> pd.DataFrame:
    """Return EVENTS of the store (a SQLAlchemy URL; default: the settings')."""
    with open_database(_settings(settings, store).store) as database:
        return read_history(database)


def status(store: str | None = None, *, settings: Settings | None = None) -> pd.DataFrame:
    """Return the tracker: one row a request with status, SID, created date, carrier's words."""
    with open_database(_settings(settings, store).store) as database:
        return state.tracker(read_history(database), journal.tracked(database))


def _week(week: str | None, timezone: str) -> str:
    return week or last_full_week(datetime.now(UTC), timezone)


def rejections(
    week: str | None = None,
    *,
    events: pd.DataFrame | None = None,
    store: str | None = None,
    timezone: str | None = None,
    settings: Settings | None = None,
) -> Figures:
    """Return the weekly rejection figures; default: the last full week of the store.

    `events` (EVENTS) stands for the store's history.
    """
    from portops.reporting.rejections import rejections as figures_of

    known = _settings(settings, store)
    zone = timezone or known.timezone
    codes: dict[str, list[str]] = {}
    if events is None:
        with open_database(known.store) as database:
            events = read_history(database)
            tracked = journal.tracked(database)
            codes = dict(zip(tracked["request_sid"], tracked["finding_codes"], strict=True))
    return figures_of(events, week=_week(week, zone), timezone=zone, finding_codes=codes)


def turnaround(
    week: str | None = None,
    *,
    events: pd.DataFrame | None = None,
    as_of: str | date | datetime | None = None,
    store: str | None = None,
    timezone: str | None = None,
    settings: Settings | None = None,
) -> Figures:
    """Return the turnaround figures as known at `as_of`; default: the end of the last full week.

    A date stands for the end of that day. `events` (EVENTS) stands for the store's history.
    """
    from portops.reporting.turnaround import READS
    from portops.reporting.turnaround import turnaround as figures_of

    known = _settings(settings, store)
    zone = timezone or known.timezone
    if isinstance(as_of, str):
        as_of = date.fromisoformat(as_of) if as_of else None
    if events is None:
        with open_database(known.store) as database:
            events = read_history(database, columns=READS)
    return figures_of(events, week=_week(week, zone), as_of=as_of, timezone=zone)
