"""Documents: take in the billing statements that an order names."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from portops.sandbox.access import Problem
from portops.sandbox.sandbox import make_sid

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox

MOST_BYTES = 10 * 1024 * 1024

#: How a PDF, a JPEG and a PNG begin.
_BEGINNINGS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG")


async def upload(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Save what is known about an uploaded document, but not its content; answer with its SID."""
    form = await request.form()
    file = form.get("File")
    if not isinstance(file, UploadFile):
        raise Problem(400, 22171, "File is required")
    content = await file.read()
    if len(content) > MOST_BYTES:
        raise Problem(400, 22171, "File is larger than 10 MB")
    if not content.startswith(_BEGINNINGS):
        raise Problem(400, 22171, "File must be PDF, JPEG or PNG")
    digest = hashlib.sha256(content).hexdigest()
    place = sandbox.database.count("documents")
    sid = make_sid("RD", account, digest, place)
    arrived = place >= sandbox.variants.empty_uploads
    kind, name = str(form.get("document_type", "utility_bill")), str(form.get("friendly_name", ""))
    # What came back empty belongs to nobody, so no order can name it.
    owner = account if arrived else ""
    sandbox.database.add_document((sid, owner, kind, name, len(content), digest))
    answer = {
        "sid": sid,
        "document_type": kind,
        "status": "DRAFT",
        "friendly_name": name,
        "mime_type": file.content_type if arrived else "",
    }
    return JSONResponse(answer, status_code=201)
