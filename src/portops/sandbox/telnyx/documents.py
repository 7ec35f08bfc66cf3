"""Documents: statements and letters, which an order has to take within half an hour."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from portops.sandbox.telnyx.access import invalid
from portops.sandbox.telnyx.reading import body_of
from portops.sandbox.telnyx.shapes import make_id, wire

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox

MOST_BYTES = 20 * 1024 * 1024

#: How documents begin that are taken; those of these types begin as they like.
_BEGINNINGS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_TEXTS = {"text/csv", "text/plain", "application/json"}


async def _file(request: Request) -> tuple[bytes, str, str]:
    """Read an uploaded file: its content, type and name; a form, or JSON with base64 in it."""
    if request.headers.get("Content-Type", "").startswith("application/json"):
        body = await body_of(request)
        try:
            content = base64.b64decode(str(body["file"]), validate=True)
        except (KeyError, ValueError):
            raise invalid("file must be base64", "/file") from None
        name = str(body.get("filename") or "")
        return content, mimetypes.guess_type(name)[0] or "", name
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        raise invalid("file is required", "/file")
    return await file.read(), file.content_type or "", file.filename or ""


async def upload(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Save that a document came, but not its content."""
    content, kind, name = await _file(request)
    if len(content) > MOST_BYTES:
        raise invalid("file is larger than 20 MB", "/file")
    if not content.startswith(_BEGINNINGS) and kind not in _TEXTS:
        raise invalid("file must be a PDF, PNG, JPEG, CSV, TXT, JSON, DOC or XLS", "/file")
    digest, now = hashlib.sha256(content).hexdigest(), sandbox.clock.now()
    document = make_id("document", digest, sandbox.database.telnyx.count())
    sandbox.database.telnyx.add_document(document, now.isoformat())
    data = {
        "id": document,
        "record_type": "document",
        "created_at": wire(now),
        "updated_at": wire(now),
        "content_type": kind,
        "filename": name,
        "size": {"amount": len(content), "unit": "bytes"},
        "sha256": digest,
        "status": "pending",
        "av_scan_status": "pending_scan",
    }
    return JSONResponse({"data": data})
