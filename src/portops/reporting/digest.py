"""The digest: the headline figures of a week as a mail, with the reports attached."""

from __future__ import annotations

from email.message import EmailMessage
from html import escape
from typing import TYPE_CHECKING

from portops.reporting.publish import TITLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portops.reporting.publish import Published

_KINDS = {".pdf": ("application", "pdf"), ".html": ("text", "html")}


def _text(each: Published) -> str:
    figures = each.figures
    cards = "\n".join(
        f"  {value:>8}  {label}{f' ({change})' if change else ''}"
        for label, value, change, _ in figures.cards().rows
    )
    todo = "\n".join(f"  - {line}" for line in figures.advice().lines)
    parts = ["\n".join(figures.headline()), cards, f"What to do:\n{todo}" if todo else ""]
    return "\n\n".join(part for part in parts if part)


def _html(each: Published) -> str:
    figures = each.figures
    lines = "".join(f"<p><b>{escape(line)}</b></p>" for line in figures.headline())
    cells = "".join(
        f"<td style='padding:8px 18px;border:1px solid #e4e7eb'><b style='font-size:20px'>"
        f"{escape(value)}</b><br>{escape(label)}<br><small>{escape(change)}</small></td>"
        for label, value, change, _ in figures.cards().rows
    )
    todo = "".join(f"<li>{escape(line)}</li>" for line in figures.advice().lines)
    return (
        f"<h2>{TITLES[each.name]}</h2>{lines}"
        f"<table style='border-collapse:collapse'><tr>{cells}</tr></table><ul>{todo}</ul>"
    )


def compose(
    reports: Sequence[Published], sender: str, recipients: Sequence[str], attach: str = ".pdf"
) -> EmailMessage:
    """Write the mail: text and HTML, with each report attached as PDF or as its page."""
    week = reports[0].figures.week
    message = EmailMessage()
    message["Subject"] = f"Porting {week}: {reports[0].figures.headline()[0]}"
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message.set_content("\n\n\n".join(map(_text, reports)) + "\n")
    body = "".join(map(_html, reports))
    page = f"<html><body style='font-family:Arial,sans-serif;color:#1f2933'>{body}</body></html>"
    message.add_alternative(page, subtype="html")
    kind, subtype = _KINDS[attach]
    for each in reports:
        file = next(path for path in each.files if path.suffix == attach)
        message.add_attachment(
            file.read_bytes(),
            maintype=kind,
            subtype=subtype,
            filename=f"{each.name}-{week}{attach}",
        )
    return message
