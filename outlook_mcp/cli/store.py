"""`outlook-mcp store copy SOURCE [DESTINATION]`: move the vault to another store, by default the configured one."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app.credentials import key_source
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, KeyMismatch
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.store import VaultStore
from outlook_mcp.vault.store_address import open_store
from outlook_mcp.vault.store_copy import copy_store
from outlook_mcp.vault.vault import CredentialVault


def run(arguments: Namespace) -> int:
    configuration = settings_of(arguments)
    # An address with a password need not stand on a command line, which every process of the machine can read.
    destination = arguments.destination or configuration.store.get_secret_value()
    anyio.run(copy, configuration, arguments.source, destination)
    return 0


async def copy(configuration: Configuration, source_address: str, destination_address: str) -> None:
    source = open_store(source_address, configuration.data_dir)
    destination = open_store(destination_address, configuration.data_dir)
    try:
        copied = await copy_store(source, destination)
        print(f"Copied and compared {copied.records} records of {copied.users} users, {copied.meta_rows} vault rows.")
        print(await _key_checked(configuration, destination))
    finally:
        await source.close()
        await destination.close()


async def _key_checked(configuration: Configuration, store: VaultStore) -> str:
    """Raises KeyMismatch when the key at hand does not open the copy."""
    try:
        ring = KeyRing(key_source(configuration))
        is_here = bool(await ring.ids())
    except ConfigurationError:
        is_here = False
    if not is_here:
        return "The vault's key is not here, so it was not tried on the copy."
    try:
        await CredentialVault(store, ring).open()
    except KeyMismatch as error:
        next_step = "The copy is whole: start its servers with the key of the source."
        raise KeyMismatch(error.message, next_step=next_step) from None
    return f"The {ring.source_name} opens the copy."
