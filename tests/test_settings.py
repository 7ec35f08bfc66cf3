"""Where settings come from, and what is said when one cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from portops.desk import Desk
from portops.desk.opened import settings_here
from portops.errors import SettingsError
from portops.providers import service
from portops.settings import IN_FILE, Settings, load


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and nothing of ours in the environment."""
    import os

    for name in list(os.environ):
        if name.startswith(("PORTOPS_", "TWILIO_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _file(text: str, encoding: str = "utf-8") -> None:
    Path("portops.toml").write_text(text, encoding=encoding)


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """What neither names has its default."""
    _file('store = "sqlite:///file.db"\noperator = "file"\n[mapping]\n"Their Header" = "email"\n')
    monkeypatch.setenv("PORTOPS_OPERATOR", "environment")
    settings = load()
    assert (settings.store, settings.operator) == ("sqlite:///file.db", "environment")
    assert settings.mapping == {"Their Header": "email"}
    assert settings.provider == "sandbox"


def test_profiles_are_beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the command is called; another process is told the same folder."""
    assert load().profiles == "profiles"
    (tmp_path / "work").mkdir()
    config = tmp_path / "work" / "portops.toml"
    config.write_text('provider = "sandbox"\n', "utf-8")
    assert load(config).profiles == str(tmp_path / "work" / "profiles")
    config.write_text('profiles = "senders"\n', "utf-8")
    settings = load(config)
    assert settings.profiles == str(tmp_path / "work" / "senders")
    assert settings.environment()["PORTOPS_PROFILES"] == settings.profiles
    monkeypatch.setenv("PORTOPS_PROFILES", str(tmp_path / "elsewhere"))
    assert load(config).profiles == str(tmp_path / "elsewhere")


def test_a_secret_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither as text nor as data."""
    monkeypatch.setenv("PORTOPS_SECRET_KEY", "a phrase that is long")
    settings = load()
    assert "phrase" not in repr(settings) + str(settings.model_dump())


def test_a_provider_reads_its_own_credentials_and_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the names its own documents use; what is missing is named, and secrets never show."""
    twilio = service("twilio")
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC1")
    with pytest.raises(SettingsError, match="Twilio are not set") as caught:
        twilio.open(load(), None)
    assert "TWILIO_AUTH_TOKEN" in caught.value.remedy
    assert "TWILIO_ACCOUNT_SID" not in caught.value.remedy
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "hush4711")
    assert twilio.secrets()["TWILIO_AUTH_TOKEN"].reveal() == "hush4711"
    assert "hush" not in repr(twilio.secrets())
    monkeypatch.setenv("PORTOPS_TWILIO_URL", "https://proxy.example")
    assert list(twilio.addresses().values()) == [
        "https://proxy.example",
        "https://numbers-upload.twilio.com",
    ]


@pytest.mark.parametrize("name", ["PORTOPS_TWILIO_UL", "PORTOPS_TELNYX_UL", "PORTOPS_SANDBOX_UL"])
def test_a_mistyped_variable_of_a_provider_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What nobody reads would pass for what was meant."""
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError, match=name):
        settings_here()


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that sets a variable to nothing sets nothing."""
    monkeypatch.setenv("PORTOPS_STORE", "")
    assert load().store == "sqlite:///portops.db"


def test_a_file_of_windows_is_read() -> None:
    """Notepad begins a file with a byte order mark."""
    _file('operator = "Łukasz"\n', encoding="utf-8-sig")
    assert load().operator == "Łukasz"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('operator = "a"\nstore = 5\n', 2, "'store' cannot be used"),
        ('\n\nstroe = "sqlite:///a.db"\n', 3, "'stroe' is not a setting"),
        ('timezone = "Mars/Olympus"\n', 1, "not a time zone"),
        ('out = "x"\nmapping = "Email"\n', 2, "'mapping' cannot be used"),
        ('out = "x"\n\n[mapping]\n"A" = "nope"\n', 3, "'A' names the field 'nope'"),
        ('secret_key = "abc"\n', 1, "secrets do not belong in a file"),
        ('twilio_auth_token = "abc"\n', 1, "secrets do not belong in a file"),
    ],
)
def test_a_wrong_line_is_named(text: str, line: int, words: str) -> None:
    """With its number, in words, and never with a secret's value."""
    _file(text)
    with pytest.raises(SettingsError) as refused:
        settings_here()
    assert f"portops.toml, line {line}: " in str(refused.value)
    assert words in str(refused.value)
    assert "abc" not in str(refused.value)
    assert refused.value.remedy


def test_a_file_that_is_no_toml_is_refused() -> None:
    """The parser's line is passed on."""
    _file("store = \n")
    with pytest.raises(SettingsError, match="line 1"):
        load()


def test_a_misspelled_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typo must not lead to another store than was meant."""
    monkeypatch.setenv("PORTOPS_STROE", "sqlite:///a.db")
    with pytest.raises(SettingsError) as refused:
        load()
    assert "PORTOPS_STROE" in str(refused.value)
    assert refused.value.remedy == "Did you mean PORTOPS_STORE?"


def test_a_provider_reads_variables_of_its_own_name(
    monkeypatch: pytest.MonkeyPatch, plugin: Path
) -> None:
    """Those of other packages, which need not say which they are."""
    monkeypatch.setenv("PORTOPS_EXAMPLE_URL", "http://127.0.0.1:1")
    assert settings_here().provider == "sandbox"
    monkeypatch.setenv("PORTOPS_TWILIO_ULR", "http://127.0.0.1:1")
    with pytest.raises(SettingsError, match="PORTOPS_TWILIO_ULR"):
        settings_here()


def test_a_changed_setting_is_checked_like_any() -> None:
    """`but` gives new settings; None changes nothing."""
    settings = Settings()
    assert settings.but(store=None) is settings
    assert settings.but(store="sqlite:///b.db").store == "sqlite:///b.db"
    with pytest.raises(SettingsError, match="'store' cannot be used"):
        settings.but(store=5)
    with pytest.raises(SettingsError, match="'stroe' cannot be used"):
        settings.but(stroe="x")


def test_what_a_file_may_hold_are_settings() -> None:
    """The list names real fields."""
    assert set(IN_FILE) <= set(Settings.model_fields)


@pytest.mark.parametrize(
    ("text", "words"),
    [("x", "is not JSON"), ('{"A": "nope"}', "'A' names the field 'nope'")],
)
def test_a_wrong_mapping_of_the_environment_is_named(
    monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    """With its variable, and how to write it."""
    monkeypatch.setenv("PORTOPS_MAPPING", text)
    with pytest.raises(SettingsError, match=f"PORTOPS_MAPPING.*{words}") as refused:
        Desk()
    assert "email" in str(refused.value.remedy)
