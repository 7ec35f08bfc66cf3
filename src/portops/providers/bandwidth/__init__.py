"""Bandwidth: its limits and its codes; it cannot be opened yet.

Source: its public API documents.
"""

from __future__ import annotations

from portops.facts.limits import MEGABYTE, Limits
from portops.providers.service import Service, not_yet
from portops.providers.words import words_of

SERVICE = Service(
    name="bandwidth",
    label="Bandwidth",
    company="Bandwidth Inc.",
    limits=Limits(
        numbers=5_000,
        document_bytes=3 * MEGABYTE,
        document_kinds=("pdf", "jpeg", "png", "tiff"),
        lead_days=1,
        letter="us",
    ),
    open=not_yet("Bandwidth"),
    ready=False,
    words=words_of("portops.providers.bandwidth"),
    credentials=(
        "BANDWIDTH_ACCOUNT_ID",
        "BANDWIDTH_USERNAME",
        "BANDWIDTH_PASSWORD",
        "BANDWIDTH_SITE_ID",
        "BANDWIDTH_PEER_ID",
    ),
    hosts={},
)
