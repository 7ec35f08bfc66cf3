"""Settings: from `portops.toml`, then the environment; one frozen value, read once at a door."""

from __future__ import annotations

import getpass
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from portops.errors import SettingsError
from portops.facts.business_time import DEFAULT_ZONE
from portops.providers import limits_of
from portops.redaction import Secret

DEFAULT_STORE = "sqlite:///portops.db"

_PLAIN = ("store", "provider", "operator", "timezone", "sandbox_url", "out")
_SECRETS = ("token", "password", "secret", "pin", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. Secrets show as `•••`."""

    store: str = DEFAULT_STORE
    provider: str = "sandbox"
    operator: str = "unknown"
    timezone: str = DEFAULT_ZONE
    out: str = "reports"
    sandbox_url: str = "http://127.0.0.1:8765"
    sandbox_account: str = "AC00000000000000000000000000000001"
    sandbox_token: Secret = field(default_factory=lambda: Secret("sandbox-admin"))
    twilio_url: str = "https://numbers.twilio.com"
    twilio_upload_url: str = "https://numbers-upload.twilio.com"
    twilio_account_sid: str | None = None
    twilio_auth_token: Secret | None = None
    secret_key: Secret | None = None
    smtp_url: Secret | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)

    def but(self, **changes: Any) -> Settings:
        """Return the settings with some values replaced; None changes nothing."""
        known = {name: value for name, value in changes.items() if value is not None}
        changed = replace(self, **known)
        limits_of(changed.provider)
        return changed


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.is_file():
        if required:
            raise SettingsError(f"{path} does not exist.", "Check --config.")
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}.", "Mend the line it names."
        ) from error
    known: dict[str, Any] = {}
    for name, value in raw.items():
        if set(name.casefold().split("_")) & set(_SECRETS):
            raise SettingsError(
                f"{path} holds '{name}'; secrets do not belong into a file.",
                "Remove it there and set it in the environment.",
            )
        if name == "mapping" and isinstance(value, dict):
            known["mapping"] = {str(header): str(column) for header, column in value.items()}
        elif name in _PLAIN and isinstance(value, str):
            known[name] = value
        else:
            raise SettingsError(
                f"{path} holds '{name}', which is no setting.",
                f"Known are: {', '.join(_PLAIN)} and a table [mapping].",
            )
    return known


def load(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; the environment goes before the file. Raises SettingsError."""
    env = os.environ if environment is None else environment
    values = _from_file(config or Path("portops.toml"), required=config is not None)
    values.setdefault("operator", _operator())
    names = {
        "PORTOPS_STORE": "store",
        "PORTOPS_PROVIDER": "provider",
        "PORTOPS_OPERATOR": "operator",
        "PORTOPS_SANDBOX_URL": "sandbox_url",
        "PORTOPS_TWILIO_URL": "twilio_url",
        "PORTOPS_TWILIO_UPLOAD_URL": "twilio_upload_url",
        "TWILIO_ACCOUNT_SID": "twilio_account_sid",
        "PORTOPS_SANDBOX_ACCOUNT": "sandbox_account",
    }
    values |= {ours: env[theirs] for theirs, ours in names.items() if env.get(theirs)}
    for theirs, ours in (
        ("TWILIO_AUTH_TOKEN", "twilio_auth_token"),
        ("PORTOPS_SANDBOX_TOKEN", "sandbox_token"),
        ("PORTOPS_SECRET_KEY", "secret_key"),
        ("PORTOPS_SMTP_URL", "smtp_url"),
    ):
        if env.get(theirs):
            values[ours] = Secret(env[theirs])
    return Settings(**values).but()
