"""The one place that speaks HTTP: sends, waits, and turns what goes wrong into our errors."""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
import stamina
from stamina import instrumentation

from portops.errors import AccessError, ProviderError, Refused, Unavailable, Unclear
from portops.providers.announcing import before_sending, elapsed
from portops.providers.pace import Pace
from portops.providers.refusals import is_its_own, json_of, wait_of, who_can, words_of_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from stamina.instrumentation import RetryDetails, RetryHook

_log = logging.getLogger(__name__)

#: Seconds to connect, and to wait for an answer.
CONNECT, ANSWER = 5.0, 30.0

# Nothing of the request has left when one of these is raised.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


#: Answers to a POST that prove that nothing was created, where the body is the provider's own.
#: Every other one may have been given by something in between, or after the provider accepted.
PROOF = frozenset({400, 401, 403, 404, 422})


@cache
def _certificates() -> ssl.SSLContext:
    """Load the trusted certificates once: it takes longer than many a request."""
    return httpx.create_ssl_context()


def _not_of_ours(hook: RetryHook) -> RetryHook:
    def others(details: RetryDetails) -> Any:
        return None if isinstance(details.caused_by, _Busy) else hook(details)

    return others


def _say(details: RetryDetails) -> None:
    """Say that we try again, in our words; it is no news unless somebody looks for it."""
    if isinstance(details.caused_by, _Busy):
        _log.info("%s Trying again in %.1f s.", str(details.caused_by), details.wait_for)


@cache
def _speak_for_ourselves() -> None:
    """Keep the library's line, with a class of ours in it, to what others repeat with it."""
    hooks = [_not_of_ours(hook) for hook in instrumentation.get_on_retry_hooks()]
    instrumentation.set_on_retry_hooks([*hooks, _say])


class Transport:
    """A connection pool to one host, with HTTP Basic credentials or one key as Bearer token.

    Questions (GET, DELETE, uploads) are repeated while the host is busy or cannot be reached; a
    POST is repeated only when nothing of it was taken: no connection, or 429.
    """

    def __init__(  # noqa: PLR0913 - what providers differ in
        self,
        url: str,
        credentials: tuple[str, str] | str,
        *,
        name: str,
        pace: Pace | None = None,
        attempts: int = 4,
        patience: float = 45.0,
        proof: frozenset[int] = PROOF,
    ) -> None:
        _speak_for_ourselves()
        self._proof = proof
        #: The provider's time of its last answer, and when that came (see `elapsed`).
        self._heard: tuple[datetime, float] | None = None
        self._pace = pace or Pace(rate=1_000, places=64)
        self._name = name
        self._url = url
        key = isinstance(credentials, str)
        what = "API key" if key else "account SID and the token"
        self._credentials = f"Check the {what} in the environment."
        self._attempts = attempts
        self._patience = patience
        headers = {"Accept": "application/json", "User-Agent": "portops"}
        if isinstance(credentials, str):
            headers["Authorization"] = f"Bearer {credentials}"
        self._client = httpx.Client(
            base_url=url,
            auth=None if isinstance(credentials, str) else credentials,
            verify=_certificates(),
            timeout=httpx.Timeout(ANSWER, connect=CONNECT),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
            headers=headers,
        )

    def now(self) -> datetime | None:
        """Return the provider's time (UTC), by the `Date` of its last answer; None before one."""
        if self._heard is None:
            return None
        date, at = self._heard
        return date + timedelta(seconds=elapsed() - at)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        answers: Callable[[Any], bool] = lambda _: False,
        **options: Any,
    ) -> Any:
        """Send what may be repeated; returns the JSON, None where there is no body.

        `answers` tells whether the JSON of a 400 is the answer to the question, not an error.
        """

        def once() -> Any:
            try:
                return self._send(method, path, answers=answers, **options)
            except Unclear as error:
                # Asking twice does no harm, so an unclear question is only an open one.
                raise _Busy(str(error), status=error.status) from error

        return self._patiently(once)

    def post(self, path: str, **options: Any) -> Any:
        """Send what must not be repeated; each time it is sent, `before_sending` is asked first.

        It is asked once more when the connection is made and the body is about to leave: a call
        without its body creates nothing.

        Raises Unclear when it may have worked, Unavailable when it cannot have.
        """
        return self._patiently(lambda: self._send("POST", path, posting=True, **options))

    def _patiently(self, call: Callable[[], Any]) -> Any:
        def wait(error: Exception) -> bool | timedelta:
            if isinstance(error, _Busy):
                return timedelta(seconds=error.retry_after) if error.retry_after else True
            return False

        for attempt in stamina.retry_context(
            on=wait,
            attempts=self._attempts,
            timeout=self._patience,
            wait_initial=0.2,
            wait_max=8.0,
            wait_jitter=0.5,
        ):
            with attempt:
                return call()
        return None

    def _send(
        self,
        method: str,
        path: str,
        *,
        posting: bool = False,
        answers: Callable[[Any], bool] = lambda _: False,
        **options: Any,
    ) -> Any:
        try:
            with self._pace.turn():
                if posting:
                    before_sending()
                    options = {**options, "extensions": {"trace": _asks_again}}
                answer = self._client.request(method, path, **options)
        except _NEVER_SENT as error:
            raise _Busy(f"{self._name} does not answer at {self._url}.", self._remedy()) from error
        except httpx.HTTPError as error:
            raise Unclear(
                f"{self._name} was sent a request and did not answer ({type(error).__name__})."
            ) from error
        self._hear(answer)
        if answer.status_code == httpx.codes.BAD_REQUEST and answers(body := json_of(answer)):
            return body
        return self._judge(answer, posting=posting)

    def _hear(self, answer: httpx.Response) -> None:
        """Keep the provider's time."""
        try:
            date = parsedate_to_datetime(answer.headers["Date"])
        except (KeyError, ValueError):
            return
        if date.tzinfo is not None:
            self._heard = (date.astimezone(UTC), elapsed())

    def _remedy(self) -> str:
        if self._name == "sandbox":
            return "Start it with `portops sandbox serve`, or set PORTOPS_SANDBOX_URL."
        return "Check the network and the provider's status page, then run the command again."

    def _judge(self, answer: httpx.Response, *, posting: bool) -> Any:
        if answer.is_success:
            if not answer.content:
                return None
            try:
                return answer.json()
            except (ValueError, RecursionError) as error:
                raise Unclear(f"{self._name} gave an answer that is not JSON.") from error
        words, code = words_of_error(answer)
        status = answer.status_code
        if posting and not self._proves_refusal(answer):
            raise Unclear(
                f"{self._name} answered {status} ({words}), which doesn't say whether it took the "
                "request.",
                status=status,
                code=code,
            )
        if status == httpx.codes.UNAUTHORIZED:
            raise AccessError(
                f"{self._name} does not accept the credentials: {words}",
                self._credentials,
            )
        if status == httpx.codes.FORBIDDEN:
            reason = f"{words} (code {code})" if code else words
            raise AccessError(f"{self._name} does not allow this: {reason}", who_can(words))
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait = wait_of(answer)
            if wait:
                self._pace.pause(wait)
            raise _Busy(
                f"{self._name} asks for fewer requests at a time.",
                "Wait a minute, or submit with a smaller --concurrency.",
                status=status,
                retry_after=wait,
            )
        if status >= 500 or answer.is_redirect:
            raise Unclear(f"{self._name} failed ({status}): {words}", status=status, code=code)
        raise Refused(f"{self._name} refuses: {words}", status=status, code=code)

    def _proves_refusal(self, answer: httpx.Response) -> bool:
        """Tell whether nothing can have been created: the provider itself said no, or not now."""
        busy = httpx.codes.TOO_MANY_REQUESTS
        return answer.status_code in self._proof | {busy} and is_its_own(answer)


def _asks_again(event: str, _: dict[str, Any]) -> None:
    """Ask before the body of a POST leaves: connecting takes time, and the process may be stopped."""
    if event.endswith("send_request_body.started"):
        before_sending()


class _Busy(Unavailable):
    """Not now: unreachable, or asked to wait `retry_after` seconds."""

    def __init__(
        self,
        message: str,
        remedy: str | None = None,
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        ProviderError.__init__(self, message, remedy, status=status)
        self.retry_after = retry_after
