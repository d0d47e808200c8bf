"""`outlook-mcp keys`: list or rotate the keys that seal the vault."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app import open_vault
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.vault.vault import CredentialVault


def run(arguments: Namespace) -> int:
    if arguments.action == "list":
        if arguments.drop_old:
            raise ConfigurationError("--drop-old: expected with keys rotate only.")
        anyio.run(_list, settings_of(arguments))
    else:
        anyio.run(_rotate, settings_of(arguments), arguments.drop_old)
    return 0


async def _list(configuration: Configuration) -> None:
    async with open_vault(configuration) as (vault, _):
        for key in await vault.keys():
            roles = [role for role, has in (("seals new records", key.seals), ("opens the vault", key.checks)) if has]
            print(f"{key.id}  {'; '.join([*roles, f'wraps the data keys of {key.wraps} users'])}")


async def _rotate(configuration: Configuration, drop_old: bool) -> None:
    async with open_vault(configuration) as (vault, audit):
        rotation = await vault.rotate()
        await audit.record(AuditTag.KEY_ROTATED, None, {"key": rotation.sealing, "rewrapped": rotation.rewrapped})
        print(f"{rotation.sealing} seals from now on; {rotation.rewrapped} data keys were wrapped anew.")
        for user in rotation.unreadable:
            print(f"The data keys of {user} could not be read and stay as they are; {user} has to sign in again.")
        if drop_old:
            await _drop_old(vault, audit)
        elif rotation.still_open:
            drop = "set it alone" if configuration.key_source == "environment" else "--drop-old"
            print(f"Still opening: {', '.join(rotation.still_open)}. Once every server has the new key: {drop}.")


async def _drop_old(vault: CredentialVault, audit: AuditLog) -> None:
    for key in await vault.drop_old_keys():
        await audit.record(AuditTag.KEY_DROPPED, None, {"key": key})
        print(f"{key} is not needed any more and was dropped.")
