"""The letter in a browser: the routes behind a mailed link, where it is read, signed or declined.

Whoever has the link is the one it was mailed to: it cannot be guessed, works once and ends.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from portops.letters.letter import Record
from portops.sandbox import orders, pages, signing

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.ordering import Sandbox
    from portops.sandbox.orders import Order


def _letter(sandbox: Sandbox, key: str) -> tuple[dict[str, Any], dict[str, Any], Order] | Response:
    """Return a letter that can be answered now, or the page that says why not."""
    kept = sandbox.book.letter(signing.hash_of(key))
    if kept is None:
        return pages.said_page(
            "No such letter", "The link is not complete, or a newer one was sent.", 404
        )
    if kept["used_at"] is not None:
        return pages.said_page(
            "Answered already", f"This letter was {kept['outcome']}. Thank you.", 410
        )
    found = sandbox.book.order(kept["order_sid"])
    now = sandbox.clock.now()
    if found is None or datetime.fromisoformat(kept["expires_at"]) <= now:
        return pages.said_page("The link has expired", "Ask for a new request.", 410)
    if orders.request_status(found[2], now)[0] not in orders.SIGNABLE:
        return pages.said_page("Nothing to sign", "The request has ended.", 410)
    return kept, found[1], found[2]


async def _ask(
    key: str, kept: dict[str, Any], body: dict[str, Any], order: Order, wrong: str = ""
) -> Response:
    letter = await run_in_threadpool(signing.letter_of, body, order, kept["written"])
    given = body["losing_carrier_information"]
    about = {
        "name": str(given.get("authorized_representative")),
        "sid": order.sid,
        "customer": str(given.get("customer_name")),
        "count": str(len(order.numbers)),
    }
    return pages.sign_page(key, about, await run_in_threadpool(signing.pages_of, letter), wrong)


async def _sign_page(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    key = request.path_params["key"]
    found = _letter(sandbox, key)
    return found if isinstance(found, Response) else await _ask(key, *found)


async def _letter_file(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    found = _letter(sandbox, request.path_params["key"])
    if isinstance(found, Response):
        return found
    kept, body, order = found
    content: bytes | None = await run_in_threadpool(signing.letter_of, body, order, kept["written"])
    page, kind = request.path_params.get("page"), "application/pdf"
    if page is not None and content is not None:
        content = await run_in_threadpool(signing.picture_of, content, page - 1)
        kind = "image/png"
    if content is None:
        return pages.said_page("No such page", "The letter is shorter.", 404)
    return Response(
        content,
        media_type=kind,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _drawing(text: str) -> bytes | None:
    """Read a drawn signature; raises ValueError when it is no small PNG."""
    if not text.startswith("data:image/png;base64,"):
        return None
    data = base64.b64decode(text.partition(",")[2], validate=True)
    with Image.open(BytesIO(data)) as picture:
        if picture.format != "PNG" or picture.width * picture.height > 2_000_000:
            raise ValueError("no small PNG")
        picture.load()
    return data


async def _answer(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    key = request.path_params["key"]
    found = _letter(sandbox, key)
    if isinstance(found, Response):
        return found
    kept, body, order = found
    form = await request.form(max_fields=8, max_part_size=1024 * 1024)
    given = {
        name: str(form.get(name) or "").strip()
        for name in ("answer", "typed", "consent", "reason", "drawing")
    }
    now = sandbox.clock.now().replace(microsecond=0)
    if given["answer"] == "decline":
        if not given["reason"]:
            return await _ask(key, *found, "Please say why you decline.")
        reason = (
            f"The letter of authorization was not signed; it was declined: {given['reason'][:300]}"
        )
        if sandbox.book.use_letter(order.sid, now, "declined"):
            sandbox.book.decline(order.sid, now, reason)
        return pages.said_page("Declined", "The request was ended. Nothing will be ported.")
    if len(given["typed"]) < 3 or given["consent"] != "yes":
        return await _ask(key, *found, "Please type your full name and tick the consent.")
    try:
        drawing = _drawing(given["drawing"])
    except (ValueError, OSError):
        return await _ask(key, *found, "The drawing could not be read; please draw it again.")
    letter = await run_in_threadpool(signing.letter_of, body, order, kept["written"])
    record = Record(
        signed_by=given["typed"][:80],
        signed_at=now,
        address=request.client.host if request.client else "unknown",
        letter_hash=hashlib.sha256(letter).hexdigest(),
        drawing=drawing,
    )
    folder = sandbox.folder / "letters"
    signed = await run_in_threadpool(signing.sign, folder, body, order, kept["written"], record)
    if not sandbox.book.use_letter(order.sid, now, "signed"):
        return pages.said_page(
            "Answered already", "This letter was answered before. Thank you.", 410
        )
    (folder / f"{order.sid}.pdf").write_bytes(signed)
    sandbox.book.sign(order.sid, now)
    if sandbox.post is not None:
        await run_in_threadpool(signing.copies, sandbox.post, body, order, signed)
    return pages.said_page(
        "Thank you", "The letter is signed; a copy is on its way to you by e-mail."
    )


#: The routes that need no account: the link's key stands for it.
ROUTES = (
    Route("/sign/{key}", _sign_page, methods=["GET"]),
    Route("/sign/{key}", _answer, methods=["POST"]),
    Route("/sign/{key}/letter.pdf", _letter_file, methods=["GET"]),
    Route("/sign/{key}/letter-{page:int}.png", _letter_file, methods=["GET"]),
)
