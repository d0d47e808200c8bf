"""The one configuration: flags, then `OUTLOOK_MCP_*` variables, then a TOML file; no other file reads them."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.profile import DEFAULT_PROFILE, check_profile_name
from outlook_mcp.oauth.addresses import is_loopback

PREFIX = "OUTLOOK_MCP_"
CONFIG_FILE_VARIABLE = f"{PREFIX}CONFIG"
TOOLSETS = ("mail-read", "mail-write", "mail-send")

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)


def _guid(value: str) -> str:
    if not _GUID.fullmatch(value):
        raise ValueError("the application (client) id of the Entra app registration, a GUID")
    return value.lower()


def _tenant(value: str) -> str:
    if value in ("common", "organizations", "consumers") or _GUID.fullmatch(value) or _DOMAIN.fullmatch(value):
        return value
    raise ValueError("a tenant id, a domain, or one of common, organizations, consumers")


def _service_url(value: str) -> str:
    parts = urlsplit(value)
    plain = parts.hostname and parts.username is None and not (parts.query or parts.fragment)
    if plain and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
        return value.rstrip("/")
    raise ValueError("an https:// address (http:// for this machine only), without user name, query or fragment")


def _profile(value: str) -> str:
    try:
        return check_profile_name(value)
    except ConfigurationError:
        raise ValueError("1 to 32 of the characters a-z, 0-9 and -") from None


def _file(value: Path) -> Path:
    if value.is_file():
        return value
    raise ValueError("the path of a readable file")


ServiceUrl = Annotated[str, AfterValidator(_service_url)]
Words = Annotated[tuple[str, ...], NoDecode]


class Configuration(BaseSettings):
    """Every setting, under the same name in flags, variables and file."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: Annotated[str, AfterValidator(_guid)] | None = Field(
        None, description="application (client) id of the Entra app registration"
    )
    client_secret: SecretStr | None = Field(None, description="secret of a confidential app; none for a public one")
    tenant: Annotated[str, AfterValidator(_tenant)] = Field(
        "common", description="tenant id or domain, or common, organizations, consumers"
    )
    cloud: Literal["global", "usgov", "usgov-dod", "china"] = Field("global", description="Microsoft cloud")
    graph_url: ServiceUrl | None = Field(None, description="Microsoft Graph address, when not the cloud's own")
    authority: ServiceUrl | None = Field(None, description="Entra ID address, when not the cloud's own")
    ca_file: Annotated[Path, AfterValidator(_file)] | None = Field(
        None, description="certificate authorities to trust besides the system's (PEM)"
    )
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("outlook-mcp", appauthor=False),
        description="folder of vault, key and log",
    )
    profile: Annotated[str, AfterValidator(_profile)] = Field(
        DEFAULT_PROFILE, description="local profile served over stdio"
    )
    login_hint: str | None = Field(None, max_length=320, description="address to suggest on the sign-in page")
    scopes: Words | None = Field(
        None, description="Graph permissions asked for at sign-in, when not those the toolsets need"
    )
    toolsets: Words = Field(TOOLSETS, description="toolsets to offer: " + ", ".join(TOOLSETS))
    read_only: bool = Field(False, description="offer only tools that change nothing")
    key_source: Literal["file", "environment", "keyring"] = Field("file", description="where the vault's key lives")
    master_key: SecretStr | None = Field(None, description="the vault's key ring, when key_source is environment")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="least severity logged")

    @field_validator("scopes", "toolsets", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("toolsets")
    @classmethod
    def _known_toolsets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not set(value) <= set(TOOLSETS):
            raise ValueError("one or more of " + ", ".join(TOOLSETS))
        return value

    @field_validator("scopes")
    @classmethod
    def _lasting_sign_in(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and "offline_access" not in value:
            raise ValueError("Graph permissions, among them offline_access (without it the sign-in ends after an hour)")
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _config_file())

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None) -> Self:
        """Reads all three sources.

        Raises:
            ConfigurationError: a value is wrong or a name is unknown; names the setting, what was read and
                what is expected. Values of secrets are never repeated.
        """
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        _refuse_unknown_variables()
        try:
            return cls(**given)
        except ValidationError as error:
            raise ConfigurationError("\n".join(_explain(problem, given) for problem in error.errors())) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{_config_file()}: not valid TOML: {error}.") from None

    def asked_scopes(self) -> tuple[str, ...]:
        """The Graph permissions to ask for: those given, else the least that the offered tools need."""
        if self.scopes is not None:
            return self.scopes
        writes = not self.read_only and "mail-write" in self.toolsets
        sends = not self.read_only and "mail-send" in self.toolsets
        mail = ("Mail.ReadWrite" if writes or sends else "Mail.Read", *(("Mail.Send",) if sends else ()))
        return ("User.Read", *mail, "MailboxSettings.Read", "offline_access")

    def require_client_id(self) -> str:
        """The client id, or a ConfigurationError that says where to get one."""
        if self.client_id is None:
            raise ConfigurationError(
                f"{PREFIX}CLIENT_ID: nothing was read; expected the client id of an Entra app registration.",
                next_step="Set it, or try `outlook-mcp demo`, which needs no tenant.",
            )
        return self.client_id

    def require_master_key(self) -> SecretStr:
        """The vault's key from the environment, or a ConfigurationError that says how to make one."""
        if self.master_key is None:
            raise ConfigurationError(
                f"{PREFIX}MASTER_KEY: nothing was read; expected one or more keys in base64, sealing key first.",
                next_step="Make one with `openssl rand -base64 32`.",
            )
        return self.master_key


class GivenConfiguration(Configuration):
    """The given settings alone: neither variables nor a file are read."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _config_file() -> Path:
    given = os.environ.get(CONFIG_FILE_VARIABLE)
    if given is None:
        return user_config_path("outlook-mcp", appauthor=False) / "config.toml"
    if given != os.devnull and not Path(given).is_file():
        raise ConfigurationError(
            f"{CONFIG_FILE_VARIABLE}: read {given!r}; expected the path of a TOML file, or {os.devnull}."
        )
    return Path(given)


def _refuse_unknown_variables() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Configuration.model_fields} | {CONFIG_FILE_VARIABLE}
    for name in os.environ:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1)
            meant = f" Did you mean {close[0]}?" if close else ""
            raise ConfigurationError(f"{name}: no such setting.{meant}")


def _explain(problem: Any, flags: Mapping[str, Any]) -> str:
    name = str(problem["loc"][0])
    variable = f"{PREFIX}{name.upper()}"
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(name, Configuration.model_fields, n=1)
        return f"{name} in {_config_file()}: no such setting." + (f" Did you mean {close[0]}?" if close else "")
    where = f"--{name.replace('_', '-')}" if name in flags else variable
    if name not in flags and variable not in os.environ:
        where = f"{name} in {_config_file()}"
    is_secret = "Secret" in str(Configuration.model_fields[name].annotation)
    read = "a secret" if is_secret else repr(_shown(problem, name, variable, flags))
    expected = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{where}: read {read}; expected {expected}."


def _shown(problem: Any, name: str, variable: str, flags: Mapping[str, Any]) -> object:
    return flags.get(name, os.environ.get(variable, problem.get("input")))
