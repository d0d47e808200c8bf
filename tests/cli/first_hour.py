"""What goes wrong in the first hour, how each is provoked, and what the person is told."""

from __future__ import annotations

import io
import json
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

import httpx
import pytest

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.cli import main, own_package
from outlook_mcp.oauth.entra.errors import sign_in_error
from tests.cli.administration import alone
from tests.cli.commands import SandboxProcess

UNKNOWN = "99999999-2222-3333-4444-555555555555"


class Machine:
    """A clean machine at which somebody types commands."""

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        sandbox: Callable[[], SandboxProcess],
    ) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        self.status = 1
        self._sandbox = sandbox
        alone(monkeypatch)
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA"):
            monkeypatch.setenv(name, str(folder))

    @property
    def configuration(self) -> Path:
        """Its config.toml, which commands read from now on."""
        path = self.folder / "outlook-mcp" / "config.toml"
        path.parent.mkdir(exist_ok=True)
        self.monkeypatch.delenv("OUTLOOK_MCP_CONFIG", raising=False)
        return path

    @property
    def tenant(self) -> dict[str, str]:
        """The settings with which Alice signs in to the sandbox."""
        return {**self._sandbox().settings, "data_dir": str(self.folder / "data")}

    def run_command(self, *arguments: str, **settings: str) -> str:
        """What a command prints, with these settings as variables."""
        for name, value in settings.items():
            self.monkeypatch.setenv(f"OUTLOOK_MCP_{name.upper()}", value)
        self.monkeypatch.setattr(sys, "stdin", io.StringIO())
        self.capsys.readouterr()
        try:
            self.status = main(arguments)
        except SystemExit as end:
            self.status = int(end.code or 0)
        return "".join(self.capsys.readouterr())


@dataclass(frozen=True)
class Mistake:
    """What went wrong, in words; the words that name it and those that say what to do, both of what is printed."""

    what: str
    named: str
    fix: str
    provoke: Callable[[Machine], str]


def typed(*arguments: str, **settings: str) -> Callable[[Machine], str]:
    """A command on a clean machine."""
    return lambda machine: machine.run_command(*arguments, **settings)


def in_tenant(*arguments: str, **settings: str) -> Callable[[Machine], str]:
    """A command of somebody with an app in a tenant, which the sandbox stands for."""
    return lambda machine: machine.run_command(*arguments, **{**machine.tenant, **settings})


def answered_by_entra(number: int, error: str) -> Callable[[Machine], str]:
    """An answer of Entra ID that the sandbox does not give."""
    body = {"error": error, "error_codes": [number], "error_description": f"AADSTS{number}: ..."}
    return lambda _: explanation(sign_in_error(body), Audience.COMMAND_LINE)


def written_in_file(text: str | bytes, *arguments: str) -> Callable[[Machine], str]:
    """A command with this text as its config.toml."""

    def provoke(machine: Machine) -> str:
        machine.configuration.write_bytes(text if isinstance(text, bytes) else text.encode())
        return machine.run_command(*arguments)

    return provoke


def app_with_redirect(redirect: str) -> Callable[[Machine], str]:
    """`login` with an app that has another redirect address."""

    def provoke(machine: Machine) -> str:
        url = f"{machine.tenant['authority']}/_sandbox/apps"
        app = httpx.post(url, json={"name": "Mine", "redirect_uris": [redirect]}, trust_env=False).json()
        return machine.run_command("login", "--no-browser", **{**machine.tenant, "client_id": app["client_id"]})

    return provoke


def taken_port(*arguments: str) -> Callable[[Machine], str]:
    """A command that listens on a port that another program has."""

    def provoke(machine: Machine) -> str:
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = str(other.getsockname()[1])
            address = {"port": port, "public_url": f"http://127.0.0.1:{port}"} if "serve" in arguments else {}
            return machine.run_command(
                *arguments, *([] if address else ["--port", port]), **{**machine.tenant, **address}
            )

    return provoke


def with_vault(change: Callable[[Path], object], *arguments: str) -> Callable[[Machine], str]:
    """A command with a vault to which something happened."""

    def provoke(machine: Machine) -> str:
        machine.run_command("keys", "list", **machine.tenant)
        change(machine.folder / "data")
        return machine.run_command(*arguments)

    return provoke


def silent_proxy(machine: Machine) -> str:
    """`login` through a proxy that is not there."""
    remote = {"authority": "https://login.example", "graph_url": "https://graph.example"}
    return machine.run_command("login", "--no-browser", **{**machine.tenant, **remote, "proxy": "http://127.0.0.1:1"})


def client_without_command(machine: Machine) -> str:
    """`doctor` where a client starts a command that was removed."""
    entry = {"command": str(machine.folder / "outlook-mcp"), "args": ["serve"]}
    folder = machine.folder / "Claude"
    folder.mkdir()
    (folder / "claude_desktop_config.json").write_text(json.dumps({"mcpServers": {"outlook": entry}}))
    here = {"authority": "http://127.0.0.1:1", "graph_url": "http://127.0.0.1:1/v1.0"}
    return " ".join(machine.run_command("doctor", **here).split())


def other_package(machine: Machine) -> str:
    """The command where another distribution has put its package in the place of ours."""
    init = machine.folder / "__init__.py"
    init.write_text("# another project")
    own_package.main(lambda _: ModuleSpec("outlook_mcp", None, origin=str(init)))
    return "".join(machine.capsys.readouterr())


def lose_key(data: Path) -> None:
    """The key of the vault is gone."""
    (data / "vault.key").unlink()


def open_key_to_others(data: Path) -> None:
    """Other users of the machine may read the key."""
    (data / "vault.key").chmod(0o644)


def spoil_vault(data: Path) -> None:
    """The file of the vault is no database any more."""
    for file in data.glob("vault.db*"):
        file.unlink()
    (data / "vault.db").write_text("no database")


def replace_vault(data: Path) -> None:
    """The file of the vault is gone, and the next command makes a new one."""
    for file in data.glob("vault.db*"):
        file.unlink()


def make_newer(data: Path) -> None:
    """The vault has a format that no version has yet."""
    with sqlite3.connect(data / "vault.db") as vault:
        vault.execute("PRAGMA user_version = 99")
    vault.close()
