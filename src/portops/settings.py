"""Settings: from `portops.toml`, then the environment; one frozen value, read once at a door."""

from __future__ import annotations

import getpass
import json
import os
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as NotParsed
from rapidfuzz import process

from portops.errors import InputError, SettingsError
from portops.facts.business_time import DEFAULT_ZONE, zone
from portops.redaction import Secret

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

DEFAULT_STORE = "sqlite:///portops.db"

#: What a file may hold; secrets and a provider's account come from the environment.
IN_FILE = ("store", "provider", "operator", "timezone", "sandbox_url", "out", "mapping", "profiles")

#: A name with one of these words in it is a secret's.
_SECRET_WORDS = frozenset({"token", "password", "secret", "pin", "key"})

_PREFIX = "PORTOPS_"


def _hidden(value: object) -> object:
    return Secret(value) if isinstance(value, str) else value


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


#: A text that shows as `•••`.
Hidden = Annotated[Secret, BeforeValidator(_hidden)]


class Settings(BaseModel):
    """Everything that can be set. Secrets show as `•••`.

    `mapping` names the field of their headers, for every workbook; a header that a workbook does
    not have is no error. `profiles` is the folder of the senders' profiles, beside `portops.toml`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    store: str = DEFAULT_STORE
    provider: str = "sandbox"
    operator: str = "unknown"
    timezone: str = DEFAULT_ZONE
    out: str = "reports"
    sandbox_url: str = "http://127.0.0.1:8765"
    sandbox_account: str = "AC00000000000000000000000000000001"
    sandbox_token: Hidden = Secret("sandbox-admin")
    secret_key: Hidden | None = None
    smtp_url: Hidden | None = None
    mapping: Mapping[str, str] = Field(default_factory=dict)
    profiles: str = "profiles"

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            zone(name)
        except InputError as error:
            raise ValueError(str(error)) from error
        return name

    def but(self, **changes: Any) -> Settings:
        """Return the settings with some values replaced; None changes nothing.

        Raises SettingsError for a name or a value that does not fit.
        """
        given = {name: value for name, value in changes.items() if value is not None}
        if not given:
            return self
        return _valid({**dict(self), **given}, "The settings")

    def environment(self) -> dict[str, str]:
        """Return the environment in which another process reads these same settings."""
        given = {name: value for name, value in self if value is not None and name != "mapping"}
        texts = {
            _PREFIX + name.upper(): value.reveal() if isinstance(value, Secret) else str(value)
            for name, value in given.items()
        }
        return {**texts, f"{_PREFIX}MAPPING": json.dumps(dict(self.mapping))}


class _File(PydanticBaseSettingsSource):
    """What `portops.toml` says."""

    def __init__(self, settings_cls: type[BaseSettings], values: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


def _outside(file: dict[str, Any]) -> type[BaseSettings]:
    """Make the model that reads the environment, then the file."""

    class Outside(Settings, BaseSettings):
        model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore")

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (env_settings, _File(settings_cls, file))

    return Outside


def _valid(values: dict[str, Any], where: str) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        raise _refusal(error, where) from None


def _refusal(error: ValidationError, where: str) -> SettingsError:
    """Say the first thing that does not fit; never the value, which may be a secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"]) or "a value"
    reason = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    return SettingsError(f"{where}: '{name}' cannot be used. {reason}.", "Correct this setting.")


def _line(text: str, name: str) -> int:
    """Return the line of a file on which a top-level name is set."""
    match = re.search(
        rf"^[ \t]*(?:\[[ \t]*)?[\"']?{re.escape(name)}[\"']?\s*[=\].]", text, re.MULTILINE
    )
    return text.count("\n", 0, match.start()) + 1 if match else 1


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.is_file():
        if required:
            raise SettingsError(f"{path} does not exist.", "Check --config.")
        return {}
    try:
        # Windows editors begin a UTF-8 file with a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", "Fix the line it names.") from error
    for name in values:
        where = f"{path}, line {_line(text, name)}"
        if set(name.casefold().split("_")) & _SECRET_WORDS:
            raise SettingsError(
                f"{where}: '{name}' is a secret, and secrets do not belong in a file.",
                "Remove it there and set it in the environment.",
            )
        if name not in IN_FILE:
            raise SettingsError(
                f"{where}: '{name}' is not a setting.", f"Settings are: {', '.join(IN_FILE)}."
            )
    try:
        Settings(**values)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise _refusal(error, f"{path}, line {_line(text, name)}") from None
    return values


def _refuse_unknown(
    environment: Mapping[str, str], variables: Callable[[], Mapping[str, Collection[str] | None]]
) -> None:
    """Raise SettingsError for a `PORTOPS_…` variable that nothing reads: a typo must not pass.

    `variables` are those of each provider; None: what begins with its name is its own to read.
    """
    ours = {_PREFIX + name.upper() for name in Settings.model_fields}
    strange = {name.upper(): name for name in environment if name.upper().startswith(_PREFIX)}
    if ours.issuperset(strange):
        return
    free = []
    for provider, names in variables().items():
        if names is None:
            free.append(f"{_PREFIX}{provider.upper().replace('-', '_')}_")
        else:
            ours.update(names)
    for upper, name in strange.items():
        if upper in ours or upper.startswith(tuple(free)):
            continue
        best = process.extractOne(name, sorted(ours), score_cutoff=70)
        remedy = f"Did you mean {best[0]}?" if best else f"They are: {', '.join(sorted(ours))}."
        raise SettingsError(f"The environment sets {name}, which is not a setting.", remedy)


def _check_fields(mapping: Mapping[str, str], fields: Collection[str], where: str) -> None:
    """Raise SettingsError when a mapping names something that is not a field."""
    for header, name in mapping.items():
        if fields and name not in fields:
            raise SettingsError(
                f"{where}: the mapping of '{header}' names the field '{name}', which does not "
                "exist.",
                f"Use one of: {', '.join(fields)}.",
            )


def load(
    config: Path | None = None,
    *,
    variables: Callable[[], Mapping[str, Collection[str] | None]] = dict,
    fields: Collection[str] = (),
) -> Settings:
    """Read the settings of this process; the environment goes before the file.

    `config` is the file (default: `portops.toml` in this folder, where there is one); `variables`
    gives those that providers read themselves, by provider (None: whatever begins with
    `PORTOPS_<NAME>_`); `fields` are what a mapping may name (none: not checked). Raises
    SettingsError, which names the line or the variable.
    """
    path = config or Path("portops.toml")
    file = _from_file(path, required=config is not None)
    if "mapping" in file:
        line = _line(path.read_text(encoding="utf-8-sig"), "mapping")
        _check_fields(file["mapping"], fields, f"{path}, line {line}")
    file.setdefault("operator", _operator())
    _refuse_unknown(os.environ, variables)
    try:
        outside = _outside(file)()
    except ValidationError as error:
        raise _refusal(error, "The environment") from None
    except NotParsed:
        # Of our settings, the mapping alone is read as JSON; all others are texts.
        raise SettingsError(
            f"{_PREFIX}MAPPING cannot be read: it is not JSON.",
            f"""Write headers and their fields, such as {_PREFIX}MAPPING='{{"E-mail": "email"}}'.""",
        ) from None
    settings = Settings(**{name: getattr(outside, name) for name in Settings.model_fields})
    _check_fields(settings.mapping, fields, f"{_PREFIX}MAPPING")
    if config is not None:
        # Where the file is, the profiles are; a full path stays what it is.
        return settings.but(profiles=str(path.parent / settings.profiles))
    return settings
