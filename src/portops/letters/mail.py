"""Mail: send a message through an SMTP server whose address is a URL."""

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
    """Return the sender's address: `?from=` in the URL, else its user, else `portops@` its host."""
    parts = urlsplit(url.reveal())
    sender = parse_qs(parts.query).get("from", [""])[0]
    user = unquote(parts.username or "")
    return sender or (user if "@" in user else f"portops@{parts.hostname or 'localhost'}")


def send(url: Secret, message: EmailMessage) -> None:
    """Send a message through `smtp://user:password@host:587` or `smtps://…:465`.

    `smtp` switches to TLS if the server offers it; with a password, the server must offer it.
    Raises SettingsError when the message can't be sent; the error never contains the password.
    """
    parts = urlsplit(url.reveal())
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingsError(
            "PORTOPS_SMTP_URL isn't a mail server's address.",
            "Write it as smtp://user:password@mail.example.com:587.",
        )
    host, secure = parts.hostname, parts.scheme == "smtps"
    port = parts.port or (465 if secure else 587)
    context = ssl.create_default_context()
    try:
        server: smtplib.SMTP
        if secure:
            server = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE)
        with server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                secure = True
            if parts.username:
                if not secure:
                    raise SettingsError(
                        f"The mail server {host}:{port} has no TLS, so the password wasn't sent.",
                        "Use smtps://, or remove the user from PORTOPS_SMTP_URL.",
                    )
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise SettingsError(
            f"The message was not sent through {host}:{port} ({type(error).__name__}).",
            "Check PORTOPS_SMTP_URL and the network.",
        ) from error
