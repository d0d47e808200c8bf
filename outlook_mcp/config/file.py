"""Writes settings into the TOML file, and names those that clients would not find there."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from outlook_mcp.config.reading import CONFIG_FILE_VARIABLE, PREFIX, config_file, settings_in_file
from outlook_mcp.errors import ConfigurationError

# A line that sets `name` to a text: what stands before the text, and after it.
_VALUE = r"""^([ \t]*["']?{name}["']?[ \t]*=[ \t]*)(?:"[^"\n]*"|'[^'\n]*')([ \t]*(?:\#.*)?\r?)$"""
_FIRST_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


def write_settings(settings: Mapping[str, str]) -> Path:
    """Sets these settings in the file, leaves everything else as it is, and returns its path.

    Only the owner can read a file that is made here. Raises ConfigurationError when it cannot be written.
    """
    before = settings_in_file()
    path = config_file()
    try:
        text = with_settings(text_of_file(path), settings)
        # A setting may stand in a form that is not found here, and TOML takes none twice.
        if _parsed(text) != {**before, **settings}:
            lines = ", ".join(_line(name, value) for name, value in settings.items())
            raise ConfigurationError(f"{path}: cannot be changed as it is written.", next_step=f"Write there: {lines}.")
        replace_file(path, text)
    except OSError as error:
        told, fix = f"{path}: cannot be written: {error.strerror or error}.", "Make it a file that you can write"
        raise ConfigurationError(told, next_step=f"{fix}, or name another one: {CONFIG_FILE_VARIABLE}.") from None
    return path


def with_settings(text: str, settings: Mapping[str, str]) -> str:
    """The text of a TOML file with these settings, before its first table.

    >>> text = '# Mine\\n"client_id"= "old" # app\\n[[clients]]\\nname = "x"\\n'
    >>> print(with_settings(text, {"client_id": "new"}), end="")
    # Mine
    "client_id"= "new" # app
    [[clients]]
    name = "x"
    """
    table = _FIRST_TABLE.search(text)
    top, tables = (text[: table.start()], text[table.start() :]) if table else (text, "")
    end = "\r\n" if "\r\n" in text else "\n"
    for name, value in settings.items():
        written = _VALUE.format(name=name)
        top, found = re.subn(written, partial(_with_value, json.dumps(value)), top, count=1, flags=re.MULTILINE)
        if not found:
            top = f"{top}{'' if not top or top.endswith(chr(10)) else end}{_line(name, value)}{end}"
    return top + tables


def _with_value(value: str, found: re.Match[str]) -> str:
    return f"{found[1]}{value}{found[2]}"


def _line(name: str, value: str) -> str:
    return f"{name} = {json.dumps(value)}"


def _parsed(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def variables_of_settings() -> dict[str, str]:
    """The variables of this process that hold settings: a client starts the server without them."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(PREFIX) and (name != CONFIG_FILE_VARIABLE or value)
    }


def replace_file(path: Path, text: str) -> None:
    """Writes the file whole or not at all, with the permissions that it had, where a link leads if it is one.

    Only the owner can read a file that is made here. Raises OSError.
    """
    path = path.resolve()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def text_of_file(path: Path) -> str:
    """The text with its line ends as they are; "" where there is no file. Raises OSError and UnicodeDecodeError."""
    # Editors of Windows put a byte order mark in front, which the programs that read these files may not expect.
    return path.read_bytes().decode("utf-8-sig") if path.exists() else ""
