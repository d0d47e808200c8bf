"""Checks the vault's key ring when the settings are read."""

from __future__ import annotations

from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.vault.key_ring import parse_keys


def check_master_key(value: SecretStr) -> SecretStr:
    """`value`, if it is one or more keys that the vault accepts. Raises ValueError, which repeats no part of it."""
    try:
        keys = parse_keys(value.get_secret_value(), "setting")
    except ConfigurationError:
        keys = ()
    if not keys:
        raise ValueError(
            "one or more keys, sealing key first, each 32 random bytes in base64 (`openssl rand -base64 32` makes one)"
        )
    return value
