"""Mail out: one message through an SMTP server whose address is a URL."""

from __future__ import annotations

import smtplib
import ssl
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from portops.errors import SettingsError

if TYPE_CHECKING:
    from email.message import EmailMessage

    from portops.redaction import Secret

#: Seconds to wait for the server.
PATIENCE = 30.0


def sender_of(url: Secret) -> str:
    """Return who the mail comes from: `?from=` of the URL, else its user, else a local name."""
    parts = urlsplit(url.reveal())
    named = parse_qs(parts.query).get("from", [""])[0]
    user = unquote(parts.username or "")
    return named or (user if "@" in user else f"portops@{parts.hostname or 'localhost'}")


def send(url: Secret, message: EmailMessage) -> None:
    """Send a message through `smtp://user:password@host:587` or `smtps://…:465`.

    `smtp` turns to TLS where the server offers it, and must when a password is sent. Raises
    SettingsError when it cannot be done; the message never names the password.
    """
    parts = urlsplit(url.reveal())
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingsError(
            "PORTOPS_SMTP_URL is no address of a mail server.",
            "Write it as smtp://user:password@mail.example.com:587.",
        )
    where = f"{parts.hostname}:{parts.port or (465 if parts.scheme == 'smtps' else 587)}"
    host, _, port = where.rpartition(":")
    context = ssl.create_default_context()
    try:
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, int(port), timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, int(port), timeout=PATIENCE)
        with server:
            secure = parts.scheme == "smtps"
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                secure = True
            if parts.username:
                if not secure:
                    raise SettingsError(
                        f"The mail server {where} offers no TLS; the password is not sent.",
                        "Use smtps://, or leave the user out of PORTOPS_SMTP_URL.",
                    )
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        words = type(error).__name__
        raise SettingsError(
            f"The mail was not sent: {where} ({words}).", "Check PORTOPS_SMTP_URL and the network."
        ) from error
