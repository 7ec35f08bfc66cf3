"""The paper: an executed notebook as PDF for mail, made without a browser or LaTeX."""

from __future__ import annotations

import base64
import logging
import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace
from nbconvert.filters import markdown2html
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    import nbformat

_INK, _QUIET, _LINE = (31, 41, 51), (82, 96, 109), (154, 165, 177)
_TONES = {"good": (11, 107, 58), "bad": (166, 27, 27), "even": _QUIET}
_SIZES = {"h1": 20, "h2": 14, "h3": 12, "figcaption": 9.5, "p": 9.5, "li": 9.5}
_HEADS = {"h2", "h3", "figcaption"}

#: How wide a picture stands on the page; two of them go on one.
_PICTURE = 0.86


class _Table(NamedTuple):
    """Rows of cells, a cell being words with their tag; and which columns hold words."""

    rows: list[list[list[tuple[str, str]]]]
    words: list[bool]


class _Blocks(HTMLParser):
    """Reads a notebook's HTML into blocks: (kind, class, text), pictures and tables of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str, Any]] = []
        self._text: list[str] = []
        self._kind, self._class, self._tone = "", "", ""
        self._table: list[list[list[tuple[str, str]]]] | None = None
        self._words: list[bool] = []
        self._inner = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "table":
            self._table, self._tone, self._words = [], given.get("class", ""), []
        elif self._table is not None and tag == "tr":
            self._table.append([])
        elif self._table is not None and tag in {"td", "th"}:
            self._table[-1].append([])
            if tag == "th":
                self._words.append(given.get("class", "") == "words")
        elif tag in {"b", "i", "strong", "em"}:
            self._inner = given.get("class", "") or tag
        elif tag == "img":
            self.blocks.append(("img", given.get("alt", ""), given.get("src", "")))
        elif tag in _SIZES and self._table is None:
            self._kind, self._class, self._text = tag, given.get("class", ""), []

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._table is not None:
            rows = [row for row in self._table if row]
            self.blocks.append(("table", self._tone, _Table(rows, self._words)))
            self._table = None
        elif tag in {"b", "i", "strong", "em"}:
            self._inner = ""
        elif tag == self._kind:
            text = re.sub(r"\s+", " ", "".join(self._text)).replace("¶", "").strip()
            if text:
                self.blocks.append((tag, self._class, text))
            self._kind = ""

    def handle_data(self, data: str) -> None:
        if self._kind:
            self._text.append(data)
        elif self._table and self._table[-1] and data.strip():
            self._table[-1][-1].append((self._inner, data.strip()))


class _Paper(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__(format="Letter")
        self._line = title
        folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
        for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold")):
            self.add_font("text", style, str(folder / f"{name}.ttf"))
        self.set_margins(18, 16, 18)
        self.set_auto_page_break(auto=True, margin=18)
        self.set_title(title)
        self.set_lang("en-US")

    def footer(self) -> None:
        """Write the report's name and the page below each page."""
        self.set_y(-13)
        self.set_font("text", size=8)
        self.set_text_color(*_QUIET)
        self.cell(0, 6, f"{self._line}  ·  page {self.page_no()} of {{nb}}", align="C")


def _blocks_of(notebook: nbformat.NotebookNode) -> list[tuple[str, str, Any]]:
    reader = _Blocks()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            reader.feed(markdown2html(cell.source))
        for output in cell.get("outputs", []):
            reader.feed(output.get("data", {}).get("text/html", ""))
    return reader.blocks


def _write_text(paper: _Paper, kind: str, tone: str, text: str) -> None:
    headline = tone == "headline"
    size = 12 if headline else 8.5 if tone == "data" else _SIZES[kind]
    paper.set_font("text", "B" if headline or kind in {"h1", *_HEADS} else "", size)
    paper.set_text_color(*(_QUIET if tone in {"data", "empty"} else _INK))
    if kind in _HEADS:
        paper.ln(1 if kind == "figcaption" else 4)
    words = f"•  {text}" if kind == "li" else text
    paper.multi_cell(0, size * 0.52, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
    paper.ln(1.2 if kind == "li" else 2)


def _write_cards(paper: _Paper, rows: list[list[list[tuple[str, str]]]]) -> None:
    cells = rows[0]
    width, top = paper.epw / len(cells), paper.get_y() + 1
    for place, cell in enumerate(cells):
        left = paper.l_margin + place * width
        paper.set_draw_color(*_LINE)
        paper.rect(left, top, width, 24)
        for (tone, words), size, at in zip(cell, (17, 8.5, 8), (4, 12.5, 17.5), strict=False):
            paper.set_xy(left + 3, top + at)
            paper.set_font("text", "B" if tone == "b" else "", size)
            paper.set_text_color(*_TONES.get(tone, _INK))
            paper.cell(width - 6, 5, words)
    paper.set_xy(paper.l_margin, top + 28)


def _widest(paper: _Paper, texts: Sequence[str]) -> float:
    return max(paper.get_string_width(text) for text in texts)


def _widths(paper: _Paper, texts: list[list[str]]) -> list[float]:
    """Choose the columns' widths and the size of the letters, so that no word is cut.

    Headers go on two lines before cells do; each column gets what it needs, and a share of what
    is left of the page.
    """
    columns, between = list(zip(*texts, strict=True)), 4.5
    for size in (8, 7, 6):
        # Headers are bold, and wider than the same words below them.
        paper.set_font("text", "B", size)
        whole_heads = [_widest(paper, column[:1]) for column in columns]
        heads = [_widest(paper, column[0].split()) for column in columns]
        paper.set_font("text", "", size)
        cells = [_widest(paper, column[1:]) for column in columns]
        words = [_widest(paper, " ".join(column[1:]).split() or [""]) for column in columns]
        steps = [
            [max(pair) + between for pair in zip(*widths, strict=True)]
            for widths in ((heads, words), (heads, cells), (whole_heads, cells))
        ]
        fitting = [widths for widths in steps if sum(widths) <= paper.epw]
        if fitting:
            break
    else:
        return steps[0]
    least, most = fitting[-1], steps[min(len(fitting), 2)]
    left = min((paper.epw - sum(least)) / ((sum(most) - sum(least)) or 1), 1)
    return [a + left * (b - a) for a, b in zip(least, most, strict=True)]


def _write_table(paper: _Paper, table: _Table) -> None:
    texts = [[" ".join(words for _, words in cell) for cell in row] for row in table.rows]
    if len(texts) < 2:
        return
    paper.set_text_color(*_INK)
    paper.set_draw_color(*_LINE)
    widths = _widths(paper, texts)
    with paper.table(
        width=min(sum(widths), paper.epw),
        col_widths=tuple(widths),
        align="LEFT",
        text_align=("LEFT", *["LEFT" if words else "RIGHT" for words in table.words[1:]]),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD"),
        line_height=4.2,
        padding=(0.6, 1.2),
    ) as drawn:
        for row in texts:
            drawn.row(row)
    paper.ln(3)


def _picture_of(source: str) -> tuple[bytes, float]:
    """Return a picture and how high it is against its width."""
    data = base64.b64decode(source.partition("base64,")[2])
    with Image.open(BytesIO(data)) as picture:
        return data, picture.height / picture.width


def _height(paper: _Paper, block: tuple[str, str, Any]) -> float:
    """Return how much of a block must stand on one page: a picture, or a table's first rows."""
    kind, _, content = block
    if kind == "img":
        return _picture_of(content)[1] * paper.epw * _PICTURE
    if kind == "table":
        return min(len(content.rows), 8) * 5.5
    return 14 if kind in _HEADS else 8


def _keep_together(paper: _Paper, blocks: list[tuple[str, str, Any]]) -> None:
    """Begin a page when the first block would stand alone at the end of one, or be cut."""
    need = 0.0
    for block in blocks:
        need += _height(paper, block)
        if block[0] not in _HEADS:
            break
    if paper.will_page_break(need):
        paper.add_page()


def to_pdf(notebook: nbformat.NotebookNode, title: str) -> bytes:
    """Return an executed notebook as PDF: text, cards, pictures with their words, tables."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    paper = _Paper(title)
    paper.add_page()
    blocks = _blocks_of(notebook)
    for place, (kind, tone, content) in enumerate(blocks):
        _keep_together(paper, blocks[place:])
        if kind == "img":
            picture = BytesIO(_picture_of(content)[0])
            paper.image(picture, w=paper.epw * _PICTURE, alt_text=tone)
            paper.ln(2)
        elif kind == "table" and tone == "cards":
            _write_cards(paper, content.rows)
        elif kind == "table":
            _write_table(paper, content)
        else:
            _write_text(paper, kind, tone, content)
    return bytes(paper.output())
