"""Addresses of stores: URLs of SQLAlchemy as people write them, and the files they name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portops.errors import StoreError

if TYPE_CHECKING:
    import sqlalchemy as sa

# The address of nearly every store: a file by its name, and nothing else.
_FILE = re.compile(r"sqlite:///(?!file:|:)([^?#]+)")


def read(text: str) -> sa.URL:
    """Return the URL that people write as an address; raises StoreError when it is none."""
    import sqlalchemy as sa

    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise StoreError(
            "The store's address is not a URL.", "Write it as sqlite:///portops.db."
        ) from error
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        # People write the file's name as it is: 100%ab.db is no quoted character.
        return url.set(database=text.partition(":///")[2].partition("?")[0])
    return url


def written(url: sa.URL) -> str:
    """Write a URL as `read` reads it, without its password."""
    if url.get_backend_name() == "sqlite" and url.database:
        query = "?" + urlencode(url.query, doseq=True) if url.query else ""
        return f"{url.drivername}:///{url.database}{query}"
    return url.render_as_string(hide_password=True)


def file_of(url: sa.URL) -> Path | None:
    """Return the file of a SQLite store, None for a server or a store in memory."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database)).absolute()


def exists(url: str) -> bool:
    """Tell whether a store is there; only files can be absent, servers are taken as there."""
    # Most checks come before there is a store, and its library is slow to load.
    plain = _FILE.fullmatch(url)
    if plain is not None:
        return Path(plain[1]).is_file()
    parsed = read(url)
    if parsed.get_backend_name() != "sqlite":
        return True
    return bool(parsed.database) and Path(str(parsed.database)).is_file()


def file_at(url: str) -> Path | None:
    """Return the file of the SQLite store at a URL, None for a server."""
    return file_of(read(url))


def absolute(url: str) -> str:
    """Return the same store's URL for a process that runs in another folder."""
    parsed = read(url)
    if parsed.get_backend_name() != "sqlite":
        return parsed.render_as_string(hide_password=False)
    file = parsed.database
    if file and file != ":memory:":
        parsed = parsed.set(database=str(Path(file).resolve()))
    return written(parsed)
