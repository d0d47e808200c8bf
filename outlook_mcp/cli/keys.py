"""`outlook-mcp keys`: list or rotate the keys that seal the vault."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app import open_vault
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.cli.parser import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    anyio.run(_list if arguments.action == "list" else _rotate, settings_of(arguments))
    return 0


async def _list(configuration: Configuration) -> None:
    async with open_vault(configuration) as (vault, _):
        for key in await vault.keys():
            roles = [role for role, has in (("seals new records", key.seals), ("opens the vault", key.checks)) if has]
            print(f"{key.id}  {'; '.join([*roles, f'wraps the data keys of {key.wraps} users'])}")


async def _rotate(configuration: Configuration) -> None:
    async with open_vault(configuration) as (vault, audit):
        rotation = await vault.rotate()
        audit.append(AuditTag.KEY_ROTATED, None, {"key": rotation.sealing, "rewrapped": rotation.rewrapped})
        print(f"{rotation.sealing} seals from now on; {rotation.rewrapped} data keys were wrapped anew.")
        for key in await vault.drop_old_keys():
            audit.append(AuditTag.KEY_DROPPED, None, {"key": key})
            print(f"{key} is not needed any more and was dropped.")
