"""The flags of the settings, with the values and the default that `--help` tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from outlook_mcp.cli.settings import FLAGS
from outlook_mcp.config import Configuration
from outlook_mcp.config.ways_of_serving import OVER_HTTP


@dataclass(frozen=True, slots=True)
class SettingFlag:
    """`metavar` is what its value looks like; `options` are those of `add_argument`."""

    name: str
    metavar: str
    description: str
    options: Mapping[str, Any] = field(default_factory=dict)


def _flag_of(name: str, setting: FieldInfo) -> SettingFlag:
    is_switch = setting.annotation is bool
    default = _default_of(setting)
    description = (setting.description or "").replace("%", "%%")
    return SettingFlag(
        f"--{name.replace('_', '-')}",
        "true|false" if is_switch else "|".join(_choices_of(setting)) or "VALUE",
        f"{description} (default: {default})" if default else description,
        {"nargs": "?", "const": "true"} if is_switch else {},
    )


def _choices_of(setting: FieldInfo) -> tuple[str, ...]:
    return tuple(map(str, get_args(setting.annotation))) if get_origin(setting.annotation) is Literal else ()


def _default_of(setting: FieldInfo) -> str:
    """In the words of a command line; "" where there is none, or one that this machine decides."""
    value = None if setting.default_factory is not None else setting.default
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):
        # A default is printed in the code and no secret.
        value = value.get_secret_value()
    return (
        " ".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)
    )


SETTINGS_FLAGS = tuple(_flag_of(name, Configuration.model_fields[name]) for name in FLAGS)
# Of the commands for one local profile.
PROFILE_FLAGS = tuple(flag for name, flag in zip(FLAGS, SETTINGS_FLAGS, strict=True) if name not in OVER_HTTP)
