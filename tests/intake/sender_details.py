"""The columns that tell whose numbers these are, as one sender splits and words them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.intake.sender_contents import Account, Place
from tests.intake.sender_words import composed, written

#: Chances that a sender has a column of it at all, and the group that it belongs to.
_CHANCES = {
    "losing_carrier": (0.9, "carrier"),
    "account_number": (0.97, "carrier"),
    "billing_number": (0.45, "carrier"),
    "pin": (0.8, "carrier"),
    "ssn_last4": (0.12, "carrier"),
    "customer_name": (0.95, "customer"),
    "customer_type": (0.7, "customer"),
    "authorized_name": (0.95, "signer"),
    "email": (0.85, "signer"),
    "notification_emails": (0.12, "signer"),
    "line_type": (0.7, "number"),
    "street": (0.96, "service"),
    "statement": (0.6, "order"),
    "target_date": (0.4, "order"),
    "request_name": (0.35, "order"),
    "notes": (0.3, "order"),
}
#: What needs no more words below a heading of its group.
_BELOW_A_HEADING = {
    "losing_carrier": "name",
    "account_number": "{account|account number|acct #}",
    "pin": "PIN",
    "customer_name": "{name|company}",
    "customer_type": "{type|business or residential}",
    "authorized_name": "{name|full name}",
    "email": "{email|e-mail}",
    "street": "{street|address}",
    "street_2": "{suite|unit}",
    "city": "city",
    "state": "{state|ST}",
    "postal_code": "{zip|zip code}",
}
_KINDS = (("Landline", "Wireless"), ("landline", "cell"), ("POTS", "Mobile"), ("LL", "WL"))
_FLAGS = (("N", "Y"), ("No", "Yes"), ("no", "yes"))
_CUSTOMERS = (
    *(("Business", "Residential"), ("BUS", "RES"), ("Bus", "Res"), ("B", "R")),
    ("commercial", "personal"),
)
_NOTES = ("main line", "fax", "call before cutover", "hunt group", "elevator phone", None, None)


@dataclass(frozen=True)
class Line:
    """What one row of a table is about: the numbers of it, its account, its place in the table."""

    account: Account
    numbers: tuple[str, ...]
    index: int
    moves: bool = True


@dataclass
class Column:
    """A column as its sender thinks of it; `same` when an account has one value."""

    header: str
    fields: tuple[str | None, ...]
    value: Callable[[Line], Any]
    group: str = "other"
    same: bool = True


class Details:
    """The columns of details of one sender.

    `head` gives the words over a field, `writing` the way that numbers are written, `bare` leaves
    the words away that the heading of a group says already.
    """

    def __init__(
        self,
        rng: Random,
        accounts: list[Account],
        head: Callable[[str], str],
        writing: Callable[[str], Any],
        *,
        bare: bool,
    ) -> None:
        self._rng, self._accounts, self._head, self._writing = rng, accounts, head, writing
        self._bare = bare
        self._bare_style = rng.choice(("title", "first", "capitals"))

    def columns(self, billing: float) -> list[Column]:
        """Draw them; a billing address that is to be ignored stands beside with this chance."""
        rng = self._rng
        wireless = any(account.wireless for account in self._accounts)
        drawn: list[Column] = []
        for name, (chance, _) in _CHANCES.items():
            if rng.random() > chance or (name in ("pin", "ssn_last4") and not wireless):
                continue
            match name:
                case "authorized_name":
                    drawn += self._signer()
                case "street":
                    drawn += self._address(billing)
                case "line_type":
                    drawn.append(self._kind())
                case _:
                    drawn.append(self._column(name, self._value(name)))
        return drawn

    def _column(
        self,
        name: str,
        value: Callable[[Account], Any],
        fields: tuple[str | None, ...] = (),
        group: str = "",
    ) -> Column:
        if self._bare and name in _BELOW_A_HEADING:
            text = written(
                composed(_BELOW_A_HEADING[name], self._rng, {}), self._bare_style, self._rng
            )
        else:
            text = self._head(name)
        if name == "notes":
            rng = self._rng
            return Column(text, ("notes", None), lambda _: rng.choice(_NOTES), "order", same=False)
        group = group or _CHANCES.get(name, (0, "service"))[1]
        return Column(text, fields or (name,), lambda line: value(line.account), group)

    def _value(self, name: str) -> Callable[[Account], Any]:
        rng = self._rng
        business, private = rng.choice(_CUSTOMERS)
        day = date(2026, 11, 16) + timedelta(days=rng.choice((0, 1, 2, 3, 7, 8, 14, 15)))
        days = (day, day.isoformat(), day.strftime("%m/%d/%Y"), day.strftime("%b %d, %Y"))
        wanted = rng.choice(days)
        values: dict[str, Callable[[Account], Any]] = {
            "losing_carrier": lambda a: a.carrier,
            "account_number": lambda a: a.number,
            "billing_number": lambda a: self._writing(a.lines[0]),
            "pin": lambda a: a.pin if a.wireless else None,
            "ssn_last4": lambda a: a.ssn if a.wireless else None,
            "customer_name": lambda a: a.customer,
            "customer_type": lambda a: business if a.business else private,
            "email": lambda a: a.email,
            "notification_emails": lambda a: f"it@example.com; {a.last.lower()}@example.org",
            "statement": lambda a: a.statement,
            "target_date": lambda _: wanted,
            "request_name": lambda a: a.name,
            "notes": lambda _: None,
        }
        return values[name]

    def _kind(self) -> Column:
        if self._rng.random() < 0.2:
            fixed, mobile = self._rng.choice(_FLAGS)
            pattern = "{wireless|mobile|cell phone}{?| (Y/N)|? Y/N}"
            text = written(composed(pattern, self._rng, {}), "first", self._rng)
        else:
            fixed, mobile = self._rng.choice(_KINDS)
            text = self._head("line_type")
        return Column(
            text,
            ("line_type",),
            lambda line: mobile if line.account.wireless else fixed,
            "number",
        )

    def _signer(self) -> list[Column]:
        if self._bare or self._rng.random() < 0.7:
            return [self._column("authorized_name", lambda a: f"{a.first} {a.last}")]
        return [
            self._column(
                "first_name", lambda a: a.first, ("first_name", "authorized_name"), "signer"
            ),
            self._column("last_name", lambda a: a.last, ("last_name", "authorized_name"), "signer"),
        ]

    def _address(self, billing: float) -> list[Column]:
        match self._rng.choice(("apart", "apart", "apart", "one", "half", "parts")):
            case "one":
                columns = self._whole()
            case "half":
                columns = [*self._street(), self._half()]
            case "parts" if not self._bare:
                columns = [*self._parts(), *self._town()]
            case _:
                columns = [*self._street(), *self._town()]
        if self._rng.random() < billing:
            columns += self._billing()
        return columns

    def _whole(self) -> list[Column]:
        comma = self._rng.choice((", ", ", ", "\n"))

        def value(account: Account) -> str:
            place = account.place
            street = ", ".join(part for part in (place.street, place.unit) if part)
            return f"{street}{comma}{place.city}, {place.state} {place.postal_code}"

        return [self._column("street", value, ("street", "city", "state", "postal_code"))]

    def _half(self) -> Column:
        text = self._rng.choice(
            (
                "City, State, Zip",
                "City/State/ZIP",
                "City, ST ZIP",
                "city_state_zip",
                "Town, State & Zip",
            )
        )
        comma = self._rng.choice((", ", " ", ", "))

        def value(line: Line) -> str:
            place = line.account.place
            return f"{place.city}{comma}{place.state} {place.postal_code}"

        return Column(text, ("city", "state", "postal_code"), value, "service")

    def _street(self) -> list[Column]:
        columns = [self._column("street", lambda a: a.place.street)]
        if self._rng.random() < 0.4 and any(a.place.unit for a in self._accounts):
            columns.append(self._column("street_2", lambda a: a.place.unit or None))
        return columns

    def _parts(self) -> list[Column]:
        return [
            self._column("house_number", lambda a: a.place.house, ("house_number", "street")),
            self._column("street_name", lambda a: a.place.name, ("street_name", "street")),
            self._column("street_suffix", lambda a: a.place.suffix, ("street",)),
        ]

    def _town(self) -> list[Column]:
        numbers = self._rng.random() < 0.3

        def zip_code(account: Account) -> str | int:
            text = account.place.postal_code
            return int(text) if numbers and text[0] != "0" else text

        return [
            self._column("city", lambda a: a.place.city),
            self._column("state", lambda a: a.place.state),
            self._column("postal_code", zip_code),
        ]

    def _billing(self) -> list[Column]:
        word = self._rng.choice(("billing", "bill-to", "invoice", "mailing"))
        parts: tuple[tuple[str, str, Callable[[Place], str]], ...] = (
            ("street", "street", lambda p: p.street),
            ("city", "city", lambda p: p.city),
            ("state", "state", lambda p: p.state),
            ("postal_code", "zip", lambda p: p.postal_code),
        )
        columns = []
        for name, plain, part in parts:
            if self._bare:
                text = self._column(name, lambda a: a.name).header
            else:
                text = written(f"{word} {plain}", self._bare_style, self._rng)
            columns.append(Column(text, (None,), self._billed(part), "billing"))
        return columns

    @staticmethod
    def _billed(part: Callable[[Place], str]) -> Callable[[Line], str]:
        return lambda line: part(line.account.billing)
