"""`outlook-mcp keys`: list or rotate the master keys of the vault."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

import anyio

from outlook_mcp.app import open_vault
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.cli.json_output import print_json
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors.counting import counted
from outlook_mcp.vault.vault import CredentialVault


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status."""
    if arguments.action == "list":
        anyio.run(_print_keys, settings_of(arguments), arguments.json)
    else:
        anyio.run(_rotate, settings_of(arguments), arguments.drop_old, arguments.rekey)
    return 0


async def _print_keys(configuration: Configuration, as_json: bool) -> None:
    async with open_vault(configuration) as (vault, _):
        keys = await vault.rotation.master_keys()
        if as_json:
            print_json([asdict(key) for key in keys])
            return
        for key in keys:
            roles = [role for role, has in (("seals new records", key.seals), ("opens the vault", key.checks)) if has]
            wraps = f"wraps {counted(key.wraps, 'row of data keys')} (each user has one, and the server itself)"
            print(f"{key.id}  {'; '.join([*roles, wraps])}")


async def _rotate(configuration: Configuration, drop_old: bool, rekey: bool) -> None:
    async with open_vault(configuration) as (vault, audit):
        rotation = await vault.rotation.rotate_master_key()
        await audit.record(AuditTag.KEY_ROTATED, None, {"key": rotation.sealing, "rewrapped": rotation.rewrapped})
        wrapped = counted(rotation.rewrapped, "data key")
        print(f"{rotation.sealing} seals new records from now on. It wraps {wrapped} that others wrapped before.")
        for user in rotation.unreadable:
            print(f"The data keys of {user} cannot be read and were not changed; {user} has to sign in again.")
        if rekey:
            await _replace_data_keys(vault, audit)
        # Keys in the environment are dropped by whoever sets it.
        are_set_outside = configuration.key_source == "environment"
        if drop_old and not are_set_outside:
            await _drop_old(vault, audit)
        elif rotation.still_open:
            then = "set only the new key" if are_set_outside else "--drop-old"
            old_keys = ", ".join(rotation.still_open)
            print(f"Old keys that still open the vault: {old_keys}. Once every server has the new key: {then}.")


async def _replace_data_keys(vault: CredentialVault, audit: AuditLog) -> None:
    print("Every record is sealed again under new data keys; this takes some seconds.")
    done = await vault.rotation.replace_data_keys()
    await audit.record(AuditTag.DATA_KEYS_REPLACED, None, {"records": done.records, "unreadable": len(done.unreadable)})
    print(f"Records sealed again: {done.records}. The old data keys were removed.")
    for key in done.unreadable:
        print(f"The {key.kind} record of {key.user} cannot be read and was left as it is.")


async def _drop_old(vault: CredentialVault, audit: AuditLog) -> None:
    for key in await vault.rotation.drop_old_keys():
        await audit.record(AuditTag.KEY_DROPPED, None, {"key": key})
        print(f"{key} is no longer needed and was removed.")
