"""The letter in a browser: the routes behind a mailed link, where it is read, signed or declined.

The link's key is the only credential: it can't be guessed, works once and expires.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import sqlite3
import unicodedata
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from portops.files import replacing
from portops.letters.letter import Signature
from portops.sandbox import courier, mailroom, orders, pages, signing
from portops.wording import counted

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.database import PlacedOrder
    from portops.sandbox.outbox import LetterRow
    from portops.sandbox.sandbox import Sandbox

_log = logging.getLogger(__name__)

#: What the two forms of the page send.
_FIELDS = ("answer", "typed", "consent", "reason", "drawing", "authorized")


class _OpenLetter(NamedTuple):
    """A letter that can be answered now, the order it is for, and the key of its link."""

    row: LetterRow
    placed: PlacedOrder
    key: str

    async def pdf(self) -> bytes:
        _, body, order = self.placed
        return await run_in_threadpool(signing.letter_of, body, order, self.row.written)


def _open(sandbox: Sandbox, key: str) -> _OpenLetter | Response:
    """Return the letter behind a link if it can be answered now, else the page that says why not."""
    row = sandbox.database.outbox.letter_by_key(mailroom.hash_of(key))
    if row is None:
        return pages.message_page(
            "Letter not found",
            "The link is incomplete, or a newer one was sent. Use the link in the latest email.",
            404,
        )
    if row.used_at is not None:
        return _answered_page(row.outcome)
    placed = sandbox.database.order(row.order_sid)
    now = sandbox.clock.now()
    if placed is None or datetime.fromisoformat(row.expires_at) <= now:
        return pages.message_page("This link has expired", "Ask for a new request.", 410)
    if orders.request_status(placed.order, now)[0] not in orders.SIGNABLE:
        return pages.message_page("Nothing to sign", "This request has ended.", 410)
    return _OpenLetter(row, placed, key)


def _answered_page(outcome: str | None) -> Response:
    message = f"This letter was already {outcome or 'answered'}. Thank you."
    return pages.message_page("Already answered", message, 410)


async def _ask(letter: _OpenLetter, wrong: str = "", typed: str | None = None) -> Response:
    """Show the letter; with `typed`, a name that is not the representative's, ask about it."""
    information = letter.placed.body["losing_carrier_information"]
    order = letter.placed.order
    about = {
        "name": str(information.get("authorized_representative")),
        "sid": order.sid,
        "customer": str(information.get("customer_name")),
        "numbers": counted(len(order.numbers), "telephone number"),
    }
    texts = await run_in_threadpool(signing.pages_of, await letter.pdf())
    return pages.sign_page(letter.key, about, texts, wrong, typed)


def _folded(name: str) -> list[str]:
    """Return a name's words as they are compared: without case, accents, dots and commas."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(
        r"[^\w\s]|_", "", "".join(filter(lambda m: not unicodedata.combining(m), plain))
    ).split()


async def _letter_page(request: Request) -> Response:
    letter = _open(request.app.state.sandbox, request.path_params["key"])
    return letter if isinstance(letter, Response) else await _ask(letter)


async def _letter_file(request: Request) -> Response:
    letter = _open(request.app.state.sandbox, request.path_params["key"])
    if isinstance(letter, Response):
        return letter
    content: bytes | None = await letter.pdf()
    page, kind = request.path_params.get("page"), "application/pdf"
    if page is not None and content is not None:
        content = await run_in_threadpool(signing.picture_of, content, page - 1)
        kind = "image/png"
    if content is None:
        return pages.message_page("Page not found", "The letter has fewer pages.", 404)
    return Response(
        content,
        media_type=kind,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _drawing(text: str) -> bytes | None:
    """Return a drawn signature as PNG, None when nothing was drawn.

    Raises ValueError or OSError when the drawing is damaged or larger than two million pixels.
    """
    if not text.startswith("data:image/png;base64,"):
        return None
    data = base64.b64decode(text.partition(",")[2], validate=True)
    with Image.open(BytesIO(data)) as picture:
        if picture.format != "PNG" or picture.width * picture.height > 2_000_000:
            raise ValueError("not a PNG of two million pixels or less")
        picture.load()
    return data


async def _answer(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    letter = _open(sandbox, request.path_params["key"])
    if isinstance(letter, Response):
        return letter
    form = await request.form(max_fields=8, max_part_size=1024 * 1024)
    fields = {name: str(form.get(name) or "").strip() for name in _FIELDS}
    if fields["answer"] == "decline":
        if not fields["reason"]:
            return await _ask(letter, "Please enter why you are declining.")
        return _decline(sandbox, letter, fields["reason"][:300])
    if len(fields["typed"]) < 3 or fields["consent"] != "yes":
        return await _ask(letter, "Please type your full name and check the box.")
    invited = str(letter.placed.body["losing_carrier_information"].get("authorized_representative"))
    differs = _folded(fields["typed"]) != _folded(invited)
    if differs and fields["authorized"] != "yes":
        return await _ask(
            letter,
            f"The letter names {invited}, and you typed {fields['typed'][:80]}. Correct the name, "
            "or confirm below that you may sign.",
            fields["typed"][:80],
        )
    try:
        drawing = _drawing(fields["drawing"])
    except (ValueError, OSError):
        return await _ask(letter, "We couldn't read the drawing. Please draw it again.")
    signature = Signature(
        signed_by=fields["typed"][:80],
        signed_at=sandbox.clock.now().replace(microsecond=0),
        address=request.client.host if request.client else "unknown",
        letter_hash=hashlib.sha256(await letter.pdf()).hexdigest(),
        drawing=drawing,
        on_behalf=differs,
    )
    return await _sign(sandbox, letter, signature)


def _not_saved(title: str, what: str) -> Response:
    return pages.message_page(
        title,
        f"We couldn't save {what}. Go back and try again in a few minutes; your link still works.",
        503,
    )


def _decline(sandbox: Sandbox, letter: _OpenLetter, reason: str) -> Response:
    sid, now = letter.placed.order.sid, sandbox.clock.now().replace(microsecond=0)
    message = f"The letter of authorization was not signed; it was declined: {reason}"
    try:
        with sandbox.database.writing():
            if not sandbox.database.outbox.use_letter(sid, now, "declined"):
                return _answered_page(None)
            sandbox.database.outbox.give_up_letter(sid)
            sandbox.database.decline(sid, now, message)
    except sqlite3.Error as error:
        _log.warning("the answer to the letter of %s was not saved: %s", sid, error)
        return _not_saved("Not declined yet", "your answer")
    return pages.message_page("Declined", "The request has ended. No numbers will be ported.")


async def _sign(sandbox: Sandbox, letter: _OpenLetter, signature: Signature) -> Response:
    _, body, order = letter.placed
    folder = sandbox.folder / "letters"
    outbox = sandbox.database.outbox
    try:
        signed = await run_in_threadpool(
            signing.sign, folder, body, order, letter.row.written, signature
        )
        # The link is used up only if the letter is on disk and the order signed: all or nothing.
        with sandbox.database.writing():
            if not outbox.use_letter(order.sid, signature.signed_at, "signed"):
                return _answered_page(None)
            sandbox.database.sign(order.sid, signature.signed_at)
            mailroom.book_copies(sandbox, letter.placed)
            with replacing(folder / f"{order.sid}.pdf") as beside:
                beside.write_bytes(signed)
    except (OSError, sqlite3.Error) as error:
        _log.warning("the signed letter of %s was not saved: %s", order.sid, error)
        return _not_saved("Not signed yet", "the signed letter")
    await courier.hurry(sandbox)
    return pages.message_page("Thank you", "You signed the letter. We'll email you a copy.")


#: The routes that need no account: the key in the link is the credential.
ROUTES = (
    Route("/sign/{key}", _letter_page, methods=["GET"]),
    Route("/sign/{key}", _answer, methods=["POST"]),
    Route("/sign/{key}/letter.pdf", _letter_file, methods=["GET"]),
    Route("/sign/{key}/letter-{page:int}.png", _letter_file, methods=["GET"]),
)
