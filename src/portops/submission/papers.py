"""Papers: what is uploaded with a request, its statement and, where it is ours to write, the letter."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from portops.extras import require
from portops.providers import service
from portops.store import documents

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.store.database import Database
    from portops.submission.jobs import Job


class Papers:
    """Uploads papers to one provider; shared by the threads of a batch."""

    def __init__(
        self, provider: Provider, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self._provider, self._database, self._clock = provider, database, clock
        self._uploads: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, job: Job, announce: Callable[[], None]) -> list[str]:
        """Upload a job's papers; returns the provider's ids, the statement's first.

        `announce` is called before anything is sent. A statement is sent once by its content,
        unless the provider keeps only documents that a request has.
        """
        ids = []
        if job.port.statement is not None:
            ids = [self._statement(job, job.port.statement, announce)]
        if self._provider.limits.letter == "us":
            announce()
            ids.append(self._letter(job))
        return ids

    def _statement(self, job: Job, statement: Path, announce: Callable[[], None]) -> str:
        if self._provider.limits.document_minutes is not None:
            announce()
            return self._provider.upload(statement)
        name = self._provider.name
        with self._lock:
            lock = self._uploads.setdefault(job.content, threading.Lock())
        with lock:
            document = documents.document_sid(self._database, name, job.content)
            if document is None:
                announce()
                document = self._provider.upload(statement)
                documents.keep_document(self._database, name, job.content, document, self._clock())
        return document

    def _letter(self, job: Job) -> str:
        """Upload the signed letter that lies beside the statement, else the letter unsigned."""
        require("loa", "The letter of authorization")
        from portops.letters.letter import Parties, write_letter
        from portops.submission.letters import letter_names

        name = letter_names([job.port.request])[0]
        if job.port.statement is not None:
            signed = job.port.statement.parent / name
            if signed.is_file():
                return self._provider.upload(signed)
        parties = Parties(new_carrier=service(self._provider.name).company)
        with TemporaryDirectory(prefix="portops") as folder:
            file = Path(folder) / name
            file.write_bytes(write_letter(job.port, parties, self._clock().date()))
            return self._provider.upload(file)
