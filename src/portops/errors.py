"""What can go wrong, as one tree.

::

    PortopsError                 exit 2: it could not be done
    ├─ InputError                a workbook, file or argument cannot be used
    ├─ SettingsError             a setting or a secret is missing or wrong
    ├─ AccessError               this account or role may not do that
    ├─ ProviderError             the provider's side
    │  ├─ Refused                it answered no (4xx): nothing was created
    │  ├─ Unavailable            it could not be reached: nothing was sent
    │  └─ Unclear                it was sent and no answer came: it may have worked
    ├─ StoreError                the store cannot be opened, read or written
    │  └─ Unwritten              the provider has a request, and it could not be written down
    └─ ReportError               a notebook failed

`Interrupted` is none of them: it is Ctrl+C, and says what was submitted before it.

`Unclear` stands apart because a port request must never be sent twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


class PortopsError(Exception):
    """Something that could not be done: `str()` says what happened, `remedy` what to do."""

    exit_code = 2
    remedy = "Run the command again with --debug to see where it stopped."

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class InputError(PortopsError):
    """A workbook, file or argument cannot be used at all."""

    remedy = "Check the file's name, and open it once in Excel to see that it is what you expect."


class SettingsError(PortopsError):
    """A setting or a secret is missing or wrong."""

    remedy = "See the settings in README.md; secrets come from the environment."


class AccessError(PortopsError):
    """The provider knows the caller, and this account or role may not do that."""

    remedy = "Ask an administrator of the account; port-in must be switched on in Labs."


class ProviderError(PortopsError):
    """Anything on the provider's side; `status` is the HTTP status, `code` the provider's own."""

    remedy = "Try again in some minutes; run the same command, it goes on where it stopped."

    def __init__(
        self,
        message: str,
        remedy: str | None = None,
        *,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.code = code


class Refused(ProviderError):
    """The provider answered no (4xx); nothing was created."""

    remedy = "Correct what the provider names, then submit again."


class Unavailable(ProviderError):
    """The provider could not be reached, or asked us to wait; nothing was created."""


class Unclear(ProviderError):
    """The request was sent and no usable answer came back; it may have worked."""

    remedy = "Run the same command again: it asks the provider first and never sends twice."


class StoreError(PortopsError):
    """The store cannot be opened, read or written."""

    remedy = "Check PORTOPS_STORE, that its folder exists and can be written to, and that its disk has room."


class Unwritten(StoreError):
    """The provider has a request, and the store could not take it in: `request_sid` is its SID."""

    def __init__(self, request_sid: str, error: StoreError) -> None:
        super().__init__(
            f"The provider has this request as {request_sid}, but it could not be written to the "
            f"store. {error}",
            error.remedy,
        )
        self.request_sid = request_sid


class Interrupted(KeyboardInterrupt):
    """Ctrl+C while requests were submitted: `submitted` says what came of each until then."""

    def __init__(self, submitted: Any, request_sids: Collection[str]) -> None:
        super().__init__(
            f"The submission was stopped. Submitted until then: {', '.join(request_sids) or 'none'}."
        )
        self.submitted = submitted


def as_ours(error: BaseException) -> PortopsError:
    """Return an error as one of ours; what was not foreseen keeps its cause."""
    if isinstance(error, PortopsError):
        return error
    # The first line: a database's error goes on with its statement.
    words = str(error).partition("\n")[0]
    ours = PortopsError(f"unexpected {type(error).__name__}: {words}")
    ours.__cause__ = error
    return ours


class ReportError(PortopsError):
    """A notebook failed; the failed copy is kept beside the reports."""

    remedy = "Open the failed notebook: the cell that stopped is marked."
