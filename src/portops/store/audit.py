"""The audit chain: each row of journal and history carries a digest of itself and the one before.

A row that is edited no longer fits its digest; one that is deleted leaves a gap, or an end that is
not the one that was written down. Who can write to the store and knows this module can make such
a chain anew, so a desk that has a key adds to each row what nobody makes without it (`mac`), and
seals the end (`seal`): rows that were edited, deleted or made anew are seen where the key is at
hand. Each chain has a key of its own, which lies in the store sealed with the desk's.

What the database alone cannot show: that all of it was put back to an earlier state, key and all,
or that every trace of the key was removed. An end that was noted elsewhere shows the one, and
`store check --keyed` the other.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portops.errors import SettingsError
from portops.redaction import Secret
from portops.store import schema
from portops.store.instants import as_text
from portops.tables import EVENT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from portops.sealing import Cipher

#: The columns that a row's digest covers, of each table that has a chain.
COVERED: dict[str, tuple[str, ...]] = {
    "journal": ("request_key", "state", "at", "note"),
    "events": EVENT_COLUMNS,
}

#: Rows that are read together.
_TOGETHER = 10_000


#: What the desk's key is used for here; what seals PINs cannot seal a chain's key.
PURPOSE = "portops audit chain"


class Keys:
    """The chains' keys, as far as the desk's own key opens them; it is asked for when needed."""

    def __init__(self, opener: Callable[[], Cipher | None] = lambda: None) -> None:
        self._opener: Callable[[], Cipher | None] | None = opener
        self._cipher: Cipher | None = None
        self._opened: dict[bytes, bytes | None] = {}

    @property
    def cipher(self) -> Cipher | None:
        """What seals the chains' keys; None where the desk has no key."""
        if self._opener is not None:
            try:
                cipher = self._opener()
            except SettingsError:
                # No step may fail for it here; what needs the key says so.
                cipher = None
            self._cipher = None if cipher is None else cipher.derived(PURPOSE)
            self._opener = None
        return self._cipher

    def open(self, sealed: bytes) -> bytes | None:
        """Return a chain's key; None where the desk has no key, or another one."""
        if sealed not in self._opened:
            cipher = self.cipher
            try:
                self._opened[sealed] = None if cipher is None else cipher.unseal(sealed).encode()
            except SettingsError:
                self._opened[sealed] = None
        return self._opened[sealed]


def keys_of(connection: sa.Connection) -> Keys:
    """Return the keys that the store was opened with."""
    keys: Keys = connection.get_execution_options()["audit_keys"]
    return keys


def key_of(connection: sa.Connection, table: sa.Table, *, make: bool = True) -> bytes | None:
    """Return the key of a chain, made where the desk has one and the chain does not; else None."""
    chains, keys = schema.chains, keys_of(connection)
    this = chains.c.name == table.name
    sealed = connection.execute(sa.select(chains.c.sealed_key).where(this)).scalar_one()
    if sealed is None and make and keys.cipher is not None:
        sealed = keys.cipher.seal(Secret(secrets.token_hex(32)))
        connection.execute(chains.update().where(this).values(sealed_key=sealed))
    return None if sealed is None else keys.open(sealed)


def reseal(connection: sa.Connection, cipher: Cipher) -> None:
    """Seal the chains' keys anew, where the cipher opens them."""
    chains, renewing = schema.chains, cipher.derived(PURPOSE)
    for name, sealed in connection.execute(sa.select(chains.c.name, chains.c.sealed_key)).all():
        if sealed is not None:
            with suppress(SettingsError):
                renewed = renewing.renew(sealed)
                connection.execute(
                    chains.update().where(chains.c.name == name).values(sealed_key=renewed)
                )


def mac(key: bytes, what: str, place: int, link: str) -> str:
    """Return what only the key makes: of a row's digest, which stands for all rows before it."""
    return hmac.digest(key, f"{what}\x1f{place}\x1f{link}".encode(), "sha256").hex()[:32]


def digest(before: str, place: int, values: Sequence[str | None]) -> str:
    """Return the digest of a row's texts, at its place behind the row before."""
    texts = ["\x00" if value is None else value for value in values]
    joined = "\x1f".join([before, str(place), *texts])
    return hashlib.sha256(joined.encode(errors="surrogatepass")).hexdigest()


def end_of(connection: sa.Connection, table: sa.Table) -> tuple[int, str]:
    """Return a chain's length and its last digest; nobody else adds to it until the commit."""
    chains = schema.chains
    query = sa.select(chains.c.length, chains.c.head).where(chains.c.name == table.name)
    length, head = connection.execute(query.with_for_update()).one()
    return int(length), str(head)


def keep_end(
    connection: sa.Connection, table: sa.Table, length: int, head: str, key: bytes | None = None
) -> None:
    """Write down where a chain ends, in the transaction that adds to it."""
    chains = schema.chains
    values: dict[str, Any] = {"length": length, "head": head}
    if key is not None:
        values["seal"] = mac(key, _end(table), length, head)
    connection.execute(chains.update().where(chains.c.name == table.name).values(values))


def _end(table: sa.Table) -> str:
    return f"end of {table.name}"


def linked(
    connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return rows that are about to be inserted, each with its `place`, `chain` and `mac`."""
    length, head = end_of(connection, table)
    made: list[dict[str, Any]] = []
    key = None
    for row in rows:
        key = key if made else key_of(connection, table)
        length += 1
        values = [_text(row.get(name)) for name in COVERED[table.name]]
        head = digest(head, length, values)
        proof = None if key is None else mac(key, table.name, length, head)
        made.append({**row, "place": length, "chain": head, "mac": proof})
    if made:
        keep_end(connection, table, length, head, key)
    return made


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return as_text(value) if isinstance(value, datetime) else str(value)


class Proofs:
    """What the key says of a chain, row by row as it is gone through; None: it is not at hand."""

    def __init__(self, connection: sa.Connection, table: sa.Table) -> None:
        self._table, chains = table, schema.chains
        query = sa.select(chains.c.sealed_key, chains.c.seal).where(chains.c.name == table.name)
        self._sealed, self._seal = connection.execute(query).one()
        self.key = key_of(connection, table, make=False)
        self._last: tuple[int, str, bool] | None = None
        #: First and last place of rows behind a keyed one that have no proof, or a wrong one.
        self.bare: list[list[int]] = []
        self._wrong: list[list[int]] = []
        self.first: int | None = None

    @property
    def keyed(self) -> bool:
        """Whether a desk with a key has written to the chain."""
        return self._sealed is not None or self._last is not None

    def see(self, place: int, link: str, proof: str | None) -> None:
        """Take in the next row."""
        if proof is None:
            if self._last is not None:
                _extend(self.bare, place)
            return
        fits = self.key is not None and hmac.compare_digest(
            mac(self.key, self._table.name, place, link), proof
        )
        self._last, self.first = (place, link, fits), self.first or place
        if self.key is not None and not fits:
            _extend(self._wrong, place)

    def broken(self) -> Iterator[tuple[str, str]]:
        """Name what nobody with the key has written."""
        name = self._table.name
        if self._last is not None and self._sealed is None:
            yield f"{name}: the chain's key", "was removed"
        if self.key is None:
            return
        for first, last in self._wrong:
            yield f"{name} {_places(first, last)}", "made anew without the key"
        if self._last is None:
            yield f"the end of {name}", "every row with a key was deleted or made anew"
        elif self._last[2] and self._seal != mac(self.key, _end(self._table), *self._last[:2]):
            yield f"the end of {name}", f"rows behind row {self._last[0]:,} were deleted"


def _extend(ranges: list[list[int]], place: int) -> None:
    if ranges and ranges[-1][1] == place - 1:
        ranges[-1][1] = place
    else:
        ranges.append([place, place])


def broken(connection: sa.Connection, table: sa.Table, proofs: Proofs) -> Iterator[tuple[str, str]]:
    """Go through a chain and name what was changed since it was written: the row, and how."""
    key = next(iter(table.primary_key.columns))
    names = COVERED[table.name]
    texts = [sa.type_coerce(table.c[name], sa.Text) for name in names]
    columns = (table.c.place, table.c.chain, table.c.mac, *texts)
    query = sa.select(key, *columns).order_by(table.c.place, key)
    rows = connection.execution_options(stream_results=True, max_row_buffer=_TOGETHER).execute(
        query
    )
    last, before, sure = 0, "", True
    for name, place, chain, proof, *values in rows:
        row = f"{table.name} {name} ({_shown(table, names, values)})"
        if place is None:
            yield row, "was added without portops"
            continue
        if place > last + 1:
            yield f"{table.name} {_places(last + 1, place - 1)}", "deleted"
            sure = False
        if place <= last or (sure and digest(before, place, values) != chain):
            yield row, "edited after it was written"
        last, before, sure = place, str(chain), True
        proofs.see(place, before, proof)
    length, head = end_of(connection, table)
    if last < length:
        yield f"{table.name} {_places(last + 1, length)}", "deleted"
    elif (last, before) != (length, head):
        yield f"{table.name} row {last}", "does not fit the end that was written down"
    yield from proofs.broken()


def places_of(ranges: Sequence[Sequence[int]]) -> str:
    """Name rows by their places."""
    return ", ".join(_places(first, last) for first, last in ranges)


def _places(first: int, last: int) -> str:
    return f"row {first:,}" if first == last else f"rows {first:,} to {last:,}"


def _shown(table: sa.Table, names: Sequence[str], values: Sequence[str | None]) -> str:
    """Say which row it is, in what a person looks for."""
    row = dict(zip(names, values, strict=True))
    if table.name == "journal":
        return f"{row['state']}, {str(row['at'])[:19]}"
    number = row["phone_number"] or "the request"
    return f"{row['request_sid']}, {number}, {row['status']}"
