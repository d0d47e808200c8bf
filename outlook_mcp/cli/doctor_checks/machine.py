"""Checks of this machine: Python, the command, the configuration, the key, the store, and the clients."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from outlook_mcp import __version__
from outlook_mcp.app import open_vault
from outlook_mcp.app.audit_log import check_audit_log
from outlook_mcp.app.credentials import key_source
from outlook_mcp.audit.private_files import may_others_replace_files_in, may_others_write
from outlook_mcp.cli.doctor_checks.finding import Finding, State
from outlook_mcp.cli.mcp_clients import CLIENTS, McpClient
from outlook_mcp.config import Configuration
from outlook_mcp.config.file import variables_of_settings
from outlook_mcp.config.reading import config_file, overridden_in_file, settings_in_file
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.errors.counting import counted
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.store_address import open_store

# The newest version of Python that the tests run on.
NEWEST_TESTED = (3, 14)
VAULT_FILE = "vault.db"
_KEY = "Put back the key that sealed the vault; what is to be done without it 'store' says."
_SETUP = "Run `outlook-mcp setup`."


def python_finding() -> Finding:
    """The version of Python, which the installer has compared with the oldest one that is supported."""
    version = ".".join(map(str, sys.version_info[:3]))
    told = f"Python {version}, outlook-mcp {__version__}, {sys.prefix}"
    if sys.version_info[:2] > NEWEST_TESTED:
        return Finding("Python", State.WARN, f"{told}. This Python is newer than those it was tested with.")
    return Finding("Python", State.OK, told)


def command_finding() -> Finding:
    """Whether clients find the command by its name."""
    found = shutil.which("outlook-mcp")
    if found is not None:
        return Finding("command", State.OK, found)
    fix = "Run `pipx ensurepath` or `uv tool update-shell` and open a new terminal, or give clients the full path."
    return Finding("command", State.WARN, "outlook-mcp is not on the PATH, so clients cannot start it by name.", fix)


def configuration_finding(configuration: Configuration | None, problem: ConfigurationError | None) -> Finding:
    """Whether the settings can be read, and keep the rules that signing in needs, or serving at a public address."""
    if configuration is None:
        told = "The settings cannot be read." if problem is None else problem.message
        return Finding("configuration", State.FAIL, told, (problem and problem.next_step) or "Correct that setting.")
    try:
        if configuration.public_url is None:
            configuration.require_client_id()
        else:
            configuration.require_web()
    except ConfigurationError as error:
        return Finding.of_error("configuration", error)
    path = config_file()
    if path.is_file() and "client_secret" in settings_in_file() and _is_open_to_others(path):
        return Finding(
            "configuration",
            State.WARN,
            f"{path} holds a secret and can be read by others.",
            f"Run `chmod 600 {path}`.",
        )
    variables = ", ".join(sorted(variables_of_settings())) or "none"
    where = str(path) if path.is_file() else f"no file at {path}"
    told = f"{where}; variables: {variables}"
    if overriding := overridden_in_file():
        names = ", ".join(overriding)
        fix = "Remove the variable or the line of the file, where both are for the same server."
        return Finding(
            "configuration", State.WARN, f"{told}. The file has other values for {names}, which override it.", fix
        )
    return Finding("configuration", State.OK, told)


async def key_finding(configuration: Configuration) -> list[Finding]:
    """Whether the key of the vault can be read. Without one, the first sign-in makes it."""
    source = key_source(configuration)
    keys = await KeyRing(source).key_ids()
    if keys:
        return [Finding("key", State.OK, f"{source.name}: {counted(len(keys), 'key')}")]
    if not is_vault_to_be_made(configuration):
        return [Finding("key", State.WARN, f"{source.name}: holds no key, though there may be a vault.", _KEY)]
    return [Finding("key", State.OK, f"{source.name}: none yet; the first sign-in makes it.")]


def folder_finding(configuration: Configuration) -> list[Finding]:
    """Says when other users of the machine may replace what is in the data folder, or the settings; nothing else."""
    found = []
    if may_others_replace_files_in(folder := configuration.data_dir):
        told = f"Every user of this machine can take files out of {folder} and put others there."
        found.append(Finding("data folder", State.WARN, told, f"Run `chmod 700 {folder}`."))
    if may_others_write(file := config_file()):
        told = f"Every user of this machine can change the settings in {file}, such as where tokens are sent."
        found.append(Finding("configuration", State.WARN, told, f"Run `chmod go-w {file}`, for its folder too."))
    return found


async def store_finding(configuration: Configuration) -> list[Finding]:
    """Whether the vault can be opened with the key. Without one, the first sign-in makes it."""
    if is_vault_to_be_made(configuration):
        return [Finding("store", State.OK, f"{configuration.data_dir}: no vault yet; the first sign-in makes it.")]
    store = open_store(configuration.store.get_secret_value(), configuration.data_dir)
    try:
        await store.check_usable()
    finally:
        await store.close()
    async with open_vault(configuration) as (vault, _):
        users = sum(user.kind in ("entra", "issuer") for user in await vault.users())
    return [Finding("store", State.OK, f"The vault opens; it holds records of {counted(users, 'user')}.")]


async def audit_finding(configuration: Configuration) -> list[Finding]:
    """Whether this vault can go on with the audit log that is there; nothing without a vault."""
    if is_vault_to_be_made(configuration):
        return []
    async with open_vault(configuration) as (vault, _):
        log = await check_audit_log(configuration, vault)
    return [Finding("audit log", State.OK, f"{log}: the next record goes there.")]


def is_vault_to_be_made(configuration: Configuration) -> bool:
    """True when opening the vault would make it."""
    kind, _, path = configuration.store.get_secret_value().partition(":")
    file = Path(path).expanduser() if path else configuration.data_dir / VAULT_FILE
    return kind == "sqlite" and not file.exists()


def client_findings() -> list[Finding]:
    """For each client that is installed, whether it knows this server and can start it."""
    findings = [finding for client in CLIENTS if (finding := _client_finding(client)) is not None]
    return findings or [Finding("clients", State.WARN, "No MCP client was found on this machine.", _SETUP)]


def _client_finding(client: McpClient) -> Finding | None:
    """None for a client that is neither installed nor has this server."""
    try:
        entry = client.server()
    except ConfigurationError as error:
        return Finding.of_error(client.name, error, State.WARN)
    if entry is None and not client.is_installed():
        return None
    if entry is None:
        return Finding(client.name, State.WARN, f"{client.file()} does not have this server.", _SETUP)
    command = str(entry.get("command", ""))
    if entry.get("url") is None and shutil.which(command) is None:
        fix = f"Install it again, or connect the client again: {_SETUP}"
        return Finding(client.name, State.FAIL, f"{client.file()} starts {command}, which is not there.", fix)
    return Finding(client.name, State.OK, f"{client.file()} has this server.")


def _is_open_to_others(path: Path) -> bool:
    return sys.platform != "win32" and bool(path.stat().st_mode & 0o077)
