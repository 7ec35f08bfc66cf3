"""The sandbox itself: what its server holds, and how it numbers what it makes."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from portops.sandbox.access import Problem
from portops.sandbox.variants import Variants

if TYPE_CHECKING:
    from portops.sandbox.clock import Clock
    from portops.sandbox.database import PlacedOrder, SandboxDatabase
    from portops.sandbox.mailroom import Post
    from portops.sandbox.records import Record


@dataclass(slots=True)
class Sandbox:
    """What the server holds: its database, its clock and the carriers' records by phone number.

    `latency` is in seconds; `folder` is where signed letters go; without `post` no letter is
    mailed. `public_url` is the address that links in mails begin with, and `link_secret` what
    their keys are made from; `courier` sends mail while it is under way. `private_webhooks` lets
    webhooks go to this network's own addresses. `variants` are the documented behaviors it plays.
    """

    database: SandboxDatabase
    clock: Clock
    records: dict[str, Record]
    latency: float = 0.0
    folder: Path = Path()
    post: Post | None = None
    public_url: str = "http://127.0.0.1:8765"
    link_secret: bytes = b""
    private_webhooks: bool = False
    courier: asyncio.Task[None] | None = None
    variants: Variants = field(default_factory=Variants)

    def order_of(self, account: str, sid: str) -> PlacedOrder:
        """Return an order of this account; raises Problem 404 when it has none with this SID."""
        placed = self.database.order(sid)
        if placed is None or placed.account != account:
            raise Problem(404, 20404, f"The requested resource {sid} was not found")
        return placed


def make_sid(prefix: str, *parts: object) -> str:
    """Make a SID from what identifies the resource: the same parts give the same SID."""
    joined = "|".join(map(str, parts))
    return prefix + hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()
