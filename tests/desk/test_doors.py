"""Both doors give the same answer: every command, and its method, on the same input.

One story is told twice, in two worlds that are alike: by the command line in one, by the desk's
methods in the other. After each step the two answers are compared.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Served, rows, serving, write_book, write_statement

from portops import Desk
from portops.cli import COMMANDS, main
from portops.redaction import Secret
from portops.results.followed import plain_rows
from portops.sealing import new_key
from portops.settings import Settings
from portops.submission import guided

WEEK = "2026-W47"
OLD, NEW = new_key(), new_key()

#: Instants, days, ages in words and what is random: the two worlds differ in these alone.
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")
_SID = re.compile(r"\b(?:KW|RD)[0-9a-f]{32}\b|\b[0-9a-f]{16,64}\b")


@dataclass
class World:
    """A folder with a workbook, its statement, a store and a sandbox of its own."""

    folder: Path
    served: Served
    desk: Desk

    def environment(self) -> dict[str, str]:
        """Return the environment that leads a command to this world."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTOPS_", "TWILIO_"))}
        return {
            **kept,
            "PORTOPS_STORE": self.desk.settings.store,
            "PORTOPS_SANDBOX_URL": self.served.url,
            "PORTOPS_OPERATOR": "tester",
            "PORTOPS_OUT": str(self.folder / "out"),
            "PORTOPS_SECRET_KEY": f"{NEW},{OLD}",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, *arguments: str) -> Any:
        """Run the command here; returns its JSON document."""
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patched, redirect_stdout(printed):
            for name in set(os.environ) - set(environment := self.environment()):
                patched.delenv(name)
            for name, value in environment.items():
                patched.setenv(name, value)
            patched.chdir(self.folder)
            with pytest.raises(SystemExit) as ended:
                main([*arguments, "--json"])
        assert ended.value.code in {0, 1}
        printed.flush()
        return json.loads(printed.buffer.getvalue())

    def plain(self, document: Any) -> str:
        """Return a document as text without what differs from world to world."""
        text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, default=str)
        text = text.replace(str(self.folder), "HERE").replace(self.served.url, "URL")
        order: dict[str, str] = {}
        text = _SID.sub(lambda match: order.setdefault(match[0], f"SID{len(order)}"), text)
        text = re.sub(r'"seconds": [\d.]+', '"seconds": 0', text)
        text = re.sub(r"before-restore-\w+", "before-restore-TIME", text)
        return _TIME.sub("TIME", text)


@contextmanager
def _world(folder: Path) -> Iterator[World]:
    statements = folder / "statements"
    statements.mkdir(parents=True)
    write_statement(
        statements / "statement.pdf",
        "Granite Tel",
        "Account: 1002-0030-0400",
        "COPPER HILL BAKERY LLC",
        "12 Mill Rd",
        "New York, NY 10001",
        "212-555-0100 to 0199",
    )
    book = rows(
        {},
        {"Number Type": "Wireless", "Wireless PIN": "Zebra4711X"},
        {"Account Number": "9", "Customer Name": "Red Barn"},
        {"Account Number": "8", "Email": "nobody"},
    )
    write_book(folder / "mine.xlsx", book)
    (folder / "held.csv").write_text("+12125550100\n+12125550199\n", "utf-8")
    (folder / "request.toml").write_text(
        'losing_carrier = "Granite Tel"\naccount_number = "77"\nlandline_numbers = "2125550140"\n'
        'customer_type = "Business"\ncustomer_name = "Copper Hill Bakery"\n'
        'authorized_name = "Avery Larkspur"\nemail = "avery@example.com"\n'
        'street = "12 Mill Road"\ncity = "New York"\nstate = "NY"\npostal_code = "10001"\n'
        'statement = "statements/statement.pdf"\n',
        encoding="utf-8",
    )
    with serving(folder / "sandbox", start=None) as served:
        settings = Settings(
            store=f"sqlite:///{folder / 'store.db'}",
            sandbox_url=served.url,
            operator="tester",
            out=str(folder / "out"),
            secret_key=Secret(f"{NEW},{OLD}"),
        )
        with Desk(settings) as desk:
            yield World(folder, served, desk)


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[tuple[World, World]]:
    """Two worlds that are alike."""
    with _world(tmp_path / "a") as one, _world(tmp_path / "b") as other:
        yield one, other


def _check(world: World) -> Any:
    return world.desk.check(str(world.folder / "mine.xlsx"), documents=world.folder / "statements")


def _learned(world: World) -> Any:
    """Check with a column settled by hand, and keep it as a profile."""
    documents = world.folder / "statements"
    given, fill = {"Losing Carrier": "losing_carrier"}, {"billing_number": "2125550100"}
    book = str(world.folder / "mine.xlsx")
    checked = world.desk.check(book, documents=documents, given=given, fill=fill)
    world.desk.learn(checked, "acme")
    world.desk.write(checked)
    return checked.as_json()


def _profiled(world: World) -> Any:
    documents = world.folder / "statements"
    return world.desk.check(str(world.folder / "mine.xlsx"), documents=documents, profile="acme")


def _submit(world: World) -> Any:
    submitted = world.desk.submit(world.desk.plan(_check(world)), agree=True)
    world.desk.write(submitted.planned.checked)
    world.desk.receipts(submitted)
    return submitted.as_json()


def _sid_of(world: World, request: str) -> str:
    tracker = world.desk.status()
    return str(tracker.loc[tracker["request"] == request, "request_sid"].iloc[0])


def _first(world: World) -> str:
    """Return the SID of the request that is signed."""
    return _sid_of(world, "Granite Tel 9")


def _other(world: World) -> str:
    """Return the SID of the request that is canceled."""
    return _sid_of(world, "Granite Tel 100200300400")


def _checked(world: World) -> Any:
    checked = _check(world)
    world.desk.write(checked)
    return checked.as_json()


def _portability(world: World) -> Any:
    planned, answers = world.desk.portability(world.desk.plan(_check(world)))
    return {**planned.as_json(), "portability": plain_rows(answers)}


def _rehearsed(world: World) -> Any:
    planned = world.desk.plan(_check(world))
    rehearsed = world.desk.submit(planned, dry_run=True)
    return {**planned.as_json(), "already_submitted": rehearsed.count("already_submitted")}


def _letters(world: World) -> Any:
    planned = world.desk.plan(_check(world))
    letters = [letter.as_json() for letter in world.desk.letters(planned)]
    return {"letters": letters, "held_back": len(planned.held_back)}


def _request(world: World) -> Any:
    draft = guided.read_toml(world.folder / "request.toml")
    planned = world.desk.plan(world.desk.check_draft(draft))
    return world.desk.submit(planned, agree=True).as_json()


def _cancel(world: World) -> Any:
    sid = _other(world)
    sids = world.desk.cancel(sid)
    return {"request_sids": sids, "request_sid": sid, "phone_number": None, "canceled": True}


def _reconcile(world: World) -> Any:
    result = world.desk.reconcile(world.desk.plan(_check(world)))
    return {**result.as_json(), "files": [str(path) for path in world.desk.ledger(result)]}


def _held(world: World) -> Any:
    """Compare with an inventory: numbers alone, without a header."""
    held = world.folder / "held.csv"
    result = world.desk.reconcile(world.desk.plan(_check(world)), inventory=held)
    return {**result.as_json(), "files": [str(path) for path in world.desk.ledger(result)]}


def _corrections(world: World) -> Any:
    refused = world.desk.corrections(world.folder / "rejected.xlsx")
    causes = {str(cause): int(count) for cause, count in refused["cause"].value_counts().items()}
    file = str(world.folder / "rejected.xlsx") if len(refused) else None
    return {"file": file, "numbers": len(refused), "causes": causes}


def _purge(world: World) -> Any:
    removed, kept = world.desk.purge_pins()
    return {"removed": removed, "kept": kept}


def _import(world: World) -> Any:
    events, new = world.desk.import_history(world.folder / "events.csv")
    return {"events": events, "new": new}


_NAMED = {"FIRST": _first, "OTHER": _other}

BOOK = ("HERE/mine.xlsx", "--documents", "HERE/statements")

LEARN = (
    *("--map", "Losing Carrier=losing_carrier", "--set", "billing_number=2125550100"),
    *("--learn", "acme"),
)

#: The story: what is typed, and what is called.
STORY: tuple[tuple[tuple[str, ...], Callable[[World], Any]], ...] = (
    (
        ("template", "HERE/empty.xlsx"),
        lambda w: {"file": str(w.desk.template(w.folder / "empty.xlsx")), "layout": "numbers"},
    ),
    (("check", *BOOK), _checked),
    (("check", *BOOK, *LEARN), _learned),
    (("plan", *BOOK), lambda w: w.desk.plan(_check(w)).as_json()),
    (("plan", *BOOK, "--profile", "acme"), lambda w: w.desk.plan(_profiled(w)).as_json()),
    (("plan", *BOOK, "--portability"), _portability),
    (("submit", *BOOK, "--dry-run"), _rehearsed),
    (("loa", *BOOK), _letters),
    (("submit", *BOOK, "--agree"), _submit),
    (("submit", *BOOK, "--agree"), _submit),
    (("check", *BOOK), _checked),
    (("request", "new", "--from", "HERE/request.toml", "--agree"), _request),
    (("sandbox", "advance", "1"), lambda w: w.desk.sandbox("advance", days=1)),
    (("cancel", "OTHER"), _cancel),
    (("sandbox", "sign", "FIRST"), lambda w: w.desk.sandbox(f"sign/{_first(w)}")),
    (("sandbox", "advance", "30"), lambda w: w.desk.sandbox("advance", days=30)),
    (("pull",), lambda w: w.desk.pull().as_json()),
    (("status",), lambda w: {"requests": plain_rows(w.desk.status())}),
    (("status", "--due"), lambda w: {"requests": plain_rows(w.desk.status(due=True))}),
    (("status", "FIRST"), lambda w: w.desk.request(_first(w)).as_json()),
    (("corrections", "HERE/rejected.xlsx"), _corrections),
    (("reconcile", *BOOK), _reconcile),
    (("reconcile", *BOOK, "--inventory", "HERE/held.csv"), _held),
    (("adopt", *BOOK), lambda w: w.desk.adopt(w.desk.plan(_check(w))).as_json()),
    (("store", "check"), lambda w: w.desk.check_store().as_json()),
    (
        ("store", "backup", "HERE/backup.db"),
        lambda w: w.desk.backup(w.folder / "backup.db").as_json(),
    ),
    (
        ("store", "restore", "HERE/backup.db"),
        lambda w: w.desk.restore(w.folder / "backup.db").as_json(),
    ),
    (("secrets", "rotate"), lambda w: {"resealed": w.desk.rotate_key()}),
    (("secrets", "purge"), _purge),
    (
        ("history", "export", "HERE/events.csv"),
        lambda w: {
            "file": str(w.folder / "events.csv"),
            "events": w.desk.export_history(w.folder / "events.csv"),
        },
    ),
    (("history", "import", "HERE/events.csv"), _import),
    (
        ("report", "weekly-rejections", "--week", WEEK),
        lambda w: w.desk.publish("weekly-rejections", week=WEEK).as_json(),
    ),
    (("weekly", "--week", WEEK), lambda w: w.desk.weekly(WEEK).as_json()),
    (("doctor",), lambda w: {"checks": [look.as_json() for look in w.desk.doctor()]}),
)

#: Compared below and with the demo (`tests/cli`): one serves until it is stopped, the other makes
#: a world of its own.
APART = {"demo", "webhook"}


def test_the_story_has_every_command() -> None:
    """A command without a method of the desk is noticed."""
    assert {arguments[0] for arguments, _ in STORY} | APART == set(COMMANDS)


def test_every_command_and_its_method_give_the_same_answer(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same store, same workbook, same provider: one answer, whichever door was taken."""
    typed, called = worlds
    monkeypatch.chdir(called.folder)
    for arguments, method in STORY:
        words = [
            _NAMED[word](typed) if word in _NAMED else word.replace("HERE", str(typed.folder))
            for word in arguments
        ]
        left, right = typed.plain(typed.run(*words)), called.plain(method(called))
        assert left == right, " ".join(arguments)
    kept = [(world.folder / "profiles" / "acme.toml").read_text("utf-8") for world in worlds]
    assert kept[0] == kept[1]


def test_the_settings_rule_both_doors(worlds: tuple[World, World]) -> None:
    """The provider and the mapping of portops.toml count in Python as on the command line."""
    _, world = worlds
    settings = world.desk.settings.but(provider="twilio", mapping={"Their Column": "notes"})
    with Desk(settings) as desk:
        checked = desk.check(rows({"Their Column": "call first"}))
        assert desk.plan(checked).provider == "twilio"
        assert checked.headers["Their Column"] == "notes"


def test_the_webhook_listens_where_the_desk_says(worlds: tuple[World, World]) -> None:
    """The command serves the application of `Desk.webhook`, at its address."""
    typed, called = worlds
    public = "https://ports.example.com/"
    command = ["webhook", "serve", "--port", "0", "--public-url", public]
    with subprocess.Popen(
        [sys.executable, "-m", "portops", *command],
        stdout=subprocess.PIPE,
        text=True,
        cwd=typed.folder,
        env=typed.environment(),
    ) as process:
        line = process.stdout.readline() if process.stdout else ""
        process.terminate()
    app, url = called.desk.webhook(public)
    assert line.strip() == f"Listening for sandbox at {url}"
    assert "/port-in" in [route.path for route in app.routes]
