"""Workbooks with everything that analysts put into theirs, beside the numbers to port."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter
from PIL import Image

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    LINKS: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_OFFICE = "http://schemas.microsoft.com/office"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PIVOT_CACHE = (
    f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{LINKS}" r:id="rId1" refreshOnLoad="1" '
    'recordCount="1"><cacheSource type="worksheet"><worksheetSource ref="A1:B2" sheet="Extras"/>'
    '</cacheSource><cacheFields count="2"><cacheField name="Site" numFmtId="0"><sharedItems '
    'count="1"><s v="North"/></sharedItems></cacheField><cacheField name="Lines" numFmtId="0">'
    '<sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1" '
    'containsInteger="1" minValue="3" maxValue="3"/></cacheField></cacheFields>'
    "</pivotCacheDefinition>"
)
_PIVOT_RECORDS = (
    f'<pivotCacheRecords xmlns="{MAIN}" count="1"><r><x v="0"/><n v="3"/></r></pivotCacheRecords>'
)
_PIVOT = (
    f'<pivotTableDefinition xmlns="{MAIN}" name="PivotTable1" cacheId="1" dataCaption="Values">'
    '<location ref="F3:G5" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
    '<pivotFields count="2"><pivotField axis="axisRow" showAll="0"><items count="2"><item x="0"/>'
    '<item t="default"/></items></pivotField><pivotField dataField="1" showAll="0"/></pivotFields>'
    '<rowFields count="1"><field x="0"/></rowFields><rowItems count="2"><i><x/></i><i t="grand">'
    '<x/></i></rowItems><colItems count="1"><i/></colItems><dataFields count="1">'
    '<dataField name="Sum of Lines" fld="1" baseField="0" baseItem="0"/></dataFields>'
    "</pivotTableDefinition>"
)
_THREAD = "{11111111-2222-3333-4444-555555555555}"
_PERSON = "{66666666-2222-3333-4444-555555555555}"

#: Parts that XlsxWriter does not write: what leads to each, from which part, and its content type.
MORE: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "xl/pivotCache/pivotCacheDefinition1.xml",
        "xl/workbook.xml",
        f"{LINKS}/pivotCacheDefinition",
        f"{_KIND}.pivotCacheDefinition+xml",
        _PIVOT_CACHE,
    ),
    (
        "xl/pivotCache/pivotCacheRecords1.xml",
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f"{LINKS}/pivotCacheRecords",
        f"{_KIND}.pivotCacheRecords+xml",
        _PIVOT_RECORDS,
    ),
    (
        "xl/pivotTables/pivotTable1.xml",
        "xl/worksheets/sheet2.xml",
        f"{LINKS}/pivotTable",
        f"{_KIND}.pivotTable+xml",
        _PIVOT,
    ),
    (
        "xl/threadedComments/threadedComment1.xml",
        "xl/worksheets/sheet1.xml",
        f"{_OFFICE}/2017/10/relationships/threadedComment",
        "application/vnd.ms-excel.threadedcomments+xml",
        (
            f'<ThreadedComments xmlns="{_OFFICE}/spreadsheetml/2018/threadedcomments">'
            f'<threadedComment ref="I3" dT="2026-01-02T03:04:05.06" personId="{_PERSON}" '
            f'id="{_THREAD}"><text>which street?</text></threadedComment></ThreadedComments>'
        ),
    ),
    (
        "xl/persons/person.xml",
        "xl/workbook.xml",
        f"{_OFFICE}/2017/10/relationships/person",
        "application/vnd.ms-excel.person+xml",
        (
            f'<personList xmlns="{_OFFICE}/spreadsheetml/2018/threadedcomments"><person '
            f'displayName="Avery Larkspur" id="{_PERSON}" userId="a" providerId="None"/></personList>'
        ),
    ),
    (
        "xl/slicerCaches/slicerCache1.xml",
        "xl/workbook.xml",
        f"{_OFFICE}/2007/relationships/slicerCache",
        "application/vnd.ms-excel.slicerCache+xml",
        (
            f'<slicerCacheDefinition xmlns="{_OFFICE}/spreadsheetml/2009/9/main" '
            f'name="Slicer_Column1" sourceName="Column1"><extLst><x:ext xmlns:x="{MAIN}" '
            'uri="{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}"><x15:tableSlicerCache '
            f'xmlns:x15="{_OFFICE}/spreadsheetml/2010/11/main" tableId="1" column="1"/></x:ext>'
            "</extLst></slicerCacheDefinition>"
        ),
    ),
    (
        "xl/slicers/slicer1.xml",
        "xl/worksheets/sheet2.xml",
        f"{_OFFICE}/2007/relationships/slicer",
        "application/vnd.ms-excel.slicer+xml",
        (
            f'<slicers xmlns="{_OFFICE}/spreadsheetml/2009/9/main"><slicer name="Column1" '
            'cache="Slicer_Column1" caption="Column1" rowHeight="241300"/></slicers>'
        ),
    ),
    (
        "xl/calcChain.xml",
        "xl/workbook.xml",
        f"{LINKS}/calcChain",
        f"{_KIND}.calcChain+xml",
        f'<calcChain xmlns="{MAIN}"><c r="P2" i="1"/></calcChain>',
    ),
    (
        "customXml/item1.xml",
        "xl/workbook.xml",
        f"{LINKS}/customXml",
        "application/xml",
        "<job  xmlns='urn:example'>moves  1</job>",
    ),
)


def _picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (20, 10), (40, 90, 160)).save(made, "PNG")
    made.seek(0)
    return made


def everything(path: Path, frame: pd.DataFrame) -> Path:
    """Write rows as a workbook that has some of all that Excel offers; `.xlsm` has macros too."""
    book = xlsxwriter.Workbook(path)
    if path.suffix == ".xlsm":
        book.add_vba_project(io.BytesIO(b"\xd0\xcf\x11\xe0 no real macros"), True)
    book.set_properties({"title": "Lines of Copper Hill", "company": "Copper Hill"})
    book.set_custom_property("Batch", "7")
    book.define_name("Accounts", "=Numbers!$D$2:$D$9")
    page, extras = book.add_worksheet("Numbers"), book.add_worksheet("Extras")
    yellow = book.add_format({"bg_color": "#FFFF00", "num_format": "@", "italic": True})
    page.write_row(0, 0, frame.columns, book.add_format({"bold": True, "border": 1}))
    for place, row in enumerate(frame.itertuples(index=False), start=1):
        for column, value in enumerate(row):
            if not pd.isna(value):
                page.write(place, column, value, yellow if column == 7 else None)
    page.write_formula("P2", "=1+1", None, 2)
    page.write_rich_string("P3", "plain ", book.add_format({"bold": True}), "bold")
    page.merge_range("P5:Q7", "merged")
    page.set_column("O:O", 30, book.add_format({"bg_color": "#DDEEFF"}))
    page.set_row(8, 30, yellow)
    page.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    page.freeze_panes(1, 2)
    page.data_validation("B2:B9", {"validate": "list", "source": ["Landline", "Wireless"]})
    page.conditional_format("D2:D9", {"type": "duplicate", "format": yellow})
    page.conditional_format("P2:P9", {"type": "data_bar", "data_bar_2010": True})
    page.conditional_format("P2:P9", {"type": "icon_set", "icon_style": "3_arrows"})
    page.write_comment("H3", "ask Avery", {"author": "the analyst"})
    page.write_comment("K2", "checked twice", {"author": "the analyst"})
    page.write_comment("I3", "[Threaded comment]\nwhich street?", {"author": f"tc={_THREAD}"})
    page.insert_button("S2", {"caption": "Send", "macro": "Send"})
    page.insert_textbox("S5", "a text box")
    page.insert_image("S9", "logo.png", {"image_data": _picture()})
    page.set_header("&L&G", {"image_left": "logo.png", "image_data_left": _picture()})
    page.set_background(_picture())
    page.add_sparkline("R2", {"range": "Extras!B2:B4"})
    page.ignore_errors({"number_stored_as_text": "A1:Z99"})
    page.write_url("P9", "https://example.com/list")
    extras.add_table("A1:B4", {"data": [["North", 3], ["South", 5], ["West", 8]]})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Extras!$B$2:$B$4"})
    extras.insert_chart("D8", chart)
    hidden = book.add_worksheet("Lists")
    hidden.write_column(0, 0, ["a", "b"])
    hidden.hide()
    line = book.add_chart({"type": "line"})
    line.add_series({"values": "=Extras!$B$2:$B$4"})
    book.add_chartsheet("Chart").set_chart(line)
    book.close()
    return with_parts(path, _linked)


def with_parts(path: Path, change: Callable[[dict[str, bytes]], Mapping[str, bytes]]) -> Path:
    """Write a workbook anew with other parts."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    changed = change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in changed.items():
            new.writestr(name, content)
    return path


def _linked(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Add the parts that XlsxWriter does not know."""
    for number, (name, source, relation, kind, content) in enumerate(MORE, start=1):
        folder, _, file = source.rpartition("/")
        path = f"{folder}/_rels/{file}.rels"
        empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        id_ = "rId1" if path not in parts else f"rIdMore{number}"
        link = f'<Relationship Id="{id_}" Type="{relation}" Target="/{name}"/></Relationships>'
        parts[path] = parts.get(path, empty).replace(b"</Relationships>", link.encode())
        override = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
        types = parts["[Content_Types].xml"]
        parts["[Content_Types].xml"] = types.replace(b"</Types>", override.encode())
        parts[name] = content.encode()
        if relation.endswith("/pivotCacheDefinition"):
            caches = f'<pivotCaches><pivotCache cacheId="1" r:id="{id_}"/></pivotCaches></workbook>'
            book = parts["xl/workbook.xml"]
            parts["xl/workbook.xml"] = book.replace(b"</workbook>", caches.encode())
    return parts


def rows_of(part: bytes) -> list[bytes]:
    """Return the rows of a sheet's part as they are written."""
    return re.findall(rb"<row[\s>].*?</row>|<row[^>]*/>", part, re.DOTALL)


def parts_of(path: Path) -> dict[str, bytes]:
    """Return every part of a workbook."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def strict(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the parts with the names of Strict workbooks."""

    def renamed(content: bytes) -> bytes:
        for old, new in STRICT.items():
            content = content.replace(old.encode(), new.encode())
        return content

    return {name: renamed(content) for name, content in parts.items()}


def prefixed(part: bytes) -> bytes:
    """Return a part whose own names have the prefix `x:`."""
    part = part.replace(f'xmlns="{MAIN}"'.encode(), f'xmlns:x="{MAIN}"'.encode())
    return re.sub(rb"<(/?)(?=[A-Za-z]+[\s/>])", rb"<\1x:", part)
