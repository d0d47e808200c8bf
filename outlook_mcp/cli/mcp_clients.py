"""MCP clients on this machine: whether they are there, whether they know this server, and how to tell them of it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from outlook_mcp.cli.client_file import parsed, with_server
from outlook_mcp.config.file import replace_file, text_of_file
from outlook_mcp.config.folders import claude_code_file, claude_desktop_file, vscode_file
from outlook_mcp.errors import ConfigurationError

DEADLINE_S = 60.0
_CORRECT = "Correct the file, then run `outlook-mcp setup` again."


@dataclass(frozen=True, slots=True)
class Launch:
    """How a client starts the server, and what it calls it."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    name: str = "outlook"

    @property
    def entry(self) -> dict[str, object]:
        """As it stands in the configuration files of clients."""
        entry: dict[str, object] = {"command": self.command, "args": list(self.arguments)}
        return {**entry, "env": dict(self.environment)} if self.environment else entry

    def is_entry(self, entry: Mapping[str, object]) -> bool:
        """Whether this entry of a client's file starts the server in the same way."""
        starts = (entry.get("command"), entry.get("args") or [], entry.get("env") or {})
        return starts == (self.command, list(self.arguments), dict(self.environment))

    @property
    def flags(self) -> list[str]:
        """The environment, each variable as two arguments."""
        return [part for name, value in self.environment.items() for part in ("-e", f"{name}={value}")]


class McpClient(ABC):
    """One client. `name` is what people call it, `key` what `setup --add` does."""

    key: ClassVar[str]
    name: ClassVar[str]

    @abstractmethod
    def line(self, launch: Launch) -> str:
        """What a person runs or writes to connect the client."""

    @abstractmethod
    def is_installed(self) -> bool:
        """Whether the client seems to be on this machine."""

    @abstractmethod
    def add_server(self, launch: Launch) -> str:
        """Tells the client of this server; returns what was done. Raises ConfigurationError when that failed."""

    @abstractmethod
    def file(self) -> Path:
        """The file in which the client keeps its servers."""

    def replace_server(self, launch: Launch) -> str:
        """As `add_server`, where the client has another server of the same name."""
        return self.add_server(launch)

    def server(self) -> Mapping[str, object] | None:
        """The entry of this server in the client's file, None when there is none. Raises ConfigurationError."""
        return next((entry for _, entry in _entries_in(self._content()) if _is_ours(entry)), None)

    def server_named(self, name: str) -> Mapping[str, object] | None:
        """What the client's file has under this name for every project. Raises ConfigurationError."""
        content = self._content()
        return dict(_entries_in({**content, "projects": None})).get(name) if isinstance(content, dict) else None

    def _content(self) -> Any:
        """What the client's file says. Raises ConfigurationError when it cannot be read."""
        try:
            return parsed(text_of_file(self.file()))
        except OSError as error:
            told = f"{self.file()}: cannot be read: {error.strerror or error}."
            raise ConfigurationError(told, next_step="Make it a file that you can read.") from None
        except ValueError as error:
            told = f"{self.file()}: cannot be read: it is no JSON{_place_of(error)}."
            raise ConfigurationError(told, next_step=_CORRECT) from None


class ClaudeCode(McpClient):
    """The command line of Claude Code."""

    key, name = "claude-code", "Claude Code"

    def line(self, launch: Launch) -> str:
        return _shown(["claude", *self._arguments(launch)])

    def is_installed(self) -> bool:
        return shutil.which("claude") is not None

    def add_server(self, launch: Launch) -> str:
        return _run("claude", self._arguments(launch))

    def replace_server(self, launch: Launch) -> str:
        _run("claude", ["mcp", "remove", "--scope", "user", launch.name])
        return self.add_server(launch)

    def file(self) -> Path:
        return claude_code_file()

    def _arguments(self, launch: Launch) -> list[str]:
        # The option -e takes all words up to the next option, so the name stands before it.
        served = [launch.command, *launch.arguments]
        return ["mcp", "add", "--scope", "user", launch.name, *launch.flags, "--", *served]


class VsCode(McpClient):
    """Visual Studio Code with GitHub Copilot."""

    key, name = "vscode", "VS Code"

    def line(self, launch: Launch) -> str:
        return _shown(["code", *self._arguments(launch)])

    def is_installed(self) -> bool:
        return shutil.which("code") is not None

    def add_server(self, launch: Launch) -> str:
        return _run("code", self._arguments(launch))

    def file(self) -> Path:
        return vscode_file()

    def _arguments(self, launch: Launch) -> list[str]:
        return ["--add-mcp", json.dumps({"name": launch.name, **launch.entry})]


class ClaudeDesktop(McpClient):
    """Claude Desktop, whose file is written, since it has no command."""

    key, name = "claude-desktop", "Claude Desktop"

    def line(self, launch: Launch) -> str:
        return f"{self.file()}: {json.dumps({'mcpServers': {launch.name: launch.entry}})}"

    def is_installed(self) -> bool:
        return self.file().parent.is_dir()

    def add_server(self, launch: Launch) -> str:
        path = self.file()
        kept = path.with_name(f"{path.name}.before-outlook")
        try:
            before = text_of_file(path)
            after = with_server(before, launch.name, launch.entry)
            if before and not kept.exists():
                # With its permissions: other servers may keep secrets there.
                shutil.copy(path, kept)
            replace_file(path, after)
        except OSError as error:
            told, fix = f"{path}: cannot be changed: {error.strerror or error}.", "Write there what is printed above."
            raise ConfigurationError(told, next_step=fix) from None
        except ValueError as error:
            told = f"{path}: cannot be changed: it is no JSON object with an object `mcpServers`{_place_of(error)}."
            raise ConfigurationError(told, next_step=_CORRECT) from None
        return f"Wrote {path}. Start Claude Desktop again."

    def file(self) -> Path:
        return claude_desktop_file()


class Inspector(McpClient):
    """The MCP Inspector, which keeps no list of servers."""

    key, name = "inspector", "Inspector"

    def line(self, launch: Launch) -> str:
        return _shown(
            ["npx", "@modelcontextprotocol/inspector", *launch.flags, "--", launch.command, *launch.arguments]
        )

    def is_installed(self) -> bool:
        return False

    def add_server(self, launch: Launch) -> str:
        raise ConfigurationError("The Inspector keeps no list of servers.", next_step="Run the line that is printed.")

    def file(self) -> Path:
        return Path(os.devnull)


CLIENTS: tuple[McpClient, ...] = (ClaudeCode(), ClaudeDesktop(), VsCode(), Inspector())
ADDABLE = tuple(client.key for client in CLIENTS if not isinstance(client, Inspector))


def client_lines(launch: Launch) -> list[str]:
    """For each client its name and the line that connects it."""
    return [text for client in CLIENTS for text in (f"{client.name}:", f"  {client.line(launch)}")]


def _entries_in(content: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The servers of a client's file by name, for everything first, then those of single projects."""
    if not isinstance(content, dict):
        return
    for kind in ("mcpServers", "servers"):
        servers = content.get(kind)
        for name, entry in servers.items() if isinstance(servers, dict) else ():
            if isinstance(entry, dict):
                yield name, entry
    projects = content.get("projects")
    for project in projects.values() if isinstance(projects, dict) else ():
        yield from _entries_in(project)


def _place_of(error: ValueError) -> str:
    """Where a file is no JSON, as far as that is known: comments and last commas are none either."""
    return f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""


def _is_ours(entry: Mapping[str, Any]) -> bool:
    words = [entry.get("command"), *(entry.get("args") or ())]
    return any(Path(str(word)).stem in ("outlook-mcp", "outlook_mcp", "outlook-mailbox-mcp") for word in words)


def _run(program: str, arguments: list[str]) -> str:
    """Runs a client's own command; its output. Raises ConfigurationError with its output when it fails."""
    found = shutil.which(program)
    if found is None:
        raise ConfigurationError(f"{program}: not found on the PATH.", next_step="Run the line that is printed.")
    try:
        ended = subprocess.run(  # noqa: S603 a client that the person chose, without a shell
            [found, *arguments],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"{program}: could not be run ({type(error).__name__}).") from None
    printed = " ".join((ended.stdout + ended.stderr).split())
    if ended.returncode:
        raise ConfigurationError(f"{program}: {printed or f'ended with status {ended.returncode}'}.")
    return printed or "Done."


def _shown(command: list[str]) -> str:
    """The command as a shell of this system reads it."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
