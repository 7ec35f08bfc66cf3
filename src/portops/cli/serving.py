"""Serve an application: listen on an address, with limits on how long and how many may call."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from portops.errors import SettingsError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}

#: Seconds that a connection may be open without a call that has begun.
IDLE_AFTER = 15.0

#: Most connections at once; those beyond are answered 503.
MOST_CONNECTIONS = 256


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; raises SettingsError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that the server sends each answer at once instead of gathering it.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # From here on a caller waits for the server instead of being turned away.
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Nothing can listen on {host}:{port} ({error.strerror or error}).",
            "It may be in use; choose another --port, or --port 0 for a free one.",
        ) from error
    return listener


class _Impatient(H11Protocol):
    """uvicorn's protocol, which by itself holds a connection that sends no whole header for ever."""

    idle_after = IDLE_AFTER
    _idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Start to wait for a call unless one is under way; half a header doesn't end the wait."""
        if self._in_call() and self._idle is not None:
            self._idle.cancel()
            self._idle = None
        elif not self._in_call() and self._idle is None:
            self._idle = self.loop.call_later(self.idle_after, self._end)

    def _in_call(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _end(self) -> None:
        self._idle = None
        if not self._in_call():
            self.transport.close()


def server_of(app: Any, *, lifespan: bool = False, own_clock: bool = False) -> uvicorn.Server:
    """Return a server for an application, which closes idle connections and limits their number.

    The answers of one with its own clock bear the time the application gives them.
    """
    config = uvicorn.Config(
        app,
        http=_Impatient,
        log_level="warning",
        lifespan="on" if lifespan else "off",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=2,
        date_header=not own_clock,
    )
    return uvicorn.Server(config)
