"""Commands and configuration lines that connect a client to this server."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Mapping

from outlook_mcp.cli.mcp_clients import Launch, client_lines
from outlook_mcp.config import CONFIG_FILE_VARIABLE, PREFIX


def connection_lines(launch: Launch, heading: str) -> str:
    """For each client, how to make it launch the server."""
    return "\n".join(["", heading, "", *client_lines(launch)])


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
