"""Checks the address of the store when the settings are read."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.vault.store_address import open_store


def check_store_address(value: SecretStr) -> SecretStr:
    """`value`, if it is an address that `open_store` accepts. Raises ValueError, which repeats no part of it."""
    try:
        open_store(value.get_secret_value(), Path())
    except ConfigurationError as wrong:
        expected = wrong.next_step.removeprefix("Expected: ").removesuffix(".")
        raise ValueError(f"{expected} ({wrong.message.removesuffix('.')})") from None
    return value
