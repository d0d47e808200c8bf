"""Checks whether a Redis may hold credentials: it accepts writes, evicts nothing, and persists its data."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from redis.exceptions import ResponseError

from outlook_mcp.errors import ServerFileError, StoreUnavailable
from outlook_mcp.vault.redis_connection import RedisConnection

_log = logging.getLogger(__name__)
_KEEPS_ALL = "noeviction"


async def check_configuration(connection: RedisConnection, name: str) -> tuple[str, ...]:
    """Warnings about its configuration.

    Raises ConfigurationError for an eviction policy that drops rows, StoreUnavailable for a replica.
    """
    warnings: list[str] = []
    for info in await connection.run_on_primaries("INFO"):
        if info.get("role") == "slave":
            raise StoreUnavailable(
                f"{name} is a replica that takes no writes.",
                next_step="Give the address of the primary, or of its Sentinels.",
            )
        policy = info.get("maxmemory_policy") or await _setting(connection, "maxmemory-policy")
        if policy is None:
            warnings.append(f"{name} does not show its maxmemory-policy; make sure that it is {_KEEPS_ALL}.")
        elif policy != _KEEPS_ALL:
            raise ServerFileError(
                f"{name} has maxmemory-policy {policy}, which drops sign-ins and sessions when memory is short.",
                next_step=f"Set `maxmemory-policy {_KEEPS_ALL}` in its configuration.",
            )
        warnings += await _about_persistence(connection, name, info)
    return tuple(dict.fromkeys(warnings))


async def _about_persistence(connection: RedisConnection, name: str, info: Mapping[str, Any]) -> list[str]:
    if info.get("aof_enabled"):
        return []
    snapshots = await _setting(connection, "save")
    if snapshots is None:
        return [f"{name} does not show whether it keeps its data; without `appendonly yes` a restart signs users out."]
    if snapshots == "":
        return [f"{name} keeps nothing on disk: a restart signs everybody out. Set `appendonly yes`."]
    return []


async def _setting(connection: RedisConnection, name: str) -> str | None:
    """None where managed services forbid CONFIG."""
    try:
        answers = await connection.run_on_primaries("CONFIG GET", name)
    except ResponseError:
        return None
    values = [answer.get(name) for answer in answers]
    return next((value for value in values if value == ""), values[0] if values else None)
