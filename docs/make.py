"""Make the reference pages from what they describe, and the tutorial by doing it: `make docs`.

The reference pages are made and never committed: rules, causes, providers' codes, commands and
reports are read from where they register themselves, those of installed packages included.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portops.checks import rulebook
from portops.cli import COMMANDS, app
from portops.facts.causes import CAUSES, phrases
from portops.facts.limits import MEGABYTE
from portops.providers import PROVIDERS, codes, service
from portops.reporting.report import in_order
from portops.tables.columns import FIELDS
from portops.wording import counted

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from tutorial import tutorial_page  # noqa: E402 - it is beside this file

if TYPE_CHECKING:
    from portops.providers.words import Words


def findings_page() -> str:
    """List every finding code: severity, meaning, where it points, what it says."""
    lines = [
        "# Findings",
        "",
        (
            "What `portops check` can say, made from the rules themselves. `error` is held back, "
            "`warning` is submitted and counted, `fixed` was repaired without loss, `info` is "
            "worth knowing. Words in braces are filled in."
        ),
        "",
    ]
    rules: dict[str, list[tuple[str, str, str]]] = {}
    for rule in rulebook.rules():
        label = FIELDS[rule.field].label
        rules.setdefault(rule.code, []).append((label, rule.severity, rule.message))
    foreseen = rulebook.codes_by_cause()
    for code, about in rulebook.codes().items():
        lines += [f"## `{code}`", "", f"**{about.severity}**: {about.meaning}.", ""]
        messages: dict[str, list[str]] = {}
        for label, severity, message in rules.get(code, []):
            grade = "" if severity == about.severity else f" ({severity})"
            messages.setdefault(message + grade, []).append(label)
        for message, labels in messages.items():
            lines += [f"- {', '.join(labels)}: {message}"]
        if messages:
            lines.append("")
        causes = [CAUSES[name].label.lower() for name in foreseen if code in foreseen[name]]
        if causes:
            lines += [f"Otherwise rejected for: {', '.join(causes)}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def causes_page() -> str:
    """List the canonical causes, every provider's codes for them, and the phrases."""
    lines = [
        "# Causes of rejection",
        "",
        (
            "A provider's code decides; else its words, by the phrases at the end; else the cause "
            "is `other`, and the words are kept."
        ),
        "",
    ]
    foreseen = rulebook.codes_by_cause()
    for name, cause in CAUSES.items():
        lines += [
            f"## `{name}`",
            "",
            f"**{cause.label}** ({cause.group}; {cause.who}). {cause.fix}",
            "",
        ]
        columns = ", ".join(FIELDS[field].label for field in cause.fields)
        if columns:
            lines += [f"- Columns to fix: {columns}."]
        for provider, table in codes().items():
            mine = [f"`{code}`" for code, meant in table.items() if meant == name]
            if mine:
                lines += [f"- {service(provider).label}: {', '.join(mine)}."]
        if foreseen[name]:
            lines += [f"- Seen before by: {', '.join(f'`{code}`' for code in foreseen[name])}."]
        lines.append("")
    lines += [
        "## Phrases",
        "",
        "The first that fits decides; case does not count.",
        "",
        "| words (regular expression) | cause |",
        "| --- | --- |",
    ]
    lines += [
        f"| `{words.replace('|', chr(92) + '|')}` | `{cause}` |" for words, cause in phrases()
    ]
    return "\n".join(lines).rstrip() + "\n"


def commands_page() -> str:
    """Show the help of every command and of its own commands."""
    lines = ["# Commands", "", "As `portops COMMAND --help` prints it.", ""]
    root = click.Context(app, info_name="portops", terminal_width=90, color=False)
    for name in COMMANDS:
        command = app.get_command(root, name)
        assert command is not None
        lines += _help(command, name, root)
    return "\n".join(lines).rstrip() + "\n"


def _help(command: click.Command, name: str, above: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=above, terminal_width=90)
    lines = [f"## `{context.command_path}`", "", "```text", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            inner = command.get_command(context, child)
            if inner is not None:
                lines += _help(inner, child, context)
    return lines


def reports_page() -> str:
    """List every report: what it is about, what its notebook takes, its charts."""
    lines = [
        "# Reports",
        "",
        "Made by `portops report NAME`, and every week by `portops weekly`.",
        "",
    ]
    reports, _ = in_order()
    for report in reports:
        lines += [f"## `{report.name}`", "", f"**{report.title}**. {report.about}".rstrip(), ""]
        lines += [f"- Parameters: {', '.join(f'`{name}`' for name in report.parameters)}."]
        if report.charts:
            lines += [f"- Charts: {', '.join(f'`{name}`' for name in report.charts)}."]
        if report.index:
            lines += [f"- In the index: {', '.join(report.index)}."]
        if report.needs_provider:
            lines += ["- Asks the provider, so `portops weekly --no-pull` leaves it out."]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def providers_page() -> str:
    """List every provider: what it can do, its limits, settings, statuses and codes, its proofs."""
    lines = [
        "# Providers",
        "",
        (
            "Made from what each provider's folder says. `sandbox` speaks Twilio's dialect on this "
            "machine; `portops sandbox serve` speaks Telnyx's as well, under `/v2`."
        ),
        "",
    ]
    for one in PROVIDERS:
        lines += [f"## {one.label} (`--provider {one.name}`)", ""]
        if not one.ready:
            lines += ["It is not there yet: `submit` refuses it and says so. Known are:", ""]
        limits = one.limits
        kinds = ", ".join(kind.upper() for kind in limits.document_kinds)
        writes = "the provider" if limits.letter == "provider" else "portops (`portops loa`)"
        lines += [
            "| | |",
            "| --- | --- |",
            f"| numbers in a request | {limits.numbers:,} |",
            f"| PINs in a request | {'one' if limits.one_pin else 'one a number'} |",
            (
                f"| a statement | {limits.document_bytes // MEGABYTE} MB at most, {kinds}, "
                f"{limits.statement_days} days old at most |"
            ),
            f"| a requested date | {counted(limits.lead_days, 'day')} ahead at least |",
            f"| the letter of authorization is written by | {writes} |",
            f"| calls | {limits.calls_a_second:g} a second, {limits.calls_at_once} at once |",
            f"| webhooks | {'yes, signed' if one.webhook else 'none'} |",
            f"| credentials | {', '.join(f'`{name}`' for name in one.credentials) or 'none'} |",
        ]
        hosts = [f"`{name}` ({host or 'none'})" for name, host in (one.hosts or {}).items()]
        if hosts:
            lines += [f"| hosts | {', '.join(hosts)} |"]
        lines.append("")
        if one.notes:
            lines += [*(f"- {note}" for note in one.notes), ""]
        if one.proofs:
            lines += ["Proven by:", "", *(f"- {proof}" for proof in one.proofs), ""]
        if one.dialect:
            lines += [f"Statuses and codes are {service(one.dialect).label}'s.", ""]
            continue
        lines += _words_tables(one.words())
    return "\n".join(lines).rstrip() + "\n"


def _words_tables(words: Words) -> list[str]:
    """Write a provider's statuses and codes with ours."""
    tables = (
        ("status", words.statuses),
        ("status of a request", words.of_requests),
        ("code", words.causes),
    )
    lines = []
    for name, table in tables:
        if table:
            lines += [f"| {name} | ours |", "| --- | --- |"]
            lines += [f"| `{theirs}` | `{ours}` |" for theirs, ours in table.items()]
            lines.append("")
    return lines


#: Made from the registries, and not committed.
REFERENCE = {
    "findings.md": findings_page,
    "causes.md": causes_page,
    "commands.md": commands_page,
    "reports.md": reports_page,
    "providers.md": providers_page,
}


def write_reference(folder: Path) -> list[Path]:
    """Write the reference pages into a folder; returns the files."""
    files = []
    for name, make in REFERENCE.items():
        (folder / name).write_text(make(), encoding="utf-8", newline="\n")
        files.append(folder / name)
    return files


if __name__ == "__main__":
    tutorial = HERE / "tutorial.md"
    tutorial.write_text(tutorial_page(HERE / "pictures"), encoding="utf-8", newline="\n")
    for path in [*write_reference(HERE), tutorial]:
        sys.stdout.write(f"docs/{path.name}\n")
