"""`index.html`: every week's reports with their headline figures, newest first."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from portops.reporting.page import page
from portops.reporting.publish import TITLES
from portops.wording import percent, words

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = (
    "week",
    "first rejected",
    "most frequent cause",
    "median turnaround",
    "past target",
    "do not agree",
)


def _figures(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["figures"]
    except (OSError, ValueError, KeyError):
        return {}
    return read


def _row(folder: Path) -> str:
    weekly, turnaround, reconciled = (_figures(folder / f"{name}.json") for name in TITLES)
    decided = weekly.get("decided")
    causes = weekly.get("rejections_by_cause") or []
    median = (turnaround.get("chain") or {}).get("median")
    cells = [
        f"{percent(weekly.get('rejection_rate'))} of {decided}" if decided else "–",
        escape(words(causes[0]["cause"])) if causes else "–",
        "–" if median is None else f"{median} days",
        str(turnaround.get("past_target", "–")),
        f"{reconciled['differing']:,} of {reconciled['total']:,}" if reconciled else "–",
    ]
    links = [
        f'<a href="{folder.name}/{name}.html">{title.lower()}</a>'
        for name, title in TITLES.items()
        if (folder / f"{name}.html").is_file()
    ]
    tds = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><td>{escape(folder.name)}</td>{tds}<td class='words'>{', '.join(links)}</td></tr>"


def write_index(out: Path) -> Path:
    """Write `index.html` over the reports in a folder; returns the file."""
    weeks = sorted((each for each in out.glob("[0-9]*-W[0-9]*") if each.is_dir()), reverse=True)
    rows = "".join(map(_row, weeks))
    head = "".join(f"<th scope='col'>{name}</th>" for name in _COLUMNS)
    head += "<th scope='col' class='words'>reports</th>"
    body = "<h1>Porting reports</h1>" + (
        f'<div class="output_html"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        if rows
        else "<p class='empty'>No report has been made yet.</p>"
    )
    target, beside = out / "index.html", out / "index.html.part"
    beside.write_text(page(body, "Porting reports"), encoding="utf-8")
    beside.replace(target)
    return target
