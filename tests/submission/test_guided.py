"""The guided request: four steps, the workbook's rules, nothing sent with an error standing."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.conftest import Served, write_statement

import portops
from portops.cli import app, request
from portops.errors import InputError
from portops.facts import agreement
from portops.store import journal
from portops.store.database import open_database
from portops.submission import guided
from portops.submission.guided import Draft, Wireless

ANSWERS = {
    "losing_carrier": "Granite Tel",
    "account_number": "100200300400",
    "landline_numbers": "212-555-0100, 0101 to 0103",
    "customer_type": "Business",
    "customer_name": "Copper Hill Bakery",
    "authorized_name": "Avery Larkspur",
    "email": "avery.larkspur@example.com",
    "street": "12 Mill Road",
    "city": "New York",
    "state": "New York",
    "postal_code": "10001",
    "statement": "statement.pdf",
}


def _check(draft: Draft, statement: Path) -> object:
    return portops.check(draft.table(), documents=statement)


def test_a_whole_draft_has_no_error(statement: Path) -> None:
    """Landlines of one field and wireless numbers one by one become one request."""
    draft = Draft(
        answers={**ANSWERS, "landline_numbers": "2125550100, 212-555-0101 to 0103"},
        wireless=[Wireless(number="9175550110", pin="Zebra4711X")],
    )
    checked = portops.check(draft.table(), documents=statement)
    found = {
        name: said
        for name, said in guided.problems(checked).items()
        if any(severity == "error" for severity, _ in said)
    }
    assert found == {}
    assert sorted(checked.numbers["phone_number"]) == [
        "+12125550100",
        "+12125550101",
        "+12125550102",
        "+12125550103",
        "+19175550110",
    ]
    assert checked.requests == 1


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("email", "avery", "not an e-mail address"),
        ("postal_code", "99999", "ZIP"),
        ("account_number", "1.23E+15", "lost or hidden"),
        ("landline_numbers", "8005550100", "toll-free"),
        ("customer_name", "", "no customer name"),
        ("street", "PO Box 12", "PO box"),
    ],
)
def test_each_answer_is_judged_by_the_workbooks_rules(
    statement: Path, name: str, answer: str, said: str
) -> None:
    """At the field it belongs to, while the others are not filled in yet."""
    draft = Draft(answers={**ANSWERS, name: answer})
    found = guided.judge(draft, lambda table: portops.check(table, documents=statement))
    assert any(said.casefold() in words.casefold() for _, words in found[name]), found


def test_answers_are_judged_before_there_is_a_number(statement: Path) -> None:
    """And nothing is said of the number that stands in for it."""
    write_statement(
        statement / "statement.pdf",
        "Granite Tel",
        "Account: 1002-0030-0400",
        "COPPER HILL BAKERY LLC",
        "12 Mill Rd",
        "New York, NY 10001",
        "713-555-0142",
    )
    draft = Draft(answers={**ANSWERS, "landline_numbers": "", "account_number": "1.23E+15"})
    found = guided.judge(draft, lambda table: portops.check(table, documents=statement))
    assert any("lost or hidden" in words for _, words in found["account_number"])
    assert "0100" not in str(
        {name: said for name, said in found.items() if name in {"statement", "wireless"}}
    )


def test_a_wireless_number_needs_its_pin(statement: Path) -> None:
    """Said at the wireless numbers, and the PIN is shown nowhere."""
    draft = Draft(answers=ANSWERS, wireless=[Wireless(number="9175550110")])
    found = guided.problems(portops.check(draft.table(), documents=statement))
    assert any("transfer PIN" in words for _, words in found["wireless"])
    draft.wireless[0].pin = "Zebra4711X"
    assert "Zebra4711X" not in repr(draft) + str(guided.review(draft))


def test_a_draft_survives_without_its_pins(tmp_path: Path) -> None:
    """Kept beside and renamed; a file that is none is refused."""
    draft = Draft(answers=ANSWERS, wireless=[Wireless(number="9175550110", pin="Zebra4711X")])
    draft.save(tmp_path / "drafts" / "one.json")
    assert "Zebra" not in (tmp_path / "drafts" / "one.json").read_text()
    again = guided.load(tmp_path / "drafts" / "one.json")
    assert again == Draft(answers=ANSWERS, wireless=[Wireless(number="9175550110")])
    assert guided.load(tmp_path / "none.json") == Draft()
    (tmp_path / "odd.json").write_text("[1]")
    with pytest.raises(InputError):
        guided.load(tmp_path / "odd.json")


def _toml(path: Path, **change: str) -> Path:
    lines = [f"{name} = {json.dumps(value)}" for name, value in {**ANSWERS, **change}.items()]
    lines += ["[[wireless]]", 'number = "917-555-0110"', 'pin = "Zebra4711X"']
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def run(served: Served, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run `portops request new` in a folder of its own, against the sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTOPS_STORE", store_url)
    monkeypatch.setenv("PORTOPS_SANDBOX_URL", served.url)

    def call(*arguments: str, answers: str = ""):
        return CliRunner().invoke(app, ["request", "new", *arguments], input=answers)

    return call


def test_a_script_submits_from_a_file(run, served: Served, statement: Path, store_url: str) -> None:
    """The Request SID is printed; again it is the same one."""
    file = _toml(statement / "request.toml", landline_numbers="212-555-0100 to 0103")
    assert "not accepted" in str(run("--from", str(file)).exception)
    done = run("--from", str(file), "--agree")
    assert done.exit_code == 0, done.output
    sid = done.output.split("Request SID: ")[1].split()[0]
    with open_database(store_url) as database:
        assert journal.known_sids(database) == {sid}
    assert sid in run("--from", str(file), "--agree").output
    assert [len(each["numbers"]) for each in served.received()] == [5]


def test_nothing_is_sent_with_an_error_standing(run, served: Served, statement: Path) -> None:
    """What is wrong is told by field, and by JSON for scripts."""
    file = _toml(statement / "request.toml", email="avery")
    done = run("--from", str(file), "--agree", "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)["problems"]
    assert any(each["field"] == "Email" for each in told if each["severity"] == "error"), told
    assert served.received() == []
    odd = _toml(statement / "odd.toml")
    odd.write_text("colour = 'red'\n" + odd.read_text())
    assert isinstance(run("--from", str(odd), "--agree").exception, InputError)


def test_a_person_is_asked_until_the_answer_is_good(
    run, served: Served, statement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step by step; a bad answer is said and asked again; a no at the end sends nothing."""
    monkeypatch.setattr(request, "_somebody_answers", lambda: True)
    given = [
        ANSWERS["losing_carrier"],
        ANSWERS["account_number"],
        "",
        "212-555-0100",
        "917-555-0110",
        "",
        "",
        "917-555-0111",
        "Zebra4711X",
        "",
        "Business",
        "Copper Hill Bakery",
        "Avery Larkspur",
        "avery",
        "avery.larkspur@example.com",
        "12 Mill Road",
        "",
        "New York",
        "NY",
        "10001",
        str(statement / "statement.pdf"),
        "",
        "",
    ]
    lines = "\n".join(given) + "\n"
    refused = run("--agree", answers=lines + "n\n")
    assert isinstance(refused.exception, InputError), refused.output
    assert "not an e-mail address" in refused.output
    assert "transfer PIN" in refused.output
    assert "Zebra" not in refused.output
    assert served.received() == []
    assert Path(".portops/draft.json").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_a_person_submits_on_a_terminal(
    served: Served, statement: Path, store_url: str, tmp_path: Path
) -> None:
    """By prompts to the end: a wrong answer is asked again, and the Request SID is printed."""
    given = [
        *["y"] * len(agreement.POINTS),
        *(ANSWERS["losing_carrier"], ANSWERS["account_number"], "", "212-555-0100", ""),
        *("Business", "Copper Hill Bakery", "Avery Larkspur", "avery", "avery@example.com"),
        *("12 Mill Road", "", "New York", "NY", "10001"),
        *(str(statement / "statement.pdf"), "", "", "y"),
    ]
    terminal, stdin = os.openpty()
    os.write(terminal, "".join(f"{line}\n" for line in given).encode())
    done = subprocess.run(
        [sys.executable, "-m", "portops", "request", "new", "--store", store_url],
        env={**os.environ, "PORTOPS_SANDBOX_URL": served.url},
        cwd=tmp_path,
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(terminal)
    os.close(stdin)
    assert done.returncode == 0, done.stdout + done.stderr
    (call,) = served.received()
    assert f"Request SID: {call['request_sid']}" in done.stdout
    assert "Step 4 of 4: review" in done.stdout
    assert "not an e-mail address" in done.stdout
    assert "  Email [avery]: " in done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".portops" / "draft.json").exists()


def test_a_guided_request_whose_store_breaks_tells_its_sid(
    run, served: Served, statement: Path, store_url: str
) -> None:
    """The provider has it: the SID is printed, whatever the store says."""
    open_database(store_url).close()
    with sqlite3.connect(store_url.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "CREATE TRIGGER breaks BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    file = _toml(statement / "request.toml", landline_numbers="212-555-0100")
    done = run("--from", str(file), "--agree")
    (call,) = served.received()
    assert f"Request SID: {call['request_sid']}" in done.output
    assert done.exit_code != 0
