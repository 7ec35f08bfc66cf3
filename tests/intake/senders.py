"""Port-in workbooks laid out by people nobody has met: each seed is another sender.

`layout(seed)` draws words, order, shape and contents, and returns the grid with what a person at
a porting desk reads in it: which column holds which field, which numbers move and which stay.
Numbers are 555-0100 to 555-0199; cities, states and ZIP codes are true; everybody is invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter
from tests.intake.sender_contents import WRITINGS, Numbers, account, other
from tests.intake.sender_details import Column, Details, Line
from tests.intake.sender_words import GROUPS, OTHERS, STYLES, composed, habits, header, written

SHAPES = (
    *("flat", "flat", "flat", "titled", "titled", "grouped", "grouped"),
    *("wide", "ends", "cells", "cells", "kinds", "block", "block", "bare"),
)
_FLAGS = (
    ("{port|move|transfer|migrate|include}{?|? (Y/N)| Y/N}", (("Y", "N"), ("Yes", "No"))),
    (
        "{action|disposition|what happens|plan for this line}",
        (("Move", "Keep"), ("Port", "Do not port"), ("Transfer", "Leave"), ("Migrate", "Cancel")),
    ),
    (
        "{line |number |}status",
        (("Active", "Disconnected"), ("Working", "Canceled 2024"), ("In service", "Disconnected")),
    ),
    ("{exclude|leave out|do not port}{?|}", ((None, "x"), ("N", "Y"), ("no", "yes"))),
)


class Label(NamedTuple):
    """What a column holds: any one of `fields`, None where it is to be ignored.

    A key of a block or form has no `letter`: its value stands somewhere beside or below.
    """

    letter: str
    header: str
    fields: tuple[str | None, ...]


@dataclass
class Layout:
    """A sheet (and `more` sheets by title), and what a careful person reads in it."""

    name: str
    grid: list[list[Any]]
    labels: list[Label] = field(default_factory=list)
    moving: set[str] = field(default_factory=set)
    staying: set[str] = field(default_factory=set)
    more: dict[str, list[list[Any]]] = field(default_factory=dict)


class Sender:
    """One person's habits, drawn from a seed, and the workbook that they make."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = Random(seed)
        self.shape = rng.choice(SHAPES)
        self.style = rng.choice(STYLES)
        self.numbers = Numbers(rng)
        self.writing = WRITINGS[rng.choice(list(WRITINGS))]
        self.headers: set[str] = set()
        self.habit = habits(rng)
        self.layout = Layout(f"{seed}-{self.shape}-{self.style}", [])
        count = 1 if self.shape in ("block", "bare") else rng.randint(1, 4)
        run = self.shape == "ends" or (self.shape == "cells" and rng.random() < 0.5)
        self.run = run
        self.accounts = [
            account(rng, self.numbers, rng.randint(2, 6), run=run) for _ in range(count)
        ]

    def make(self) -> Layout:
        """Lay the workbook out."""
        getattr(self, f"_{self.shape}")()
        return self.layout

    # The shapes

    def _bare(self) -> None:
        for line in self._one_row_a_number():
            self.layout.grid.append([self.writing(line.numbers[0])])
        self.layout.labels.append(Label("A", "", ("phone_number",)))

    def _flat(self) -> None:
        lines = self._one_row_a_number()
        columns = [*self._number_columns(), *self._details(), *self._others()]
        if self.rng.random() < 0.3:
            lines, flag = self._flagged(lines)
            columns.append(flag)
        self._table(self._ordered(columns), lines)

    def _titled(self) -> None:
        title = self.rng.choice(("Port-in request", "Number transfer form", "LNP intake v3"))
        rules = ("One row per number.", "Must match the bill.", "Do not cancel service.")
        above: list[list[Any]] = [[title], [f"Prepared by {self.accounts[0].first}"]]
        above += [[text] if self.rng.random() < 0.6 else [] for text in rules]
        call = self.numbers.take("888" if self.rng.random() < 0.5 else "212")[0]
        self.layout.staying.add(call)
        above += [[f"Questions? Call {WRITINGS['dashes'](call)}"], [], []]
        self.layout.grid += above
        self._flat()
        if self.rng.random() < 0.5:
            self.layout.grid += [[], ["Total", len(self.layout.moving)], ["Thank you!"]]

    def _grouped(self) -> None:
        columns = [*self._number_columns(), *self._details(billing=0.6), *self._others()]
        order = list(dict.fromkeys(column.group for column in columns))
        if self.rng.random() < 0.5:
            self.rng.shuffle(order)
        columns.sort(key=lambda column: order.index(column.group))
        style = self.rng.choice(("title", "capitals", "first"))
        heads: list[Any] = []
        last = None
        for column in columns:
            new = column.group != last
            heads.append(
                written(composed(GROUPS[column.group], self.rng, self.habit), style, self.rng)
            )
            heads[-1] = heads[-1] if new else None
            last = column.group
        self.layout.grid.append(heads)
        self._table(columns, self._one_row_a_number())

    def _wide(self) -> None:
        most = max(len(a.lines) for a in self.accounts)
        stem = self.rng.choice(
            ("Number %d", "TN %d", "Phone %d", "Line %d number", "tn%d", "DID_%d")
        )

        def nth(place: int) -> Callable[[Line], Any]:
            return lambda line: (
                self.writing(line.numbers[place]) if place < len(line.numbers) else None
            )

        columns = [
            Column(stem % (n + 1), ("phone_number",), nth(n), "number", same=False)
            for n in range(most)
        ]
        details = self._ordered([*self._details(), *self._others()])
        self._table(
            [*details, *columns] if self.rng.random() < 0.7 else [*columns, *details],
            self._one_row_an_account(),
        )

    def _ends(self) -> None:
        first, last = self.rng.choice(
            (
                ("Start number", "End number"),
                ("First TN", "Last TN"),
                ("From", "To"),
                ("Block start", "Block end"),
                ("Range from", "Range to"),
                ("rangeStart", "rangeEnd"),
            )
        )
        ends = ("range", "phone_number", "range_end", None)
        columns = [
            Column(first, ("phone_number",), lambda n: self.writing(n.numbers[0]), "number"),
            Column(last, ends, lambda n: self.writing(n.numbers[-1]), "number"),
        ]
        if self.rng.random() < 0.5:
            columns.append(Column("Qty", (None,), lambda n: len(n.numbers), "number"))
        details = self._ordered([*self._details(), *self._others()])
        self._table([*columns, *details], self._one_row_an_account())

    def _cells(self) -> None:
        writing = self._text_writing()
        between = self.rng.choice((" - ", "-", " to ", " thru ", " – "))
        apart = self.rng.choice((", ", "; ", "\n", ","))

        def written_in_one(line: Line) -> str:
            if self.run:
                return f"{writing(line.numbers[0])}{between}{writing(line.numbers[-1])}"
            return apart.join(writing(number) for number in line.numbers)

        text = self._header("phone_number")
        numbers = Column(text, ("phone_number",), written_in_one, "number")
        self._table(
            self._ordered([numbers, *self._details(), *self._others()]), self._one_row_an_account()
        )

    def _kinds(self) -> None:
        writing = self._text_writing()
        apart = self.rng.choice((", ", "; ", "\n"))
        land, cell = self.rng.choice(
            (
                ("Landlines to port", "Cell numbers to port"),
                ("Landline numbers", "Wireless numbers"),
                ("Wireline TNs", "Mobile TNs"),
                ("Fixed numbers to move", "Mobiles to move"),
                ("landline_numbers_to_port", "mobile_numbers_to_port"),
            )
        )

        def of_kind(*, wireless: bool) -> Callable[[Line], Any]:
            return lambda line: (
                apart.join(map(writing, line.numbers))
                if line.account.wireless == wireless
                else None
            )

        columns = [
            Column(land, ("landline_numbers",), of_kind(wireless=False), "number"),
            Column(cell, ("wireless_numbers",), of_kind(wireless=True), "number"),
        ]
        kinds = {a.wireless for a in self.accounts}
        columns = [c for c, kind in zip(columns, (False, True), strict=True) if kind in kinds]
        details = [c for c in self._details() if c.fields != ("line_type",)]
        self._table(
            self._ordered([*columns, *details, *self._others()]), self._one_row_an_account()
        )

    def _block(self) -> None:
        details = [c for c in self._details() if c.value(self._one_row_an_account()[0]) is not None]
        phone = self.rng.random() < 0.3
        column = self.rng.choice((1, 1, 1, 2))
        if self.rng.random() < 0.5:
            self.layout.grid += [["Transfer request"], []]
        colon = self.rng.choice(("", ":", " :"))
        line = self._one_row_an_account()[0]
        for item in details:
            text = item.header.rstrip(" :*") + colon
            self.layout.grid.append([text, *[None] * (column - 1), item.value(line)])
            self.layout.labels.append(Label("", text, item.fields))
        if phone:
            item = self._staying_column("contact_phone")
            self.layout.grid.append([item.header + colon, *[None] * (column - 1), item.value(line)])
            self.layout.labels.append(Label("", item.header + colon, (None,)))
        self.layout.grid += [[], []]
        self._table([*self._number_columns(), *self._others()], self._one_row_a_number())

    # Rows

    def _one_row_a_number(self) -> list[Line]:
        pairs = [(a, number) for a in self.accounts for number in a.lines]
        self.layout.moving |= {number for _, number in pairs}
        return [Line(a, (number,), index) for index, (a, number) in enumerate(pairs)]

    def _one_row_an_account(self) -> list[Line]:
        self.layout.moving |= {number for a in self.accounts for number in a.lines}
        return [Line(a, tuple(a.lines), index) for index, a in enumerate(self.accounts)]

    def _flagged(self, lines: list[Line]) -> tuple[list[Line], Column]:
        """Let some numbers of each account stay, as a column tells."""
        pattern, choices = self.rng.choice(_FLAGS)
        goes, stays = self.rng.choice(choices)
        kept = []
        for line in lines:
            first = line.numbers[0] == line.account.lines[0]
            moves = first or self.rng.random() < 0.7
            kept.append(Line(line.account, line.numbers, line.index, moves))
        if all(line.moves for line in kept):
            kept[-1] = Line(kept[-1].account, kept[-1].numbers, kept[-1].index, moves=False)
        self.layout.staying |= {line.numbers[0] for line in kept if not line.moves}
        self.layout.moving -= self.layout.staying
        text = self._unique(
            lambda: written(composed(pattern, self.rng, self.habit), self._table_style, self.rng)
        )
        return kept, Column(text, (None,), lambda n: goes if n.moves else stays, same=False)

    # Columns

    @property
    def _table_style(self) -> str:
        return "first" if self.style == "asks" else self.style

    def _unique(self, draw: Callable[[], str]) -> str:
        for _ in range(50):
            text = draw()
            if text.casefold() not in self.headers:
                break
        else:
            text = f"{text} {len(self.headers)}"
        self.headers.add(text.casefold())
        return text

    def _header(self, name: str) -> str:
        return self._unique(lambda: header(name, self.style, self.rng, self.habit))

    def _text_writing(self) -> Callable[[str], str]:
        names = ("parentheses", "dashes", "dots", "plus", "digits")
        return WRITINGS[self.rng.choice(names)]

    def _number_columns(self) -> list[Column]:
        text = self._header("phone_number")
        mixed = self.rng.random() < 0.15

        def value(line: Line) -> Any:
            writing = WRITINGS[self.rng.choice(list(WRITINGS))] if mixed else self.writing
            return writing(line.numbers[0])

        return [Column(text, ("phone_number",), value, "number", same=False)]

    def _details(self, *, billing: float = 0.15) -> list[Column]:
        bare = self.shape == "grouped" and self.rng.random() < 0.5
        made = Details(self.rng, self.accounts, self._header, self.writing, bare=bare)
        return made.columns(billing)

    def _others(self) -> list[Column]:
        """Draw columns that are nobody's business, some with numbers that must not move."""
        kinds = self.rng.sample(sorted(OTHERS), self.rng.choice((0, 1, 2, 3, 4, 6)))
        return [
            self._staying_column(kind)
            if kind in ("contact_phone", "forward", "new_number")
            else self._other_column(kind)
            for kind in kinds
        ]

    def _other_column(self, kind: str) -> Column:
        group = "carrier" if kind == "new_account" else "other"
        return Column(
            self._header(kind),
            (None,),
            lambda line: other(kind, Random(f"{kind}{line.numbers}"), line.index),
            group,
            same=False,
        )

    def _staying_column(self, kind: str) -> Column:
        taken = {a.name: self.numbers.take(a.lines[0][:3])[0] for a in self.accounts}
        self.layout.staying |= set(taken.values())
        writing = self._text_writing()
        return Column(self._header(kind), (None,), lambda line: writing(taken[line.account.name]))

    def _ordered(self, columns: list[Column]) -> list[Column]:
        """Put columns in order: as they came, or shuffled with what belongs together kept so."""
        if self.rng.random() < 0.5:
            return columns
        groups: dict[Any, list[Column]] = {}
        for place, column in enumerate(columns):
            together = column.group in ("service", "billing", "signer")
            groups.setdefault(column.group if together else place, []).append(column)
        keys = list(groups)
        self.rng.shuffle(keys)
        return [column for key in keys for column in groups[key]]

    def _table(self, columns: list[Column], lines: list[Line]) -> None:
        """Write header and rows below what is there, and label the columns."""
        self.layout.grid.append([column.header for column in columns])
        for place, column in enumerate(columns, 1):
            self.layout.labels.append(Label(get_column_letter(place), column.header, column.fields))
        ditto = self.rng.choice(('"', "same as above", "ditto")) if self.rng.random() < 0.15 else ""
        before = None
        for line in lines:
            cells = [column.value(line) for column in columns]
            if ditto and before is line.account:
                cells = [
                    ditto if column.same and cell is not None else cell
                    for column, cell in zip(columns, cells, strict=True)
                ]
            self.layout.grid.append(cells)
            before = line.account


def layout(seed: int) -> Layout:
    """Return what sender number `seed` sends."""
    return Sender(seed).make()
