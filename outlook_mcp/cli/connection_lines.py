"""Commands and configuration lines that connect a client to this server."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Mapping

from outlook_mcp.config import CONFIG_FILE_VARIABLE, PREFIX


def connection_lines(settings: Mapping[str, str], heading: str) -> str:
    """For each client, how to make it launch `outlook-mcp serve` with these settings."""
    command, arguments = launcher()
    environment = variables(settings)
    served = {"command": command, "args": [*arguments, "serve"], "env": environment}
    launch = shlex.join([command, *arguments, "serve"])
    flags = " ".join(f"-e {shlex.quote(f'{name}={value}')}" for name, value in environment.items())
    return "\n".join(
        [
            "",
            heading,
            "",
            "Inspector:",
            f"  npx @modelcontextprotocol/inspector {flags} -- {launch}",
            "Claude Code:",
            f"  claude mcp add outlook {flags} -- {launch}",
            "Claude Desktop (claude_desktop_config.json):",
            f"  {json.dumps({'mcpServers': {'outlook': served}})}",
            "VS Code:",
            f"  code --add-mcp {shlex.quote(json.dumps({'name': 'outlook', **served}))}",
        ]
    )


def http_connection_lines(url: str, heading: str) -> str:
    """For each client, how to connect it to the running server at `url`."""
    return "\n".join(
        [
            "",
            heading,
            "",
            "Inspector:",
            f"  npx @modelcontextprotocol/inspector {url} --transport http",
            "Claude Code:",
            f"  claude mcp add --transport http outlook {url}",
            "Claude Desktop, claude.ai and ChatGPT (with an https address that they can reach):",
            f"  add a custom connector with the address {url}",
            "VS Code:",
            f"  code --add-mcp {shlex.quote(json.dumps({'name': 'outlook', 'type': 'http', 'url': url}))}",
        ]
    )


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """These settings as environment variables of a server process, which is to read no configuration file."""
    given = {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}
    return {**given, CONFIG_FILE_VARIABLE: os.devnull}


def launcher() -> tuple[str, list[str]]:
    """Command and arguments that run this program from any working directory."""
    installed = shutil.which("outlook-mcp", path=sysconfig.get_path("scripts"))
    return (installed, []) if installed else (sys.executable, ["-m", "outlook_mcp"])
