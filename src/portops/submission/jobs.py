"""Jobs: each ready request of a plan as it will be sent, and its identity."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.providers.base import PortNumber, PortRequest
from portops.redaction import Secret
from portops.tables.requests import DETAILS

if TYPE_CHECKING:
    from portops.results.planned import Planned

#: Details that make no other request of it: who else hears of the progress.
_ASIDE = ("statement", "notification_emails")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request to bring to the provider.

    `key` is its identity, made of its content; `content` is the statement's; `codes` are the
    findings it was submitted with.
    """

    key: str
    content: str
    port: PortRequest
    details: dict[str, Any]
    codes: list[str]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its E.164 numbers, sorted."""
        return tuple(sorted(self.port.phone_numbers))

    def after(self, request_sid: str) -> Job:
        """Return the same request to be made once more, after the one that has ended."""
        joined = f"{self.key}|{request_sid}"
        key = hashlib.sha256(joined.encode()).hexdigest()
        return replace(self, key=key, port=replace(self.port, reference=key))


def _key(provider: str, details: Mapping[str, Any], numbers: Sequence[str], content: str) -> str:
    """Make the identity of a planned request from its content: the same content, the same row.

    PINs are left out: a digest of four digits is no secret.
    """
    identity = {
        "provider": provider,
        "numbers": sorted(numbers),
        "statement": content,
        **{name: details[name] for name in DETAILS if name not in _ASIDE},
    }
    text = json.dumps(identity, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(planned: Planned) -> dict[str, list[PortNumber]]:
    """Return each request's numbers, sorted."""
    ordered = planned.numbers.sort_values("phone_number", kind="stable")
    columns = (ordered[name] for name in ("request", "phone_number", "line_type", "pin"))
    lines: dict[str, list[PortNumber]] = defaultdict(list)
    for request, number, kind, pin in zip(*columns, strict=True):
        secret = pin if isinstance(pin, Secret) and kind == "wireless" else None
        lines[request].append(PortNumber(phone_number=number, line_type=kind, pin=secret))
    return lines


def jobs_of(
    planned: Planned, digest: Callable[[Path], str], *, held_back: bool = False
) -> list[Job]:
    """Make a job of each request that is ready, or of each held back.

    `digest` names a statement's content.
    """
    documents = planned.checked.documents
    lines = _lines(planned)
    codes: dict[str, set[str]] = defaultdict(set)
    named = planned.findings.dropna(subset=["request"])
    for name, code in zip(named["request"], named["code"], strict=True):
        codes[name].add(code)
    digests: dict[Path, str] = {}
    jobs = []
    requests = planned.held_back if held_back else planned.ready
    for row in requests.to_dict("records"):
        details: dict[str, Any] = {
            name: None if pd.isna(row[name]) else str(row[name]) for name in DETAILS
        }
        statement = documents.get(details["statement"] or "")
        if statement is not None and statement not in digests:
            digests[statement] = digest(statement)
        content = digests[statement] if statement is not None else ""
        others = details["notification_emails"]
        key = _key(planned.provider, details, row["numbers"], content)
        port = PortRequest(
            request=row["request"],
            reference=key,
            statement=statement,
            numbers=tuple(lines[row["request"]]),
            notification_emails=tuple(others.split(", ")) if others else (),
            **{name: value for name, value in details.items() if name not in _ASIDE},
        )
        # Findings carry the name that the request had before it was split.
        before = row["request"] if pd.isna(row["part_of"]) else row["part_of"]
        jobs.append(
            Job(
                key=key,
                content=content,
                port=port,
                details={**details, "account": row["account"], "statement_content": content},
                codes=sorted(codes[row["request"]] | codes[before]),
            )
        )
    return jobs
