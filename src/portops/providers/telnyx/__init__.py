"""Telnyx: its limits and its codes; it cannot be opened yet.

Source: its public API documents.
"""

from __future__ import annotations

from portops.facts.limits import MEGABYTE, Limits
from portops.providers.service import Service, not_yet
from portops.providers.words import words_of

SERVICE = Service(
    name="telnyx",
    label="Telnyx",
    company="Telnyx LLC",
    limits=Limits(
        numbers=1_000,
        document_bytes=10 * MEGABYTE,
        document_kinds=("pdf", "jpeg", "png", "tiff"),
        lead_days=1,
        letter="us",
    ),
    open=not_yet("Telnyx"),
    words=words_of("portops.providers.telnyx"),
    credentials=("TELNYX_API_KEY",),
    hosts={},
)
