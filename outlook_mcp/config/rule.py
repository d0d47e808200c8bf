"""What a rule between settings is, and how its error is worded. The table of all rules is in `rules`.

The texts of a rule name settings in capitals, without the prefix of the variables, and `{s.name}` stands for the
value of a setting.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

from outlook_mcp.config.reading import PREFIX
from outlook_mcp.config.settings import Settings
from outlook_mcp.errors import ConfigurationError

_NAMES = re.compile(r"\b(?:" + "|".join(sorted(map(str.upper, Settings.model_fields), key=len, reverse=True)) + r")\b")
_REMOVE_ONE = "Remove one of the two settings."

Condition = Callable[[Settings], bool]


class Stage(StrEnum):
    """When a rule is checked."""

    LOADED = "when settings are read"
    VAULT = "when the vault is opened"
    SIGN_IN = "before anything is asked of Microsoft"
    HTTP = "when `serve --http` starts"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: `only_when` this is so, `setting` must be what it `needs`, `because` of another setting.

    `broken_value` returns what was read when the rule is broken, else None. A rule that `warns` stops no command.
    """

    setting: str
    only_when: str
    needs: str
    because: str
    broken_value: Callable[[Settings], str | None]
    stage: Stage = Stage.LOADED
    next_step: str = ""
    warns: bool = False

    def described(self, settings: Settings) -> str:
        """The row in words: when it applies, and what the setting has to be then."""
        return _filled_in(f"when {self.only_when}: expected {self.needs}", settings)

    def named_settings(self) -> set[str]:
        """The settings that decide whether the row is broken."""
        return {name.lower() for name in _NAMES.findall(f"{self.setting} {self.only_when}")}

    def violation(self, settings: Settings) -> ConfigurationError | None:
        """An error that names the setting, what was read, what is expected and why; None when the rule holds."""
        read = self.broken_value(settings)
        if read is None:
            return None
        expected = _filled_in(f"expected {self.needs}, because {self.because}.", settings)
        next_step = _filled_in(self.next_step, settings)
        return ConfigurationError(f"{PREFIX}{self.setting}: {read}; {expected}", next_step=next_step)


def needed(
    setting: str,
    *,
    when: str,
    needs: str,
    applies: Condition,
    because: str = "",
    stage: Stage = Stage.LOADED,
    next_step: str = "",
) -> Rule:
    """A row for a setting that must be set when `applies`."""

    def broken_value(settings: Settings) -> str | None:
        return "nothing was read" if applies(settings) and not getattr(settings, setting.lower()) else None

    return Rule(setting, when, needs, because or when, broken_value, stage, next_step)


def unused(setting: str, *, when: str, used_by: str, applies: Condition, stage: Stage = Stage.LOADED) -> Rule:
    """A row for a setting that nothing reads when `applies`; left in place it would seem to be in force."""

    def broken_value(settings: Settings) -> str | None:
        return read_value(settings, setting) if applies(settings) and getattr(settings, setting.lower()) else None

    return Rule(setting, when, "nothing", f"only {used_by} uses it", broken_value, stage, _REMOVE_ONE)


def limited(
    setting: str,
    *,
    when: str,
    needs: str,
    is_broken: Condition,
    because: str = "",
    stage: Stage = Stage.HTTP,
    next_step: str = "",
    warns: bool = False,
) -> Rule:
    """A row for a setting whose value another setting limits."""

    def broken_value(settings: Settings) -> str | None:
        return read_value(settings, setting) if is_broken(settings) else None

    return Rule(setting, when, needs, because or when, broken_value, stage, next_step, warns)


def read_value(settings: Settings, setting: str) -> str:
    """What was read of a setting, in words, without any secret."""
    value = getattr(settings, setting.lower())
    if value is None or value == ():
        return "nothing was read"
    if isinstance(value, SecretStr):
        return "read a secret"
    if isinstance(value, bool):
        return f"read {str(value).lower()!r}"
    if setting == "CLIENTS":
        value = tuple(client.client_id for client in settings.clients)
    return f"read {' '.join(value)!r}" if isinstance(value, tuple) else f"read {str(value)!r}"


def _filled_in(text: str, settings: Settings) -> str:
    return _NAMES.sub(lambda name: f"{PREFIX}{name[0]}", text).format(s=settings)
