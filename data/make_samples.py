"""Make data/samples: three migration workbooks, their statements, and what the carriers know.

Everything is invented: people, companies, carriers, accounts; numbers are 555-0100 to 555-0199.
The carriers' records differ from the workbooks in known ways, so that some ports are rejected.
Run it with `make samples`; the result is committed.
"""

from __future__ import annotations

import csv
import random
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
from fpdf import FPDF
from openpyxl.styles import Font
from PIL import Image, ImageDraw

HERE = Path(__file__).parent / "samples"
MADE = datetime(2026, 9, 25, tzinfo=UTC)

PLACES = [
    ("617", "Boston", "MA", "02108"),
    ("401", "Providence", "RI", "02903"),
    ("203", "New Haven", "CT", "06510"),
    ("201", "Jersey City", "NJ", "07302"),
    ("215", "Philadelphia", "PA", "19107"),
    ("412", "Pittsburgh", "PA", "15222"),
    ("410", "Baltimore", "MD", "21201"),
    ("804", "Richmond", "VA", "23219"),
    ("919", "Raleigh", "NC", "27601"),
    ("404", "Atlanta", "GA", "30303"),
    ("305", "Miami", "FL", "33130"),
    ("615", "Nashville", "TN", "37203"),
    ("502", "Louisville", "KY", "40202"),
    ("216", "Cleveland", "OH", "44113"),
    ("313", "Detroit", "MI", "48226"),
    ("312", "Chicago", "IL", "60602"),
    ("414", "Milwaukee", "WI", "53202"),
    ("612", "Minneapolis", "MN", "55402"),
    ("515", "Des Moines", "IA", "50309"),
    ("314", "Saint Louis", "MO", "63101"),
    ("402", "Omaha", "NE", "68102"),
    ("405", "Oklahoma City", "OK", "73102"),
    ("214", "Dallas", "TX", "75202"),
    ("512", "Austin", "TX", "78701"),
    ("303", "Denver", "CO", "80202"),
    ("801", "Salt Lake City", "UT", "84101"),
    ("602", "Phoenix", "AZ", "85004"),
    ("505", "Albuquerque", "NM", "87102"),
    ("702", "Las Vegas", "NV", "89101"),
    ("213", "Los Angeles", "CA", "90012"),
    ("619", "San Diego", "CA", "92101"),
    ("415", "San Francisco", "CA", "94103"),
    ("503", "Portland", "OR", "97204"),
    ("206", "Seattle", "WA", "98101"),
]
STREETS = (
    "Juniper Street",
    "Mill Road",
    "Harbor Avenue",
    "Orchard Lane",
    "Station Street",
    "Quarry Road",
    "Lantern Way",
    "Meadow Drive",
    "Foundry Street",
    "Granite Avenue",
)
FIRST = (
    "Avery",
    "Jordan",
    "Casey",
    "Morgan",
    "Riley",
    "Quinn",
    "Rowan",
    "Skyler",
    "Emerson",
    "Finley",
    "Harper",
    "Kendall",
    "Marlow",
    "Parker",
    "Reese",
    "Sawyer",
)
LAST = (
    "Thistlewood",
    "Marchbank",
    "Oakenfold",
    "Larkspur",
    "Fennimore",
    "Brightwater",
    "Cobblestone",
    "Hazelgrove",
    "Pemberley",
    "Ravenscar",
    "Silverthorn",
    "Wexcombe",
)
WIRELINE = ("Blue Ridge Telephone", "Prairie Cable", "Harbor Communications", "Granite Tel")
WIRELESS = ("Summit Wireless", "Lakeshore Mobile")
KINDS = {
    "clinics": ("Dental", "Family Clinic", "Eye Care", "Physiotherapy", "Pediatrics"),
    "shops": ("Bakery", "Hardware", "Florist", "Bookshop", "Bicycles"),
    "offices": ("Accounting", "Law Office", "Insurance", "Architects", "Travel"),
}
NAMES = (
    "Willow Creek",
    "Red Barn",
    "Two Rivers",
    "Copper Hill",
    "Stonebridge",
    "Bluebird",
    "Old Mill",
    "Sunny Slope",
    "Maple Court",
    "Silver Lake",
    "Green Gate",
    "White Oak",
)


@dataclass
class Account:
    """One customer's account, as the workbook has it."""

    name: str
    person: str
    email: str
    carrier: str
    account: str
    wireless: bool
    street: str
    city: str
    state: str
    zip: str
    numbers: list[str]
    statement: str
    kind: str = "Business"
    pins: dict[str, str] = field(default_factory=dict)


class Numbers:
    """Hands out 555-01XX numbers of an area code, none twice."""

    def __init__(self) -> None:
        self.next: dict[str, int] = {}

    def take(self, area: str, count: int) -> list[str]:
        first = self.next.get(area, 100)
        self.next[area] = first + count
        return [f"{area}5550{last}" for last in range(first, first + count)]


def make_accounts(wave: str, count: int, draw: random.Random, numbers: Numbers) -> list[Account]:
    accounts = []
    for index in range(count):
        area, city, state, zip_code = PLACES[(index * 7 + len(wave) * 3) % len(PLACES)]
        wireless = index % 4 == 3
        carrier = draw.choice(WIRELESS if wireless else WIRELINE)
        name = f"{NAMES[index % len(NAMES)]} {KINDS[wave][index % len(KINDS[wave])]}"
        person = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        mine = numbers.take(area, draw.randint(1, 3) if wireless else draw.randint(2, 9))
        suffix = "png" if index % 9 == 4 else "jpg" if index % 9 == 7 else "pdf"
        digits = 9 if wireless else 12
        accounts.append(
            Account(
                name=name,
                person=person,
                email=person.lower().replace(" ", ".") + f"@{wave}{index:02d}.example.com",
                carrier=carrier,
                account="".join(str(draw.randint(1, 9)) for _ in range(digits)),
                wireless=wireless,
                street=f"{draw.randint(11, 980)} {draw.choice(STREETS)}",
                city=city,
                state=state,
                zip=zip_code,
                numbers=mine,
                statement=f"{wave}-{index:02d}.{suffix}",
                kind="Residential" if index % 11 == 10 else "Business",
                pins={
                    each: "".join(draw.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(9))
                    for each in mine
                }
                if wireless
                else {},
            )
        )
    return accounts


def on_file(accounts: list[Account], draw: random.Random) -> list[dict[str, str]]:
    """What the carriers have: the same, but for some accounts that differ in one known way."""
    differences = [
        "street",
        "account",
        "frozen",
        "person",
        "street",
        "zip",
        "inactive",
        "name",
        "pending",
    ]
    draw.shuffle(differences)
    landlines = [index for index, account in enumerate(accounts) if not account.wireless]
    places = draw.sample(landlines, len(accounts) // 4)
    altered = dict(zip(places, differences, strict=False))
    rows = []
    for index, account in enumerate(accounts):
        how = altered.get(index)
        theirs = account
        if how == "street":
            house, _, street = account.street.partition(" ")
            theirs = replace(account, street=f"{int(house) + 2} {street}")
        elif how == "account":
            theirs = replace(
                account, account=account.account[:-2] + account.account[-2:][::-1] + "7"
            )
        elif how == "person":
            theirs = replace(account, person="Alex " + account.person.split()[-1])
        elif how == "zip":
            theirs = replace(account, zip=f"{int(account.zip) + 1:05d}")
        elif how == "name":
            theirs = replace(account, name=account.name + " Holdings")
        for position, number in enumerate(account.numbers):
            status = "active"
            if how == "frozen":
                status = "frozen"
            elif how == "pending":
                status = "pending_order"
            elif how == "inactive" and position == 0:
                status = "inactive"
            pin = theirs.pins.get(number, "")
            if account.wireless and index % 3 == 0 and position == 0:
                pin = pin[::-1]
            rows.append(
                {
                    "phone_number": f"+1{number}",
                    "losing_carrier": theirs.carrier,
                    "line_type": "wireless" if account.wireless else "landline",
                    "account_number": theirs.account,
                    "pin": pin,
                    "customer_name": theirs.name,
                    "authorized_name": theirs.person,
                    "street": theirs.street,
                    "city": theirs.city,
                    "state": theirs.state,
                    "postal_code": theirs.zip,
                    "status": status,
                }
            )
    return rows


def written(number: str, way: int) -> str:
    a, b, c = number[:3], number[3:6], number[6:]
    return (f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"+1{number}", f"{a}.{b}.{c}", f"1 {a} {b} {c}")[
        way % 5
    ]


def lines_of(account: Account) -> list[str]:
    return [
        account.carrier,
        "Billing statement",
        "Statement date: September 14, 2026",
        f"Account number: {account.account}",
        "",
        account.name,
        account.street,
        f"{account.city}, {account.state} {account.zip}",
        "",
        "Service summary",
        *(f"{written(each, 0)}   line charge $24.10" for each in account.numbers),
        f"Total due: ${24.10 * len(account.numbers):.2f}",
    ]


def make_statement(account: Account) -> None:
    path = HERE / "statements" / account.statement
    if path.suffix == ".pdf":
        pdf = FPDF()
        pdf.set_creation_date(MADE)
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        for line in lines_of(account):
            pdf.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
        pdf.output(str(path))
        return
    picture = Image.new("L", (620, 520), 255)
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines_of(account)):
        pen.text((30, 24 + row * 22), line, fill=0)
    picture.save(path, optimize=True)


HEADERS = (
    "Port Request Name",
    "Customer Type",
    "Business Name",
    "Authorized Contact",
    "Contact Email",
    "Current Carrier",
    "Account Number",
    "Billing Telephone Number",
    "Phone Number",
    "Number Type",
    "Wireless PIN",
    "Service Address",
    "City",
    "State",
    "Postal Code",
    "Billing Statement",
)
REQUEST_HEADERS = (
    "Location name",
    "Res/Bus",
    "Company",
    "LOA signer",
    "E-mail",
    "Who is it with now?",
    "Acct #",
    "Landlines",
    "Mobile numbers",
    "PINs",
    "Svc Addr",
    "City",
    "ST",
    "ZIP",
    "Bill copy",
)


def save(book: openpyxl.Workbook, path: Path) -> None:
    book.properties.created = book.properties.modified = MADE.replace(tzinfo=None)
    book.properties.creator = "portops samples"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def numbers_sheet(rows: list[list[object]], path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Numbers"
    sheet.append(HEADERS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(row)
    sheet.freeze_panes = "A2"
    for column, width in zip(
        "ABCDEFGHIJKLMNOP",
        (26, 12, 26, 22, 40, 22, 18, 16, 18, 12, 14, 24, 16, 8, 8, 18),
        strict=True,
    ):
        sheet.column_dimensions[column].width = width
    save(book, path)


def number_rows(accounts: list[Account], draw: random.Random) -> list[list[object]]:
    rows: list[list[object]] = []
    for account in accounts:
        for position, number in enumerate(account.numbers):
            rows.append(
                [
                    account.name,
                    account.kind,
                    account.name,
                    account.person,
                    account.email,
                    account.carrier,
                    account.account,
                    written(account.numbers[0], 1),
                    written(number, draw.randint(0, 4) if position else 2),
                    "Wireless" if account.wireless else "Landline",
                    account.pins.get(number),
                    account.street,
                    account.city,
                    account.state,
                    account.zip,
                    account.statement,
                ]
            )
    return rows


def request_rows(accounts: list[Account]) -> list[list[object]]:
    rows: list[list[object]] = []
    for index, account in enumerate(accounts):
        shown = [written(each, index) for each in account.numbers]
        listed = "; ".join(shown) if index % 2 else ", ".join(shown)
        if not account.wireless and index % 4 == 0 and len(shown) > 2:
            listed = f"{written(account.numbers[0], 1)} thru {account.numbers[-1][6:]}"
        pins = (
            ", ".join(account.pins[each] for each in account.numbers) if account.wireless else None
        )
        state = {"MA": "Massachusetts", "TX": "Texas"}.get(account.state, account.state)
        zip_code: object = int(account.zip) if account.zip.startswith("0") else account.zip
        rows.append(
            [
                account.name,
                account.kind[:3],
                account.name,
                account.person,
                account.email,
                account.carrier,
                account.account,
                None if account.wireless else listed,
                listed if account.wireless else None,
                pins,
                account.street,
                account.city,
                state,
                zip_code,
                account.statement,
            ]
        )
    return rows


def spoil(rows: list[list[object]], first: dict[int, int]) -> None:
    """Break a dozen things, each in another account; `first` is the row of each account."""
    column = {name: position for position, name in enumerate(HEADERS)}

    def put(account: int, name: str, value: object, offset: int = 0) -> None:
        rows[first[account] + offset][column[name]] = value

    put(1, "Phone Number", "(123) 456-7890", 1)
    put(4, "Phone Number", "(800) 555-0100", 1)
    put(5, "Contact Email", "reception at clinic")
    put(8, "Service Address", "PO Box 417")
    put(9, "Account Number", 4.28792174218e15)
    put(11, "Wireless PIN", None)
    put(12, "Postal Code", "1234567")
    put(13, "Phone Number", "+44 20 7946 0958", 1)
    put(14, "State", "Ohioo")
    put(16, "Authorized Contact", None)
    put(17, "Phone Number", f"{rows[first[17]][column['Phone Number']]} ext. 12", 0)
    put(18, "Billing Statement", "not-there.pdf")
    put(20, "Customer Type", None)
    put(2, "State", "Rhode Island")
    rows.append(list(rows[first[21]]))


def starts(accounts: list[Account]) -> dict[int, int]:
    first, row = {}, 0
    for index, account in enumerate(accounts):
        first[index] = row
        row += len(account.numbers)
    return first


def fault_books(account: Account) -> None:
    """One small workbook a family of faults, and a clean one; each row has one fault."""
    draw = random.Random(1)
    good = number_rows([replace(account, numbers=account.numbers[:1])], draw)[0]
    column = {name: position for position, name in enumerate(HEADERS)}
    cases: dict[str, list[dict[str, object]]] = {
        "clean": [{}],
        "number": [
            {"Phone Number": value}
            for value in (
                None,
                "(123) 456-7890",
                "+44 20 7946 0958",
                "800-555-0199",
                "900-555-0123",
                "617-555-0198 x12",
                "787-555-0144",
            )
        ],
        "account": [
            {"Account Number": None},
            {"Account Number": 4.28792174218e15},
            {"Customer Type": None},
            {"Number Type": None},
            {"Number Type": "Wireless", "Wireless PIN": None},
        ],
        "contact": [
            {"Authorized Contact": None},
            {"Authorized Contact": "Reception"},
            {"Contact Email": None},
            {"Contact Email": "avery at example.com"},
        ],
        "address": [
            {"Service Address": None},
            {"Service Address": "PO Box 12"},
            {"Service Address": "Mill Road"},
            {"City": None},
            {"State": None},
            {"State": "Massachussets"},
            {"State": "Massachusetts"},
            {"Postal Code": None},
            {"Postal Code": "123456"},
            {"Postal Code": 2108},
            {"Postal Code": "90012"},
        ],
        "statement": [{"Billing Statement": None}, {"Billing Statement": "not-there.pdf"}],
    }
    for name, faults in cases.items():
        rows = []
        for index, fault in enumerate(faults):
            row = list(good)
            number = f"6175550{150 + index}"
            row[column["Phone Number"]] = f"+1{number}"
            row[column["Billing Telephone Number"]] = f"+1{number}"
            # Each row is an account of its own, so that one fault does not touch another.
            row[column["Port Request Name"]] = f"Row {index + 2}"
            row[column["Account Number"]] = f"10020030{index:02d}"
            for header, value in fault.items():
                row[column[header]] = value
            rows.append(row)
        numbers_sheet(rows, HERE / "faults" / f"{name}.xlsx")


def main() -> None:
    if HERE.exists():
        shutil.rmtree(HERE)
    (HERE / "statements").mkdir(parents=True)
    draw, numbers = random.Random(20260925), Numbers()
    clinics = make_accounts("clinics", 26, draw, numbers)
    shops = make_accounts("shops", 24, draw, numbers)
    offices = make_accounts("offices", 22, draw, numbers)
    records = [row for wave in (clinics, shops, offices) for row in on_file(wave, draw)]
    with (HERE / "carrier-records.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
    for account in (*clinics, *shops, *offices):
        make_statement(account)
    rows = number_rows(clinics, draw)
    spoil(rows, starts(clinics))
    numbers_sheet(rows, HERE / "clinics-numbers.xlsx")

    rows = request_rows(shops)
    rows[2][10], rows[6][4], rows[9][12] = "Station Street", "orders@", "Tejas"
    rows[13][6], rows[15][13] = None, "00000"
    rows[18][7] = f"{rows[18][7]}, 416-555-0123" if rows[18][7] else rows[18][7]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Shops to move"
    sheet["A1"] = "Number migration, second wave"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = "One row a shop; ask operations before changing anything"
    sheet.append([])
    sheet.append(REQUEST_HEADERS)
    for row in rows:
        sheet.append(row)
    sheet.column_dimensions["H"].width = sheet.column_dimensions["I"].width = 40
    save(book, HERE / "shops-requests.xlsx")
    numbers_sheet(number_rows(offices, draw), HERE / "offices-numbers.xlsx")
    fault_books(clinics[0])
    (HERE / "README.md").write_text(README, encoding="utf-8")
    count = sum(len(account.numbers) for account in (*clinics, *shops, *offices))
    print(f"{count} numbers, {date.today()}")  # noqa: DTZ011


README = """# Samples

All invented: people, companies, carriers, accounts, PINs. Numbers are 555-0100 to 555-0199, which
are set aside for fiction. `make samples` makes everything here anew.

| file | what it is |
| --- | --- |
| `clinics-numbers.xlsx` | one row a number, with faults of a dozen kinds |
| `shops-requests.xlsx` | one row a request: title rows, other words in the header, several numbers, ranges and PINs in a cell |
| `offices-numbers.xlsx` | one row a number, without faults |
| `statements/` | their billing statements, PDF and image |
| `carrier-records.csv` | what the losing carriers have on file; differs from the workbooks in known ways |
| `faults/` | one small workbook a family of faults, and a clean one |
"""

if __name__ == "__main__":
    main()
