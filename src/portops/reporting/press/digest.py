"""The digest: the headline figures of a week as a mail, with the reports attached."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime, formatdate, make_msgid, parseaddr
from html import escape
from typing import TYPE_CHECKING

from portops.wording import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from portops.results.figures import Figures
    from portops.results.published import Published

_KINDS = {".pdf": ("application", "pdf"), ".html": ("text", "html")}


def _text(figures: Figures) -> str:
    summary = figures.summary
    cards = "\n".join(
        f"  {card.value:>8}  {card.label}{f' ({card.change})' if card.change else ''}"
        for card in summary.cards
    )
    todo = "\n".join(f"  - {line}" for line in summary.actions)
    parts = ["\n".join(summary.headline), cards, f"What to do:\n{todo}" if todo else ""]
    return "\n\n".join(part for part in parts if part)


def _html(title: str, figures: Figures) -> str:
    summary = figures.summary
    lines = "".join(f"<p><b>{escape(line)}</b></p>" for line in summary.headline)
    cells = "".join(
        f"<td style='padding:8px 18px;border:1px solid #e4e7eb'><b style='font-size:20px'>"
        f"{escape(card.value)}</b><br>{escape(card.label)}<br><small>{escape(card.change)}</small>"
        "</td>"
        for card in summary.cards
    )
    todo = "".join(f"<li>{escape(line)}</li>" for line in summary.actions)
    return (
        f"<h2>{escape(title)}</h2>{lines}"
        f"<table role='presentation' style='border-collapse:collapse'><tr>{cells}</tr></table>"
        + (f"<h3>What to do</h3><ul>{todo}</ul>" if todo else "")
    )


def _page(title: str, body: str) -> str:
    """Put the mail's HTML into a page that a screen reader finds its way through."""
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'></head>"
        "<body style='font-family:Arial,sans-serif;color:#1f2933;background:#ffffff'>"
        f"<main><h1 style='font-size:20px'>{escape(title)}</h1>{body}</main></body></html>"
    )


def _filename(name: str, file: Path) -> str:
    """Name an attachment by its report and the folder of its week."""
    return f"{name}-{file.parent.name}{file.suffix}"


def compose(
    reports: Sequence[Published],
    sender: str,
    recipients: Sequence[str],
    attach: str | None = ".pdf",
    *,
    sent: datetime | None = None,
    link: str = "",
) -> EmailMessage:
    """Write the mail: text and HTML, with each report attached as PDF or as its page, or linked.

    The first report's headline is the subject. A report without figures is attached only. `sent`
    is its date (default: now); `link` is the address of the folder of reports, and nothing is
    attached where one is given or `attach` is None.
    """
    shown = [(report.title, report.shown) for report in reports if report.shown is not None]
    message = EmailMessage()
    if shown:
        figures = shown[0][1]
        headline = figures.headline() or [shown[0][0]]
        message["Subject"] = f"Porting {figures.week}: {one_line(headline[0])}"
    else:
        message["Subject"] = f"Porting: {one_line(', '.join(report.title for report in reports))}"
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Date"] = format_datetime(sent) if sent else formatdate(localtime=True)
    message["Message-ID"] = make_msgid("reports", domain)
    message["List-Id"] = f"Porting reports <reports.portops.{domain}>"
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    where = f"The reports: {link}" if link else ""
    texts = [*(f"{title}\n\n{_text(figures)}" for title, figures in shown), where]
    message.set_content("\n\n\n".join(filter(None, texts)) + "\n")
    body = "".join(_html(title, figures) for title, figures in shown)
    if link:
        body += f"<p><a href='{escape(link)}' style='color:#1f4e79'>Open the reports</a></p>"
    message.add_alternative(_page(str(message["Subject"]), body), subtype="html")
    if link or attach is None:
        return message
    kind, subtype = _KINDS[attach]
    for report in reports:
        file = next(path for path in report.files if path.suffix == attach)
        message.add_attachment(
            file.read_bytes(),
            maintype=kind,
            subtype=subtype,
            filename=file.name if report.shown is None else _filename(report.name, file),
        )
    return message
