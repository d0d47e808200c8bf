"""Where the files of MCP clients are, on each system. No other package reads the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def claude_code_file() -> Path:
    """https://docs.anthropic.com/en/docs/claude-code/mcp"""
    folder = os.environ.get("CLAUDE_CONFIG_DIR")
    return (Path(folder) if folder else Path.home()) / ".claude.json"


def claude_desktop_file() -> Path:
    """https://modelcontextprotocol.io/quickstart/user"""
    return _application_folder("Claude") / "claude_desktop_config.json"


def vscode_file() -> Path:
    """https://code.visualstudio.com/docs/copilot/chat/mcp-servers"""
    return _application_folder("Code") / "User" / "mcp.json"


def _application_folder(name: str) -> Path:
    """Where desktop programs keep their settings."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / name
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / name
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / name
