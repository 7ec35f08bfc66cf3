"""The providers that the contract's suite is run for: each with how its dialect is reached.

Another provider joins with one line in DIALECTS.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import SHARED, Served

from portops.providers import service
from portops.providers.base import Provider
from portops.providers.service import IsGenuine
from portops.sandbox.telnyx.telling import public_key
from portops.settings import Settings

ACCOUNT = "AC00000000000000000000000000000001"


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A provider as the sandbox speaks it.

    `hosts` are the variables that name its hosts, each with the path below the sandbox's address;
    `credentials` its variables and their values, `wrong` what makes them wrong. `creates` is the
    path of the call that creates a request, `numbers` tells whether one number can be canceled.
    `signs` are letters that the customer signs in the sandbox. `document` is the published OpenAPI
    document, whose paths begin `below` the sandbox's address.
    """

    name: str
    hosts: Mapping[str, str]
    credentials: Mapping[str, str]
    wrong: Mapping[str, str]
    creates: str
    numbers: bool
    signs: bool
    document: Path
    below: str = ""

    def environment(self, served: Served, patched: pytest.MonkeyPatch, **changes: str) -> None:
        """Set the variables by which the provider is opened."""
        for name, path in self.hosts.items():
            patched.setenv(name, served.url + path)
        patched.setenv("TELNYX_PUBLIC_KEY", public_key(served.sandbox))
        for name, value in {**self.credentials, **changes}.items():
            patched.setenv(name, value)

    def open(self) -> AbstractContextManager[Provider]:
        """Open the adapter by its service, as the desk does; without waiting for its pace."""
        return service(self.name).open(Settings(provider=self.name), 4)

    def proof(self) -> IsGenuine:
        """Return what proves a call to be the provider's."""
        return service(self.name).proof(Settings(provider=self.name))


TWILIO = Dialect(
    name="twilio",
    hosts={"PORTOPS_TWILIO_URL": "", "PORTOPS_TWILIO_UPLOAD_URL": ""},
    credentials={"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "sandbox-admin"},
    wrong={"TWILIO_AUTH_TOKEN": "wrong"},
    creates="/v1/Porting/PortIn",
    numbers=True,
    signs=True,
    document=Path(__file__).parents[2] / "sandbox" / "twilio_numbers_v1.porting.openapi.json",
)

TELNYX = Dialect(
    name="telnyx",
    hosts={"PORTOPS_TELNYX_URL": "/v2"},
    credentials={"TELNYX_API_KEY": "sandbox-admin"},
    wrong={"TELNYX_API_KEY": "wrong"},
    creates="/porting_orders",
    numbers=False,
    signs=False,
    document=SHARED.parent / "facts" / "telnyx-porting.openapi.json",
    below="/v2",
)

DIALECTS = [TWILIO, TELNYX]
