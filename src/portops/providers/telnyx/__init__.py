"""Telnyx, by its porting API (v2).

Sources: its OpenAPI document and its public documentation.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from portops.facts.limits import MEGABYTE, Limits
from portops.providers.service import Service
from portops.providers.words import words_of

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.providers.service import IsGenuine
    from portops.settings import Settings

WORDS = words_of("portops.providers.telnyx")


def _open(_: Settings, concurrency: int | None) -> AbstractContextManager[Provider]:
    from portops.providers.telnyx.adapter import connect

    host, webhook = SERVICE.addresses().values()
    return connect(SERVICE, host, SERVICE.secrets()["TELNYX_API_KEY"], concurrency, webhook)


def _webhook(_: Settings) -> IsGenuine:
    from portops.providers.telnyx.signature import signed_by

    key = os.environ.get("TELNYX_PUBLIC_KEY")
    if not key:
        raise SERVICE.missing("TELNYX_PUBLIC_KEY")
    return signed_by(key)


SERVICE = Service(
    name="telnyx",
    label="Telnyx",
    company="Telnyx LLC",
    limits=Limits(
        numbers=1_000,
        document_bytes=20 * MEGABYTE,
        document_kinds=("pdf", "jpeg", "png"),
        lead_days=1,
        letter="us",
        one_pin=True,
        # One that no order has is deleted after 30 minutes.
        document_minutes=20.0,
    ),
    open=_open,
    words=WORDS,
    credentials=("TELNYX_API_KEY",),
    hosts={
        "PORTOPS_TELNYX_URL": "https://api.telnyx.com/v2",
        # Where new orders tell their changes: at Telnyx each order has an address of its own.
        "PORTOPS_TELNYX_WEBHOOK": "",
    },
    webhook=_webhook,
    notes=(
        (
            "Telnyx makes several orders of a request, by country, type, carrier and FastPort: each "
            "has its own SID and history, under the one planned request."
        ),
        "Orders bear our reference: whatever was cut off is found by it and gone on with.",
        (
            "Status and exceptions belong to an order: its numbers are all told the same, and one "
            "number can't be canceled alone. Nothing is canceled within 48 hours of its port."
        ),
        (
            "The letter is uploaded with the statement: the signed copy that lies beside the "
            "statement under the name that `portops loa` gives it, else an unsigned one."
        ),
        "Webhooks are checked with `TELNYX_PUBLIC_KEY`; new orders tell `PORTOPS_TELNYX_WEBHOOK`.",
    ),
    proofs=(
        "the official package `telnyx` against the sandbox (`tests/sandbox/test_telnyx_client.py`)",
        (
            "Telnyx's published OpenAPI document, for every answer where it is at hand (the same file) "
            "and between adapter and sandbox (`make prism`)"
        ),
        "the contract of adapters over HTTP (`tests/providers/contract`)",
        "submissions that are cut off at every call (`tests/submission/test_orders.py`)",
        (
            "without a published source, and the sandbox's own: the codes of its refusals, how long a "
            "cancellation takes, the hours of FOC windows, the words of comments"
        ),
    ),
)
