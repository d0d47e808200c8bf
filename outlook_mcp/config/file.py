"""Writes settings into the TOML file, and names those that clients would not find there."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from outlook_mcp.config.reading import CONFIG_FILE_VARIABLE, PREFIX, config_file, settings_in_file
from outlook_mcp.errors import ConfigurationError

_FIRST_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


def write_settings(settings: Mapping[str, str]) -> Path:
    """Sets these settings in the file, leaves all other lines as they are, and returns its path.

    Only the owner can read a file that is made here. Raises ConfigurationError when it cannot be written.
    """
    settings_in_file()
    path = config_file()
    try:
        text = path.read_text("utf-8-sig") if path.is_file() else ""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace_file(path, with_settings(text, settings))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror or error}.") from None
    return path


def with_settings(text: str, settings: Mapping[str, str]) -> str:
    """The text of a TOML file with these settings, before its first table.

    >>> print(with_settings('# Mine\\nclient_id = "old"\\n[[clients]]\\nname = "x"\\n', {"client_id": "new"}), end="")
    # Mine
    client_id = "new"
    [[clients]]
    name = "x"
    """
    table = _FIRST_TABLE.search(text)
    top, tables = (text[: table.start()], text[table.start() :]) if table else (text, "")
    for name, value in settings.items():
        line = f"{name} = {json.dumps(value)}"
        top, found = re.subn(rf"^{name}\s*=.*$", lambda _, line=line: line, top, count=1, flags=re.MULTILINE)  # type: ignore[misc]
        if not found:
            top = f"{top}{'' if not top or top.endswith(chr(10)) else chr(10)}{line}\n"
    return top + tables


def variables_of_settings() -> dict[str, str]:
    """The variables of this process that hold settings: a client starts the server without them."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(PREFIX) and (name != CONFIG_FILE_VARIABLE or value)
    }


def _replace_file(given: Path, text: str) -> None:
    """A link stays one, and the file that it leads to is replaced."""
    path = given.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
