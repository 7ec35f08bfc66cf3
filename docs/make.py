"""Make the reference pages from the tables they describe: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from portops.causes import CAUSES
from portops.check.rules import RULES
from portops.columns import FIELDS
from portops.findings import CODES

HERE = Path(__file__).parent


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
    for rule in RULES:
        label = FIELDS[rule.field].label
        rules.setdefault(rule.code, []).append((label, rule.severity, rule.message))
    for code, about in CODES.items():
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


PAGES = {"findings.md": findings_page}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8", newline="\n")
        sys.stdout.write(f"docs/{name}\n")
