"""Make workbooks as customers send them, with their billing statements, for the benchmarks.

Numbers in five writings, a quarter of them wireless with PINs, fifty numbers an account, the
columns in an order and in words of the sender's own, 3% of the rows with a fault of one of twelve
kinds, a few rows hidden; and a text PDF for each account that shows most of its numbers. The
harder kinds take one of these to its end.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import openpyxl

#: How the sender names the columns, in the sender's order.
HEADERS = (
    "Bill Copy",
    "Acct #",
    "Current Provider",
    "TN",
    "Mobile or Landline",
    "Transfer PIN",
    "Name on Account",
    "Contact Person",
    "Contact E-mail",
    "Svc Addr",
    "Svc City",
    "ST",
    "Zip",
)
STATEMENT, ACCOUNT, CARRIER, NUMBER, LINE, PIN, NAME, PERSON, EMAIL, STREET, CITY, STATE, ZIP = (
    range(len(HEADERS))
)

#: What the workbook does not say, and the command is told.
GIVEN = ("--set", "customer_type=Business")

#: City, state, ZIP code, and an area code there.
PLACES = (
    ("Boston", "MA", "02108", "617"),
    ("Chicago", "IL", "60602", "312"),
    ("Dallas", "TX", "75202", "214"),
    ("Denver", "CO", "80202", "303"),
    ("Atlanta", "GA", "30303", "404"),
    ("Seattle", "WA", "98101", "206"),
)
CARRIERS = ("Granite Tel", "Windstream", "Frontier", "Cox Business", "Lumen", "Consolidated")
STREETS = ("Mill Road", "Harbor Street", "Orchard Avenue", "2nd Street NW", "Old Post Road")
NAMES = ("Larkspur Dental", "Two Rivers Insurance", "Cedar Medical Center", "Hill & Sons Roofing")
PEOPLE = ("Avery Larkspur", "Jordan Reyes", "Sam Whitfield", "Dana Okafor", "Robin Castellano")

#: Numbers of an account; so many of a hundred are on its statement.
PER_ACCOUNT, SHOWN = 50, 90

#: The usual workbook, and the three that are harder.
KINDS = ("usual", "all_wrong", "distinct", "one_statement")


def digits(place: int) -> str:
    """Return the ten digits of the number in a row."""
    account = place // PER_ACCOUNT
    line = (account // len(PLACES)) * PER_ACCOUNT + place % PER_ACCOUNT
    return f"{PLACES[account % len(PLACES)][3]}{2_220_000 + line:07d}"


def written(number: str, way: int) -> str:
    """Write a number in one of five ways."""
    area, exchange, line = number[:3], number[3:6], number[6:]
    return (
        f"({area}) {exchange}-{line}",
        f"{area}-{exchange}-{line}",
        f"{area}.{exchange}.{line}",
        number,
        f"+1 {area} {exchange} {line}",
    )[way % 5]


def row(place: int, kind: str = "usual") -> list[str]:
    """Return the sound row at a place of a workbook of some kind."""
    account = place if kind == "distinct" else place // PER_ACCOUNT
    city, state, zip_code, _ = PLACES[place // PER_ACCOUNT % len(PLACES)]
    wireless = place % 4 == 1
    cells = [""] * len(HEADERS)
    cells[STATEMENT] = "bills.pdf" if kind == "one_statement" else f"bill-{account:07d}.pdf"
    cells[ACCOUNT] = f"{100_000_000_000 + account * 13}"
    # Carriers differ in their accounts' shape; Lumen's would be unlike it.
    cells[CARRIER] = CARRIERS[account % 4]
    cells[NUMBER] = written(digits(place), place // 3)
    cells[LINE] = "Mobile" if wireless else "Landline"
    cells[PIN] = f"{place * 7919 % 900_000 + 100_000}" if wireless else ""
    cells[NAME] = f"{NAMES[account % 4]} {account}"
    cells[PERSON] = PEOPLE[account % len(PEOPLE)]
    cells[EMAIL] = f"office{account}@example.com"
    cells[STREET] = f"{account % 9_000 + 10} {STREETS[account % len(STREETS)]}"
    cells[CITY], cells[STATE], cells[ZIP] = city, state, zip_code
    if kind == "distinct":
        letters = "".join(chr(97 + int(digit)) for digit in str(account))
        cells[PERSON] = f"{PEOPLE[account % 5].split()[0]} Mc{letters}"
        cells[STREET] = f"{account + 10} {STREETS[account % len(STREETS)]}"
        cells[ZIP] = f"{zip_code}-{account % 9_000 + 1_000}"
    return cells


def spoil(cells: list[str], place: int, fault: int) -> None:
    """Give a row one of twelve faults."""
    column, value = (
        (NUMBER, written("1" + digits(place)[1:], 1)),
        (NUMBER, written(digits(place - 1), 2)),
        (NUMBER, f"{written(digits(place), 1)} x{place % 900 + 100}"),
        (PIN, "12" if cells[PIN] else ""),
        (ZIP, "33101"),
        (STATE, {"MA": "Massachusetts", "IL": "Illinois"}.get(cells[STATE], "Texas")),
        (EMAIL, cells[EMAIL].replace("@", " at ")),
        (ACCOUNT, f"{cells[ACCOUNT][0]}.{cells[ACCOUNT][1:6]}E+11"),
        (STATEMENT, cells[STATEMENT].replace(".pdf", " (scan).pdf")),
        (PERSON, "IT Department"),
        (STREET, f"P.O. Box {place % 900 + 10}"),
        (CITY, "TBD"),
    )[fault % 12]
    cells[column] = value


def rows(count: int, kind: str = "usual") -> Iterator[list[str]]:
    """Make the rows of a workbook: `all_wrong` has a fault in every row, the others in 3%."""
    draw = random.Random(7)
    for place in range(count):
        cells = row(place, kind)
        fault = place if kind == "all_wrong" else draw.randrange(400)
        if place and (kind == "all_wrong" or fault < 12):
            spoil(cells, place, fault)
        yield cells


def pdf(lines: list[str]) -> bytes:
    """Return a PDF of one page or more with these lines as its text."""
    pages = [lines[at : at + 60] for at in range(0, len(lines), 60)]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (4 + 2 * page) for page in range(len(pages))), len(pages)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for page, texts in enumerate(pages):
        drawn = "".join(
            "({}) Tj T*\n".format(text.replace("(", r"\(").replace(")", r"\)")) for text in texts
        )
        stream = f"BT /F1 9 Tf 50 780 Td 12 TL\n{drawn}ET".encode("latin-1")
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % (5 + 2 * page)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def bill(account: int) -> list[str]:
    """Return the lines of the statement of an account; one in forty shows another address."""
    cells = row(account * PER_ACCOUNT)
    street = "1 Other Way" if account % 40 == 7 else cells[STREET]
    shown = [
        place
        for place in range(account * PER_ACCOUNT, (account + 1) * PER_ACCOUNT)
        if place * 37 % 100 < SHOWN
    ]
    return [
        f"{cells[CARRIER]} Statement date: October 28, 2026",
        cells[NAME],
        street,
        f"{cells[CITY]}, {cells[STATE]} {cells[ZIP]}",
        f"Account number {cells[ACCOUNT][:4]} {cells[ACCOUNT][4:8]} {cells[ACCOUNT][8:]}",
        "Service summary",
        *(
            f"{written(digits(place), 1)}    monthly charge   ${place % 40 + 9}.95"
            for place in shown
        ),
        "Amount due: $1,430.20",
    ]


def statements(count: int, folder: Path) -> Path:
    """Write the statements of the accounts of so many rows, and one that shows all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    accounts = range((count + PER_ACCOUNT - 1) // PER_ACCOUNT)
    for account in accounts:
        (folder / f"bill-{account:07d}.pdf").write_bytes(pdf(bill(account)))
    return folder


def one_statement(count: int, folder: Path) -> Path:
    """Write one statement for all accounts of so many rows, as long as a reader goes."""
    folder.mkdir(parents=True, exist_ok=True)
    accounts = (count + PER_ACCOUNT - 1) // PER_ACCOUNT
    lines = [line for account in range(min(accounts, 60)) for line in bill(account)]
    (folder / "bills.pdf").write_bytes(pdf(lines))
    return folder


def write_csv(path: Path, count: int, kind: str = "usual", *, statements: bool = True) -> Path:
    """Write a workbook as .csv; without `statements`, it has no column of them."""
    first = 0 if statements else STATEMENT + 1
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS[first:])
        writer.writerows(cells[first:] for cells in rows(count, kind))
    return path


def write_xlsx(path: Path, count: int, kind: str = "usual") -> Path:
    """Write a workbook as .xlsx, with a few of its rows hidden."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("TNs")
    for place in range(1_000, count, 9_973):
        sheet.row_dimensions[place].hidden = True
    sheet.append(HEADERS)
    for cells in rows(count, kind):
        sheet.append([cell or None for cell in cells])
    book.save(path)
    return path
