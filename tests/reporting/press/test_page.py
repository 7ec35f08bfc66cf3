"""The page and the paper: readable by everybody, on a telephone and in print."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nbformat
import pandas as pd
import pypdfium2
import pytest
from tests.conftest import event, events

from portops.reporting.press.page import _CSS, page, to_html
from portops.reporting.press.paper import to_pdf
from portops.reporting.report import draw
from portops.reporting.reports.turnaround import turnaround
from portops.reporting.reports.weekly_rejections import rejections
from portops.results import displays
from portops.results.figures import Figures

A, B = "+12125550100", "+12125550101"
HISTORY = [
    event("KW1", A, "submitted", "2026-11-09T15:00:00Z", losing_carrier="Granite"),
    event("KW1", A, "completed", "2026-11-18T15:00:00Z", losing_carrier="Granite"),
    event("KW1", B, "submitted", "2026-11-09T15:00:00Z", losing_carrier="Granite"),
    event("KW1", B, "rejected", "2026-11-17T15:00:00Z", cause="pin", losing_carrier="Granite"),
]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heads: list[int] = []
        self.pictures: list[dict] = []
        self.loaded: list[str] = []
        self.headers: list[dict] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.heads.append(int(tag[1]))
        if tag == "img":
            self.pictures.append(given)
        if tag == "th":
            self.headers.append(given)
        if tag in {"script", "link", "iframe", "img"}:
            self.loaded.append(given.get("src") or given.get("href") or tag)


def _executed(figures: Figures, *pictures: str) -> nbformat.NotebookNode:
    """A notebook as it is after a run, made without a kernel."""

    def shown(what: object) -> nbformat.NotebookNode:
        data = (
            what._repr_mimebundle_()
            if isinstance(what, Figures)
            else {"text/html": what._repr_html_()}
        )
        output = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
        return nbformat.v4.new_code_cell("x", outputs=[output], execution_count=1)

    tables = [
        name for name in ("by_losing_carrier", "by_line_type", "stages") if name in figures.figures
    ]
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# The report"),
            shown(figures),
            nbformat.v4.new_markdown_cell("## Pictures"),
            *(shown(draw(figures, p)) for p in pictures),
            nbformat.v4.new_markdown_cell("## Tables"),
            shown(figures.show(*tables)),
            shown(figures.data()),
        ]
    )


@pytest.fixture(params=["rejections", "turnaround"])
def executed(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    """A run of either report."""
    if request.param == "rejections":
        return _executed(rejections(events(*HISTORY), period="2026-W47"), "pareto", "trend")
    return _executed(turnaround(events(*HISTORY), period="2026-W47"), "turnaround_curve", "stages")


def test_everybody_can_read_the_page(executed: nbformat.NotebookNode) -> None:
    """Language, one first heading, none left out, pictures in words, headers of columns."""
    html = to_html(executed, "A report")
    assert '<html lang="en">' in html
    assert "<title>A report</title>" in html
    reader = _Reader()
    reader.feed(html)
    assert reader.heads[0] == 1
    assert reader.heads.count(1) == 1
    steps = zip(reader.heads, reader.heads[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)
    assert len(reader.pictures) == 2
    assert all(len(picture["alt"]) > 20 for picture in reader.pictures)
    assert reader.headers
    assert all(header["scope"] == "col" for header in reader.headers)


def test_nothing_is_loaded_from_elsewhere(executed: nbformat.NotebookNode) -> None:
    """The file is enough, without a network."""
    reader = _Reader()
    reader.feed(to_html(executed, "A report"))
    assert all(source.startswith("data:") for source in reader.loaded)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_stand_out_from_the_page() -> None:
    """WCAG AA: text has a contrast of 4.5 on white and on the page's grey."""
    inks = {ink.lower() for ink in re.findall(r"[{; ]color: (#[0-9a-fA-F]{6})", _CSS)}
    assert len(inks) >= 4
    for paper in ("#ffffff", "#f5f7fa"):
        for ink in inks:
            light, dark = sorted((_luminance(paper), _luminance(ink)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_a_title_cannot_break_the_page() -> None:
    """It is escaped like everything else."""
    assert "<title>&lt;b&gt;</title>" in page("", "<b>")


def _pages(pdf: bytes) -> list[str]:
    book = pypdfium2.PdfDocument(pdf)
    texts = [book[place].get_textpage().get_text_range() for place in range(len(book))]
    book.close()
    return texts


def test_the_paper_says_what_the_page_says(executed: nbformat.NotebookNode) -> None:
    """Captions, tables and small print included."""
    text = " ".join(" ".join(_pages(to_pdf(executed, "A report"))).split())
    for words in (
        "The report",
        "By losing carrier",
        "Granite",
        "By line type",
        "Made of 4 events",
        "2026-W47, as known on Sunday, November 22, 2026",
    ):
        assert words in text


def test_a_report_may_say_as_little_as_it_likes() -> None:
    """Without cards, headline and tables it is still a page and a paper."""
    bare = Figures(
        report="bare",
        week="2026-W47",
        as_of="2026-11-23T00:00:00-05:00",
        timezone="America/New_York",
        parameters={},
        figures={"count": 1},
    )
    html = to_html(_executed(bare), "Bare")
    assert "class='cards'" not in html
    assert "2026-W47, as known on" in html
    assert "The report" in " ".join(_pages(to_pdf(_executed(bare), "Bare")))


@pytest.mark.parametrize("lines", range(30, 44))
def test_a_heading_never_stands_alone_at_the_end_of_a_page(lines: int) -> None:
    """It goes to the next page with its caption and the table's first rows."""
    html = displays.Tables([("The caption", pd.DataFrame({"status": ["completed"] * 6}))])
    output = nbformat.v4.new_output(
        "execute_result", execution_count=1, data={"text/html": html._repr_html_()}
    )
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("\n".join(f"- line {n}" for n in range(lines))),
            nbformat.v4.new_markdown_cell("## The heading"),
            nbformat.v4.new_code_cell("x", outputs=[output], execution_count=1),
        ]
    )
    for text in _pages(to_pdf(notebook, "A report")):
        present = [words in text for words in ("The heading", "The caption", "completed")]
        assert all(present) or not any(present)


def test_wide_tables_keep_their_words_whole() -> None:
    """A Request SID or a number is never cut; cells go on two lines where they must."""
    sid = "KW0123456789abcdef0123456789abcdef"
    table = pd.DataFrame(
        {
            "phone_number": ["+12125550100"] * 3,
            "class": ["completed_not_in_inventory"] * 3,
            "request_sid": [sid] * 3,
            "store_status": ["waiting_for_signature"] * 3,
            "provider_status": ["waiting_for_signature"] * 3,
            "days_quiet": [1.5] * 3,
            "differences": ["city: submitted 'Springfield', provider 'Shelbyville'"] * 3,
        }
    )
    output = nbformat.v4.new_output(
        "execute_result",
        execution_count=1,
        data={"text/html": displays.Tables([("Wide", table)])._repr_html_()},
    )
    cell = nbformat.v4.new_code_cell("x", outputs=[output], execution_count=1)
    lines = "\n".join(_pages(to_pdf(nbformat.v4.new_notebook(cells=[cell]), "A report"))).split()
    assert lines.count(sid) == 3
    assert lines.count("+12125550100") == 3
    assert lines.count("differences") == 1
