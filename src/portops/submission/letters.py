"""The letters of authorization of a plan, one per request that is ready."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from portops.files import private_folder, put_result
from portops.letters.letter import Parties, write_letter
from portops.submission.jobs import jobs_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from portops.results.planned import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that was written: for which request, how many numbers, and where it is."""

    request: str
    numbers: int
    file: Path

    def as_json(self) -> dict[str, Any]:
        """Return the letter as plain values."""
        return {"request": self.request, "numbers": self.numbers, "file": str(self.file)}


def letter_names(requests: list[str]) -> list[str]:
    """Name the file of each request's letter; requests with like names get a number."""
    times: Counter[str] = Counter()
    names = []
    for request in requests:
        slug = re.sub(r"[^a-z0-9]+", "-", request.casefold()).strip("-")[:80] or "request"
        times[slug] += 1
        names.append(f"{slug}{'' if times[slug] == 1 else f'-{times[slug]}'}.loa.pdf")
    return names


def _write(letter: bytes, path: Path) -> None:
    path.write_bytes(letter)


def write_letters(planned: Planned, out: Path, parties: Parties, today: date) -> list[Letter]:
    """Write the letter of each ready request to `out` as PDF; returns them in the plan's order."""
    private_folder(out)
    jobs = jobs_of(planned, lambda _: "")
    letters = []
    for job, name in zip(jobs, letter_names([job.port.request for job in jobs]), strict=True):
        letter = write_letter(job.port, parties, today)
        file = put_result(out / name, partial(_write, letter))
        letters.append(Letter(request=job.port.request, numbers=len(job.numbers), file=file))
    return letters
