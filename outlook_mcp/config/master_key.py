"""The vault's key ring as a setting."""

from __future__ import annotations

from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError


def check_master_key(value: SecretStr) -> SecretStr:
    """One or more keys as the vault reads them; an error repeats nothing of it."""
    # Only who gives a key pays for loading the ciphers.
    from outlook_mcp.vault.key_ring import parse_keys

    try:
        keys = parse_keys(value.get_secret_value(), "setting")
    except ConfigurationError:
        keys = ()
    if not keys:
        raise ValueError(
            "one or more keys, sealing key first, each 32 random bytes in base64 (`openssl rand -base64 32` makes one)"
        )
    return value
