"""Mail: send a message through an SMTP server whose address is a URL."""

from __future__ import annotations

import smtplib
import ssl
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from portops.errors import SettingsError
from portops.wording import one_line

if TYPE_CHECKING:
    from email.message import EmailMessage

    from portops.redaction import Secret

#: Seconds to wait for the server.
PATIENCE = 30.0


class ServerDown(SettingsError):
    """The mail server could not be reached, or went away: no mail can be sent now."""


class Undeliverable(SettingsError):
    """The mail server refused this message or a recipient for good (an answer 5xx)."""


def sender_of(url: Secret) -> str:
    """Return the sender's address: `?from=` in the URL, else its user, else `portops@` its host."""
    parts = urlsplit(url.reveal())
    sender = parse_qs(parts.query).get("from", [""])[0]
    user = unquote(parts.username or "")
    return sender or (user if "@" in user else f"portops@{parts.hostname or 'localhost'}")


def send(url: Secret, message: EmailMessage) -> None:
    """Send a message through `smtp://user:password@host:587` or `smtps://…:465`.

    `smtp` switches to TLS if the server offers it; with a password, the server must offer it.
    A message without `Date` or `Message-ID` gets them. Raises SettingsError when the message can't
    be sent, or when the server refuses some of the recipients, who are named; the others have got
    it then. ServerDown is raised when there is no server, Undeliverable when the server would
    refuse the message again however often it is sent. No error contains the password.
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
    if "Date" not in message:
        message["Date"] = formatdate()
    if "Message-ID" not in message:
        message["Message-ID"] = make_msgid(domain="portops.invalid")
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
            refused = server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(error.recipients, "Nobody got the message.") from error
    except smtplib.SMTPResponseException as error:
        # Only what was said of the message itself; a refused sender or password can be set right.
        for_good = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
        raise (Undeliverable if for_good else SettingsError)(
            f"The mail server {host}:{port} refused the message ({_words(error.smtp_error)}).",
            "Ask who runs the mail server.",
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ServerDown(
            f"The message was not sent through {host}:{port} ({type(error).__name__}).",
            "Check PORTOPS_SMTP_URL and the network.",
        ) from error
    if refused:
        raise _refusal(refused, "The others got the message.")


def _refusal(refused: dict[str, tuple[int, bytes]], others: str) -> SettingsError:
    """Name who was refused by the mail server, and in which words."""
    names = ", ".join(
        f"{address} ({code} {_words(text)})" for address, (code, text) in sorted(refused.items())
    )
    # Those who were only put off are not tried again either: the others would get it twice.
    for_good = any(code >= 500 for code, _ in refused.values())
    return (Undeliverable if for_good else SettingsError)(
        f"The mail server refused {names}. {others}", "Correct or remove the address."
    )


def _words(text: bytes | str) -> str:
    """Write what a mail server answered in one line."""
    return one_line(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)[:200]
