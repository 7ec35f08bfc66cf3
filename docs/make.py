"""Make the reference pages from the tables they describe: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from portops.checks import rulebook
from portops.facts.causes import CAUSES, codes, phrases
from portops.tables.columns import FIELDS

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from tutorial import tutorial_page  # noqa: E402 - it stands beside this file


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
    for code, about in rulebook.codes().items():
        lines += [f"## `{code}`", "", f"**{about.severity}**: {about.meaning}.", ""]
        said: dict[str, list[str]] = {}
        for label, severity, message in rules.get(code, []):
            grade = "" if severity == about.severity else f" ({severity})"
            said.setdefault(message + grade, []).append(label)
        for message, labels in said.items():
            lines += [f"- {', '.join(labels)}: {message}"]
        if said:
            lines.append("")
        causes = [cause.label.lower() for cause in CAUSES.values() if code in cause.findings]
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
    for name, cause in CAUSES.items():
        lines += [
            f"## `{name}`",
            "",
            f"**{cause.label}** ({cause.group}; {cause.who}). {cause.fix}",
            "",
        ]
        columns = ", ".join(FIELDS[field].label for field in cause.fields)
        if columns:
            lines += [f"- Columns to mend: {columns}."]
        for provider, table in codes().items():
            mine = [f"`{code}`" for code, meant in table.items() if meant == name]
            if mine:
                lines += [f"- {provider.title()}: {', '.join(mine)}."]
        if cause.findings:
            lines += [f"- Seen before by: {', '.join(f'`{code}`' for code in cause.findings)}."]
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


PAGES = {"findings.md": findings_page, "causes.md": causes_page, "tutorial.md": tutorial_page}

if __name__ == "__main__":
    for name, make in PAGES.items():
        made = make() if name != "tutorial.md" else tutorial_page(HERE / "pictures")
        (HERE / name).write_text(made, encoding="utf-8", newline="\n")
        sys.stdout.write(f"docs/{name}\n")
