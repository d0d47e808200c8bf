"""How arguments are read, and what is said of wrong ones."""

from __future__ import annotations

import difflib
import re
import sys
import textwrap
from argparse import Action, ArgumentParser, HelpFormatter, Namespace
from collections.abc import Sequence
from typing import Any, NoReturn

from outlook_mcp.cli.settings import SECRETS
from outlook_mcp.cli.settings_flags import SETTINGS_FLAGS, SettingFlag
from outlook_mcp.config import CONFIG_FILE_VARIABLE, PREFIX

# What argparse says of a word that is none of those it knows.
_UNKNOWN_WORD = re.compile(r"invalid choice: '([^']+)'|unrecognized arguments: (--[\w-]+)")
_NO_FLAGS = {
    **{
        f"--{name.replace('_', '-')}": "Every program on this machine can read a command line: set "
        f"{PREFIX}{name.upper()}, or {name} in the configuration file."
        for name in SECRETS
    },
    "--config": f"The variable {CONFIG_FILE_VARIABLE} names the configuration file.",
}
_WORD_TOO_MANY = re.compile(r"unrecognized arguments: [^-]")


class StoreOnce(Action):
    """Stores one value. Another one for the same option is refused, and not repeated, as it may hold a password."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: Any = None) -> None:
        given = getattr(namespace, self.dest, self.default)
        if option_string and given not in (self.default, values):
            parser.error(f"{option_string}: given twice, with different values. Remove one of the two.")
        setattr(namespace, self.dest, values)


class HelpfulParser(ArgumentParser):
    """Asks, of a word that is mistyped, whether a similar one was meant; shows the help where no command is given."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # A part of a name may be meant for another option: `--auth` is no `--authority`.
        super().__init__(*arguments, **{**options, "allow_abbrev": False})
        for name in (None, "store"):
            self.register("action", name, StoreOnce)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        first = next(iter(args or ()), "").partition("=")[0]
        if first in {flag.name for flag in SETTINGS_FLAGS}:
            self.error(f"{first} stands before the command; options of a command stand after its name.")
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        if message.endswith("required: COMMAND"):
            self.print_help(sys.stderr)
            self.exit(2)
        if found := _UNKNOWN_WORD.search(message):
            if (flag := found[2]) in _NO_FLAGS:
                # Without the value, which may be a secret.
                message = f"{flag}: there is no such option. {_NO_FLAGS[flag]}"
            elif commands := self._commands_with(flag):
                message += f". {flag} is an option of {', '.join(commands)}, and stands after that word."
            else:
                message += self._question_about(found[1] or flag, self._known_flags() if flag else self._known_words())
        elif _WORD_TOO_MANY.search(message):
            message += ". Several words of one option stand in quotes, such as --toolsets 'mail-read mail-write'."
        super().error(message)

    def _question_about(self, word: str, known: set[str]) -> str:
        close = difflib.get_close_matches(word.lower(), known, n=1)
        return f". Did you mean {close[0]}?" if close else ""

    def _commands_with(self, flag: str | None) -> list[str]:
        """The commands with an option of their own of this name."""
        return [
            name
            for name, parser in self._commands()
            if flag in parser._option_string_actions or flag in {setting.name for setting in parser.settings_flags}
        ]

    def _commands(self) -> list[tuple[str, CommandParser]]:
        found = [action.choices for action in self._actions if isinstance(action.choices, dict)]
        return [command for choices in found for command in choices.items()]

    def _known_words(self) -> set[str]:
        """What may stand first after the command's name, or after the program's."""
        return {*self._option_string_actions, *(str(word) for action in self._actions for word in action.choices or ())}

    def _known_flags(self) -> set[str]:
        """The flags of this parser and of those of its commands."""
        flags = set(self._option_string_actions)
        for _, parser in self._commands():
            flags.update(parser._option_string_actions)
        return flags


class WholeWordsFormatter(HelpFormatter):
    """Breaks lines between words alone, so that names such as `mail-send` can be copied."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)


class CommandParser(HelpfulParser):
    """The parser of one command. Its usage shows the command's own arguments, and all settings as one word.

    It has the `settings_flags` from when it is used: one in a dozen is.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"formatter_class": WholeWordsFormatter, **options})
        self.settings_flags: Sequence[SettingFlag] = ()
        self.settings: list[Action] = []

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._add_settings()
        return super().parse_known_args(args, namespace)

    def _add_settings(self) -> None:
        if not self.settings_flags or self.settings:
            return
        group = self.add_argument_group("settings", "also read from OUTLOOK_MCP_* variables and from config.toml")
        self.settings = [
            group.add_argument(flag.name, metavar=flag.metavar, help=flag.description, **flag.options)
            for flag in self.settings_flags
        ]

    def format_usage(self) -> str:
        self._shorten_usage()
        return super().format_usage()

    def format_help(self) -> str:
        self._shorten_usage()
        return super().format_help()

    def _shorten_usage(self) -> None:
        """Made when it is shown, since few runs show it."""
        if self.usage is None and self.settings:
            own = [action for action in self._actions if action not in self.settings]
            formatter = self._get_formatter()
            formatter.add_usage(None, own, self._mutually_exclusive_groups, prefix="")
            self.usage = f"{formatter.format_help().strip()} [settings]"
