"""The courier: sends the mails that wait, one after another, until each is accepted."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from contextlib import suppress
from email.errors import MessageError
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from portops.letters.mail import ServerDown, Undeliverable
from portops.sandbox.mailroom import compose

if TYPE_CHECKING:
    from portops.sandbox.outbox import Mail
    from portops.sandbox.sandbox import Sandbox

_log = logging.getLogger(__name__)

#: Seconds that an answer waits for its mail; the courier goes on when it is over.
PATIENCE = 2.0

#: Seconds between two looks for mails whose next try has come.
INTERVAL = 5.0


async def hurry(sandbox: Sandbox, *, all_waiting: bool = False) -> None:
    """Send the mails that are due, or all that wait; return when done or after `PATIENCE`.

    A courier that is under way takes the new mails along: two never send at once.
    """
    if sandbox.post is None:
        return
    if sandbox.courier is None or sandbox.courier.done():
        sandbox.courier = asyncio.create_task(deliver(sandbox, all_waiting=all_waiting))
    await asyncio.wait({sandbox.courier}, timeout=PATIENCE)


async def deliver(sandbox: Sandbox, *, all_waiting: bool) -> None:
    """Try each mail that is due once, or each that waits; none while nothing can be saved."""
    outbox, tried = sandbox.database.outbox, set[str]()
    while waiting := outbox.next_mail(time.time(), tried, all_waiting=all_waiting):
        tried.add(waiting.name)
        try:
            # Saved first: on a full disk the same mail would be sent again and again.
            outbox.begin(waiting, time.time())
            if not await _try(sandbox, waiting):
                return
        except sqlite3.Error as error:
            _log.warning("mail waits, because the sandbox can't use its database: %s", error)
            return


async def _try(sandbox: Sandbox, waiting: Mail) -> bool:
    """Send a mail and save what came of it; False when no other can be sent now."""
    outbox = sandbox.database.outbox
    try:
        await _send(sandbox, waiting)
    except (Undeliverable, ValueError, MessageError) as error:
        _log.warning("%s can't be delivered and is not tried again: %s", waiting.name, error)
        outbox.refused(waiting, str(error))
    except Exception as error:
        # What is wrong with one mail keeps no other from being sent.
        _log.warning("%s was not sent and will be tried again: %s", waiting.name, error)
        down = isinstance(error, ServerDown)
        outbox.failed(waiting, str(error), time.time(), server_down=down)
        return not down
    return True


async def _send(sandbox: Sandbox, waiting: Mail) -> None:
    message = compose(sandbox, waiting)
    if message is None or sandbox.post is None:
        sandbox.database.outbox.give_up_letter(waiting.order_sid)
        return
    await run_in_threadpool(sandbox.post.send, message, waiting.name)
    sandbox.database.outbox.accepted(waiting)


async def run(sandbox: Sandbox) -> None:
    """Send what an earlier run of the sandbox left, then look for what is due until canceled."""
    await hurry(sandbox, all_waiting=True)
    while True:
        await asyncio.sleep(INTERVAL)
        with suppress(Exception):
            # A database that is busy for a moment must not end all mail.
            await hurry(sandbox)
