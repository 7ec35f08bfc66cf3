"""A provider's words file is checked when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from portops.errors import SettingsError
from portops.facts.causes import CAUSES
from portops.facts.statuses import STATUSES
from portops.providers import PROVIDERS, codes, service
from portops.providers.words import read_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[causes]\n22156 = "account_number"\n22157 = "contract_lok"\n', "line 3: 'contract_lok'"),
        ('[statuses]\n"In Review" = "reviewing"\n', "line 2: 'reviewing' is no status"),
        ('[cause]\n1 = "pin"\n', "line 1: 'cause' is not known there; known are: statuses"),
        ("[causes]\n1 = 5\n", "line 2: '1' should be a valid string"),
        ('[causes]\n1 = "pin"\n1 = "pin"\n', "line 3"),
        ('[statuses]\n"a b" = "draft"\n"A-B" = "rejected"\n', "line 3: 'A-B' is there already"),
    ],
)
def test_a_slip_in_a_words_file_is_named_with_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    """A code that leads nowhere must not end in a report of next week."""
    path = tmp_path / "words.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_words(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_what_is_allowed_is_named(tmp_path: Path) -> None:
    """The remedy lists every cause."""
    path = tmp_path / "words.toml"
    path.write_text('[causes]\n1 = "contract_lok"\n')
    with pytest.raises(SettingsError) as caught:
        read_words(path)
    assert all(cause in caught.value.remedy for cause in CAUSES)


@pytest.mark.parametrize("name", PROVIDERS.names())
def test_every_providers_words_lead_to_ours(name: str) -> None:
    """Each words file can be read."""
    words = service(name).words()
    assert set(words.causes.values()) <= set(CAUSES)
    assert set(words.statuses.values()) <= set(STATUSES)


def test_codes_are_each_providers_own() -> None:
    """The sandbox speaks Twilio's and is not listed again."""
    assert set(codes()) >= {"bandwidth", "telnyx", "twilio"}
    assert "sandbox" not in codes()
    assert codes()["telnyx"]["PASSCODE_PIN_INVALID"] == "pin"
