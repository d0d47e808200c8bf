"""`outlook-mcp store copy SOURCE [DESTINATION]`: copy the vault to another store, by default the configured one."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import anyio

from outlook_mcp.app.credentials import key_source
from outlook_mcp.cli.settings import refuse_password, settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, KeyMismatch
from outlook_mcp.errors.counting import counted
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.store import VaultStore
from outlook_mcp.vault.store_address import open_store
from outlook_mcp.vault.store_copy import copy_store
from outlook_mcp.vault.vault import CredentialVault


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status. Without DESTINATION the configured store is the destination."""
    configuration = settings_of(arguments)
    source = _address("SOURCE", arguments.source)
    destination = _address("DESTINATION", arguments.destination or "") or configuration.store.get_secret_value()
    anyio.run(copy, configuration, source, destination)
    return 0


def _address(argument: str, text: str) -> str:
    """The address of a store, in `@FILE` the first line of the file: an address may hold a password.

    Raises ConfigurationError for a password on the command line and for a file that cannot be read.
    """
    if not text.startswith("@"):
        refuse_password(argument, text)
        return text
    try:
        return Path(text[1:]).read_text("utf-8-sig").strip().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{argument}: read {text!r}; expected @ and a file with an address.") from None


async def copy(configuration: Configuration, source_address: str, destination_address: str) -> None:
    """Copies and compares all records, checks the key on the copy, and prints both results."""
    source = open_store(source_address, configuration.data_dir)
    destination = open_store(destination_address, configuration.data_dir)
    try:
        copied = await copy_store(source, destination)
        records, users = counted(copied.records, "record"), counted(copied.users, "user")
        lines = f", {counted(copied.log_lines, 'line')} of audit logs" if copied.log_lines else ""
        print(f"Copied and compared {records} of {users}, {counted(copied.meta_rows, 'vault row')}{lines}.")
        print(await _check_key(configuration, destination))
    finally:
        await source.close()
        await destination.close()


async def _check_key(configuration: Configuration, store: VaultStore) -> str:
    """Opens the copy with the configured key; what came of it. Raises KeyMismatch when the key does not fit."""
    try:
        ring = KeyRing(key_source(configuration))
        has_key = bool(await ring.key_ids())
    except ConfigurationError:
        has_key = False
    if not has_key:
        return "The vault's key is not on this machine, so the copy was not opened with it."
    try:
        await CredentialVault(store, ring).open_or_create()
    except KeyMismatch as error:
        next_step = "The copy is complete: start its servers with the key of the source."
        raise KeyMismatch(error.message, next_step=next_step) from None
    return f"The {ring.source_name} opens the copy."
