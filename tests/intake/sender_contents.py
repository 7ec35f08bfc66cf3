"""What stands in senders' columns: accounts, people, places and numbers, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

import phonenumbers
import zipcodes


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_STATES = _listed(
    "AL|AZ|AR|CA|CO|CT|DE|FL|GA|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|"
    "MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|"
    "VT|VA|WA|WV|WI|WY|DC"
)
_FIRST = _listed(
    "Avery|Bram|Celia|Dorian|Elke|Fabian|Greta|Hollis|Imogen|Jonas|Kaia|"
    "Lionel|Maren|Nico|Odette|Priya|Quentin|Rosalind|Stellan|Tamsin|Ulric|"
    "Verity|Wanda|Xiomara|Yusuf|Zelda"
)
_LAST = _listed(
    "Abernethy|Bexley|Castellane|Drummond|Eastlake|Fairweather|Galloway|Hartigan|"
    "Iverson|Jessup|Kowalczyk|Larkspur|Mayhew|Nakagawa|Okafor|Pemberly|"
    "Quillfeather|Rasmussen|Sandoval|Thistlewood|Underhill|Vasquez|Whitlock|"
    "Yarrow|Zielinski"
)
_TRADE_A = _listed(
    "Copper Hill|Silver Birch|Two Rivers|Lantern|Harbor|North Fork|Red Barn|"
    "Old Mill|Juniper|Summit|Bluebird|Prairie|Cedar & Stone|Ironwood|Foxglove|"
    "Granite Peak"
)
_TRADE_B = _listed(
    "Bakery|Dental|Insurance Agency|Plumbing|Law Group|Optics|Realty|"
    "Veterinary Clinic|Roofing|Books|Logistics|Title Company|Cafe|Pharmacy|"
    "Machine Works|Accounting"
)
_TRADE_C = ("", "", " LLC", " Inc", ", Inc.", " Co.", " & Sons")
_STREETS = _listed(
    "Maple|Oak|Main|Washington|Lincoln|Chestnut|Mill|Church|Market|Highland|"
    "Cedar Ridge|Martin Luther King|Elm|2nd|14th|River|Lake|Old Post|Franklin|"
    "Sunset"
)
_SUFFIXES = ("St", "Ave", "Rd", "Blvd", "Dr", "Ln", "Way", "Pkwy", "Street", "Avenue")
_LANDLINE = _listed(
    "AT&T|Verizon|Lumen|CenturyLink|Frontier|Comcast Business|Spectrum|Cox|"
    "Windstream|Granite Tel|Consolidated|Ziply Fiber|TDS Telecom|Brightspeed|"
    "Altafiber|Vonage Business|RCN"
)
_WIRELESS = _listed(
    "Verizon Wireless|AT&T Mobility|T-Mobile|US Cellular|Mint Mobile|Cricket|"
    "Google Fi|Visible|Metro by T-Mobile|Consumer Cellular"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A street address that may exist: the city, the state and the ZIP code do."""

    house: str
    name: str
    suffix: str
    unit: str
    city: str
    state: str
    postal_code: str

    @property
    def street(self) -> str:
        """The first line."""
        return f"{self.house} {self.name} {self.suffix}"


@dataclass(frozen=True, kw_only=True)
class Account:
    """One customer's account with the old carrier, and the numbers of it that move or stay."""

    carrier: str
    number: str | int
    customer: str
    first: str
    last: str
    email: str
    place: Place
    billing: Place
    wireless: bool
    business: bool
    pin: str | int
    ssn: str | int
    statement: str
    lines: list[str]
    name: str


@lru_cache(maxsize=1)
def _zip_codes() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """City, state, ZIP code and area codes of the places that people live in."""
    return [
        (entry["city"], entry["state"], entry["zip_code"], tuple(entry["area_codes"]))
        for entry in zipcodes.list_all()
        if entry["active"]
        and entry["zip_code_type"] == "STANDARD"
        and entry["state"] in _STATES
        and entry["area_codes"]
    ]


def place(rng: Random) -> tuple[Place, str]:
    """Draw an address and an area code that fits it."""
    while True:
        city, state, postal_code, areas = rng.choice(_zip_codes())
        area = rng.choice(areas)
        number = phonenumbers.parse(f"+1{area}5550100")
        if phonenumbers.is_valid_number(number):
            break
    way = rng.choice(("", "", "", "N ", "S ", "E ", "W "))
    unit = rng.choice(("", "", f"Ste {rng.randint(1, 40) * 10}", f"Apt {rng.randint(1, 30)}"))
    drawn = Place(
        house=str(rng.randint(2, 9800)),
        name=way + rng.choice(_STREETS),
        suffix=rng.choice(_SUFFIXES),
        unit=unit,
        city=city,
        state=state,
        postal_code=postal_code,
    )
    return drawn, area


class Numbers:
    """Fictional numbers (555-0100 to 555-0199), each handed out once."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def take(self, area: str, count: int = 1, *, run: bool = False) -> list[str]:
        """Draw ten-digit numbers of an area code, in sequence for a range."""
        free = [n for n in range(100, 200) if f"{area}5550{n}" not in self._taken]
        if run:
            starts = [n for n in free if set(range(n, n + count)) <= set(free)]
            start = self._rng.choice(starts)
            chosen = list(range(start, start + count))
        else:
            chosen = self._rng.sample(free, count)
        drawn = [f"{area}5550{n}" for n in chosen]
        self._taken |= set(drawn)
        return drawn


def _account_number(line: str, rng: Random) -> str | int:
    digits = "".join(rng.choice("123456789") for _ in range(14))
    return rng.choice(
        (
            digits[:9],
            int(digits[:9]),
            int(digits[:12]),
            digits[:12],
            f"{digits[:9]}-0000{rng.randint(1, 4)}",
            f"8{digits[:3]} {digits[3:5]} {digits[5:8]} 0{digits[8:14]}",
            f"{line[:3]} {line[3:6]}-{line[6:]} {digits[:3]}",
            f"{rng.choice(('A', 'BT', 'CW', 'X'))}-{digits[:7]}",
            f"{digits[:3]}-{digits[3:7]}-{digits[7:9]}{rng.choice('ABCY')}",
        )
    )


def account(rng: Random, numbers: Numbers, count: int, *, run: bool) -> Account:
    """Draw an account with `count` numbers, in sequence where they are to make a range."""
    spot, area = place(rng)
    lines = numbers.take(area, count, run=run)
    wireless, business = rng.random() < 0.3, rng.random() < 0.8
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    company = f"{rng.choice(_TRADE_A)} {rng.choice(_TRADE_B)}{rng.choice(_TRADE_C)}"
    pin = "".join(rng.choice("123456789") for _ in range(rng.choice((4, 4, 6, 8))))
    ssn = "".join(rng.choice("123456789") for _ in range(4))
    return Account(
        carrier=rng.choice(_WIRELESS if wireless else _LANDLINE),
        number=_account_number(lines[0], rng),
        customer=company if business else f"{first} {last}",
        first=first,
        last=last,
        email=f"{first}.{last}@example.{rng.choice(('com', 'net', 'org'))}".lower(),
        place=spot,
        billing=place(rng)[0],
        wireless=wireless,
        business=business,
        pin=rng.choice((pin, int(pin))),
        ssn=rng.choice((ssn, int(ssn))),
        statement=f"{last.lower()}-{rng.randint(1, 12):02d}-2026.{rng.choice(('pdf', 'pdf', 'png'))}",
        lines=lines,
        name=f"{spot.city} {rng.choice(('office', 'store', 'HQ', 'move', 'phase 1'))}",
    )


#: How a number can be written in a cell.
WRITINGS: dict[str, Callable[[str], Any]] = {
    "parentheses": lambda n: f"({n[:3]}) {n[3:6]}-{n[6:]}",
    "dashes": lambda n: f"{n[:3]}-{n[3:6]}-{n[6:]}",
    "dots": lambda n: f"{n[:3]}.{n[3:6]}.{n[6:]}",
    "plus": lambda n: f"+1{n}",
    "digits": lambda n: n,
    "one": lambda n: f"1-{n[:3]}-{n[3:6]}-{n[6:]}",
    "integer": int,
    "float": float,
    "eleven": lambda n: int(f"1{n}"),
}


def person(rng: Random) -> str:
    """Draw somebody's name."""
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def other(kind: str, rng: Random, index: int) -> Any:
    """Draw a value of a column that is to be ignored; numbers that must not move come elsewhere."""
    digits = "".join(rng.choice("0123456789") for _ in range(20))
    values: dict[str, Any] = {
        "extension": 100 + index,
        "iccid": "89014" + digits[:15],
        "imei": "35" + digits[:13],
        "mac": "00:04:f2:" + ":".join(f"{rng.randint(0, 255):02x}" for _ in range(3)),
        "pon": f"PO-{digits[:5]}",
        "user": person(rng),
        "user_mail": person(rng).replace(" ", ".").lower() + "@example.com",
        "plan": rng.choice(("Unlimited Plus", "Basic Business", "Flat rate", "Talk 500")),
        "price": rng.choice((19.99, 24.5, 35.0, 48.25)),
        "counter": index + 1,
        "device": rng.choice(("Polycom VVX 450", "Yealink T54W", "Cisco 8841", "iPhone 15")),
        "department": rng.choice(("Sales", "Front desk", "Warehouse", "Accounting", "Fax room")),
        "created": f"2026-09-{rng.randint(1, 28):02d} {rng.randint(8, 17):02d}:15",
        "new_account": f"NEW-{digits[:6]}",
    }
    return values[kind]
