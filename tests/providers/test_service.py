"""What portops knows of each provider, and how it says what is missing."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from dataclasses import replace

import pytest

from portops import providers
from portops.errors import SettingsError
from portops.providers import PROVIDERS, limits_of, open_provider, service
from portops.settings import Settings


def test_every_folder_is_a_provider_and_every_module_is_machinery() -> None:
    """Adding a folder is all there is to do for a provider."""
    modules = list(pkgutil.iter_modules(providers.__path__))
    folders = {module.name.replace("_", "-") for module in modules if module.ispkg}
    assert folders == {"bandwidth", "sandbox", "telnyx", "twilio"}
    assert folders <= set(PROVIDERS.names())
    assert PROVIDERS.machinery == {module.name for module in modules if not module.ispkg}


@pytest.mark.parametrize("name", PROVIDERS.names())
def test_every_provider_says_who_it_is(name: str) -> None:
    """Name, company on letters, limits: whatever else asks for them."""
    one = service(name)
    assert one.name == name
    assert one.company
    assert one.limits.letter in {"provider", "us"}
    assert limits_of(name) == one.limits


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    """The names come from the registry."""
    with pytest.raises(SettingsError, match="'acme' is not a provider") as caught:
        service("acme")
    assert "twilio" in caught.value.remedy


@pytest.mark.parametrize("name", ["bandwidth"])
def test_what_cannot_be_opened_yet_is_said_plainly(name: str) -> None:
    """It is a setting to change, not an error on the way."""
    with (
        pytest.raises(SettingsError, match="cannot submit through") as caught,
        open_provider(Settings(provider=name)),
    ):
        pass
    assert caught.value.remedy == "Choose --provider sandbox, twilio or telnyx."


def test_missing_credentials_are_named() -> None:
    """Only what is missing; a secret that is there never shows."""
    bandwidth = replace(service("bandwidth"), credentials=("A_USER", "A_KEY"))
    with pytest.raises(SettingsError, match="credentials of Bandwidth") as caught:
        bandwidth.secrets({"A_USER": "hush-hush"})
    assert caught.value.remedy == "Set A_KEY in the environment."
    secrets = bandwidth.secrets({"A_USER": "hush-hush", "A_KEY": "hush"})
    assert secrets["A_USER"].reveal() == "hush-hush"
    assert "hush" not in repr(secrets)


def test_a_provider_that_calls_nobody_says_so() -> None:
    """There is nothing to receive, and pulling is named."""
    with pytest.raises(SettingsError, match="calls nobody") as caught:
        service("bandwidth").proof(Settings())
    assert "portops pull" in caught.value.remedy


def test_names_and_limits_load_no_adapter() -> None:
    """Settings ask for a provider's limits; that costs no HTTP library."""
    code = (
        "import sys; from portops.providers import PROVIDERS, limits_of; "
        "[limits_of(name) for name in PROVIDERS.names()]; "
        "sys.exit(bool({'httpx', 'stamina', 'pydantic'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
