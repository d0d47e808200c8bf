"""Reads settings from flags, environment variables and the TOML file, and words the errors in them."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from platformdirs import user_config_path
from pydantic import ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.errors.counting import counted

PREFIX = "OUTLOOK_MCP_"
CONFIG_FILE_VARIABLE = f"{PREFIX}CONFIG"
_CORRECT_TOML = 'Correct that line; texts stand in straight quotes, such as tenant = "common".'
_MAKE_READABLE = f"Make it a file that you can read, or name another one: {CONFIG_FILE_VARIABLE}."
_SET_TWICE = "A setting of that name stands above already: remove one of the two."
_SAVE_AS_UTF8 = "Save it again with the encoding UTF-8, which every editor offers."
# Of a file or folder.
_LONGEST_NAME = 255
# The password in an address.
_PASSWORD = re.compile(r"//[^/@\s]*@")
# From this likeness of its beginning on a variable is taken for a misspelt one of ours.
_LIKE_OURS = 0.7
# What Kubernetes tells every pod of a service, by variables that begin with its name.
_SERVICE_VARIABLE = re.compile(r"_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)", re.IGNORECASE)
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://")
_NO_SERVICE_LINKS = "Kubernetes sets it for a service; set enableServiceLinks: false in the spec of the pod."
_QUOTES = ("''", '""', "{}", "<>")
# The expectations behind pydantic's error types, in words.
_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "missing": "a value",
    "int_parsing": "a whole number",
    "string_type": "a text in quotes",
    "extra_forbidden": "no setting of this name",
}


class ReadSettings(BaseSettings):
    """Settings under the same name in flags, variables and file; flags override variables, variables the file."""

    # Built at the first use: of a chain of classes only the last is ever used.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, InitSettingsSource(settings_cls, settings_in_file())

    @model_validator(mode="before")
    @classmethod
    def _without_spaces_around(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Shells, `.env` files and pages that ids are copied from leave them; no setting begins or ends with one."""
        return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None) -> Self:
        """Reads all three sources.

        Raises:
            ConfigurationError: values are wrong, names are unknown, or rules between settings are broken; one line for
                each names the setting, what was read and what is expected. Values of secrets are never repeated.
        """
        given = _given(flags)
        unknown = list(_unknown_variables(cls))
        try:
            settings = cls(**given)
        except ValidationError as error:
            wrong = [_error_text(cls, problem, given) for problem in error.errors()]
            raise ConfigurationError("\n".join((*unknown, *wrong))) from None
        except ConfigurationError as error:
            raise ConfigurationError("\n".join((*unknown, str(error)))) if unknown else error from None
        if unknown:
            raise ConfigurationError("\n".join(unknown))
        return settings

    @classmethod
    def stated(cls, flags: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """All settings of the three sources as they are written, unchecked."""
        return {**settings_in_file(), **EnvSettingsSource(cls)(), **_given(flags)}


def _given(flags: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (flags or {}).items() if value is not None}


def config_file() -> Path:
    """The TOML file that settings are read from, whether or not it exists."""
    given = os.environ.get(CONFIG_FILE_VARIABLE)
    if given is None:
        return user_config_path("outlook-mcp", appauthor=False) / "config.toml"
    path = without_tilde(given)
    if given != os.devnull and not os.path.isfile(path):
        read = repr(given) if is_path(given) else "a secret"
        raise ConfigurationError(
            f"{CONFIG_FILE_VARIABLE}: read {read}; expected the path of a TOML file, or {os.devnull}."
        )
    return path


def without_tilde(path: str | Path) -> Path:
    """The path with the home folder in the place of `~`, which clients and files do not replace as shells do."""
    # Unlike the one of `Path` it raises nothing for a user that there is not.
    return Path(os.path.expanduser(path))


def is_path(value: str | Path) -> bool:
    """False for what no system takes for a path, such as the content of a file, which may be a key.

    >>> is_path("/etc/ssl/mail.pem"), is_path("-----BEGIN PRIVATE KEY-----\\nMII"), is_path("eyJ" * 400)
    (True, False, False)
    """
    is_content = "\n" in str(value) or "-----BEGIN" in str(value)
    return not is_content and all(len(part) <= _LONGEST_NAME for part in Path(value).parts)


def settings_in_file() -> dict[str, Any]:
    """The settings of the file, unchecked; none when there is no file.

    Raises ConfigurationError when it cannot be read, or is not TOML.
    """
    path = config_file()
    try:
        # Editors of Windows put a byte order mark in front.
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read: {error.strerror or error}.", next_step=_MAKE_READABLE
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: not UTF-8.", next_step=_SAVE_AS_UTF8) from None
    except tomllib.TOMLDecodeError as error:
        step = _SET_TWICE if "Cannot overwrite a value" in str(error) else _CORRECT_TOML
        raise ConfigurationError(f"{path}: not valid TOML: {error}.", next_step=step) from None


def stated_value(name: str, flags: Mapping[str, Any]) -> object:
    """A setting as it is written, unchecked, for what matters although others are wrong; None when it is not set."""
    stated = flags.get(name) or os.environ.get(f"{PREFIX}{name.upper()}")
    if stated is None:
        with suppress(ConfigurationError):
            stated = settings_in_file().get(name)
    return stated


def where_read(name: str, flags: Mapping[str, Any], *inside: str) -> str:
    """Where the value of a setting comes from, in words: its flag, its variable, or its name in the file."""
    variable = f"{PREFIX}{name.upper()}"
    if name not in flags and variable not in os.environ and name in settings_in_file():
        return f"{'.'.join((name, *inside))} in {config_file()}"
    return ".".join((f"--{name.replace('_', '-')}" if name in flags else variable, *inside))


def overridden_in_file() -> list[str]:
    """The variables that override another value of the file."""
    in_file = {f"{PREFIX}{name.upper()}": value for name, value in settings_in_file().items()}
    return sorted(name for name, value in in_file.items() if os.environ.get(name) not in (None, *_written(value)))


def similar_variables(settings: type[BaseSettings]) -> Iterator[str]:
    """A line for each variable that ends like one of ours, but whose beginning only looks like ours."""
    for name in os.environ:
        endings = (f"_{field.upper()}" for field in settings.model_fields)
        ending = max((ending for ending in endings if name.upper().endswith(ending)), key=len, default="")
        beginning = f"{name.upper().removesuffix(ending)}_"
        if ending and not name.upper().startswith(PREFIX) and _likeness(beginning, PREFIX) > _LIKE_OURS:
            ours = f"{PREFIX}{ending[1:]}"
            yield f"{name} is not read, since its name does not begin with {PREFIX}. Did you mean {ours}?"


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _written(value: object) -> tuple[str, ...]:
    """How a value of the file may be written in a variable."""
    if isinstance(value, list):
        words = list(map(str, value))
        return (" ".join(words), ",".join(words), os.pathsep.join(words))
    return (str(value), str(value).lower())


def _unknown_variables(settings: type[BaseSettings]) -> Iterator[str]:
    """A line for each variable with our prefix that is no setting."""
    known = {f"{PREFIX}{name.upper()}" for name in settings.model_fields} | {CONFIG_FILE_VARIABLE}
    for name in os.environ:
        if name.upper().startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1)
            meant = f" Did you mean {close[0]}?" if close else ""
            if _is_of_a_service(name):
                meant = f" {_NO_SERVICE_LINKS}"
            yield f"{name}: no such setting.{meant}"


def _is_of_a_service(name: str) -> bool:
    """
    >>> _is_of_a_service("OUTLOOK_MCP_STORE_PORT_6379_TCP_ADDR"), _is_of_a_service("OUTLOOK_MCP_IMPORT")
    (True, False)
    """
    found = _SERVICE_VARIABLE.search(name)
    return found is not None and found.end() == len(name)


def _error_text(settings: type[BaseSettings], problem: Any, flags: Mapping[str, Any]) -> str:
    """One line for an error of pydantic: where the setting was read, its value, and what is expected."""
    name, *inside = map(str, problem["loc"])
    variable = f"{PREFIX}{name.upper()}"
    if problem["type"] == "extra_forbidden" and not inside:
        return _unknown_name(name, problem["input"], settings.model_fields, is_in_file=name not in flags)
    where = where_read(name, flags, *inside)
    field = settings.model_fields[name]
    raw = _raw_value(problem, name, variable, flags)
    is_content = "Path" in str(field.annotation) and isinstance(raw, str) and not is_path(raw)
    is_secret = "Secret" in str(field.annotation) or not field.repr or bool(inside) or is_content
    read = "read a secret" if is_secret else f"read {raw!r}"
    if problem["type"] == "missing":
        read = "nothing was read"
    expected = _EXPECTED.get(problem["type"]) or problem["msg"]
    if problem["type"] == "too_short" and isinstance(problem["input"], str):
        expected = f"at least {counted(problem['ctx']['min_length'], 'character')}"
    expected = expected.removeprefix("Value error, ").removeprefix("Input should be ")
    written = problem["input"]
    if isinstance(written, str) and len(written) > 1 and f"{written[0]}{written[-1]}" in _QUOTES:
        expected += f", without {written[0]} and {written[-1]} around it"
    told = f"{where}: {read}; expected {expected}."
    return f"{told} {_NO_SERVICE_LINKS}" if _SERVICE_ADDRESS.match(str(written)) else told


def _unknown_name(name: str, value: object, settings: Iterable[str], *, is_in_file: bool) -> str:
    """One line for a name that is no setting, in the file or among those that a program gave."""
    told = f"{name} in {config_file()}: no such setting." if is_in_file else f"{name}: no such setting."
    if is_in_file and isinstance(value, dict):
        return f"{told} Settings stand in lines of their own before the first [table]."
    close = difflib.get_close_matches(name.lower().removeprefix(PREFIX.lower()), settings, n=1)
    return f"{told} Did you mean {close[0]}?" if close else told


def _raw_value(problem: Any, name: str, variable: str, flags: Mapping[str, Any]) -> object:
    """What was written, without the password of an address."""
    value = flags.get(name, os.environ.get(variable, problem.get("input")))
    return _PASSWORD.sub("//[redacted]@", str(value)) if isinstance(value, str | Path) else value
