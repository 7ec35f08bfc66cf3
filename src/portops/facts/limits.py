"""What a provider takes in one port request: a plain value, so that no rule asks for a provider.

Each provider's own limits stand in its folder in `portops.providers`.
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A provider's limits.

    `numbers` in one request; `document_bytes` a statement may have; `document_kinds` it may be;
    `lead_days` (calendar) before a requested date; `letter` says who writes the letter of
    authorization (`provider` or `us`); `statement_days` is how old a statement may be; with `one_pin` all
    numbers of a request have the same PIN; `document_minutes` is how long an uploaded document
    can be named by a request (None: for good). `calls_a_second` and `calls_at_once` are how it is spoken
    to; `settle_after` are the seconds after which a request that was sent, and whose answer was
    lost, shows in the provider's list if it has arrived at all; `late_after` are the seconds after
    which a request whose answer did not come is no longer worked on: only then it is sent again.
    """

    numbers: int
    document_bytes: int
    document_kinds: tuple[str, ...]
    lead_days: int
    letter: str
    statement_days: int = 90
    one_pin: bool = False
    document_minutes: float | None = None
    calls_a_second: float = 20.0
    calls_at_once: int = 8
    settle_after: float = 30.0
    late_after: float = 120.0
