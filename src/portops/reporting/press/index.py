"""`index.html`: every week's reports with their headline figures, newest first."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from portops.errors import InputError
from portops.files import replacing
from portops.reporting.periods import Period
from portops.reporting.press.page import page
from portops.reporting.report import in_order
from portops.results.figures import Figures

if TYPE_CHECKING:
    from pathlib import Path

    from portops.reporting.report import Report

_NONE = "–"


def write_index(out: Path) -> Path:
    """Write `index.html` over the reports in a folder; returns the file.

    Columns are what the reports give for the index. Pages of notebooks of one's own are linked.
    """
    reports, _ = in_order()
    titles = [title for report in reports for title in report.index]
    rows = "".join(_row(folder, period, reports) for period, folder in _folders(out))
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in ("week", *titles))
    head += "<th scope='col' class='words'>reports</th>"
    body = "<h1>Porting reports</h1>" + (
        f'<figure tabindex="0" aria-label="Reports by week"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></figure>'
        if rows
        else "<p class='empty'>No report has been made yet.</p>"
    )
    target = out / "index.html"
    with replacing(target) as beside:
        beside.write_text(page(body, "Porting reports"), encoding="utf-8")
    return target


def _folders(out: Path) -> list[tuple[Period, Path]]:
    """Return the folders of reports with the periods they are named by, the newest first."""
    dated = []
    for folder in out.iterdir():
        try:
            period = Period.named(folder.name)
        except InputError:
            continue
        if folder.is_dir() and period.folder == folder.name:
            dated.append((period, folder))
    return sorted(dated, key=lambda pair: (pair[0].last, pair[0].first), reverse=True)


def _row(folder: Path, period: Period, reports: list[Report]) -> str:
    cells, links = [], []
    for report in reports:
        cells += [escape(cell) for cell in _cells(report, folder / f"{report.name}.json")]
        if (folder / f"{report.name}.html").is_file():
            links.append((report.name, report.title.lower()))
    listed = {name for name, _ in links}
    others = sorted(path.stem for path in folder.glob("*.html") if path.stem not in listed)
    links += [(name, name.replace("-", " ")) for name in others]
    anchors = ", ".join(
        f'<a href="{escape(folder.name)}/{escape(name)}.html">{escape(title)}</a>'
        for name, title in links
    )
    tds = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><td>{escape(period.name)}</td>{tds}<td class='words'>{anchors}</td></tr>"


def _cells(report: Report, path: Path) -> list[str]:
    """Return a report's cells; dashes where it was not made, or made by an older version."""
    try:
        figures = Figures.read(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return [_NONE] * len(report.index)
    cells = []
    for write in report.index.values():
        try:
            cells.append(write(figures))
        except (LookupError, TypeError):
            cells.append(_NONE)
    return cells
