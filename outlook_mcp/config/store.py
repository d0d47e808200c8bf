"""The address of the store as a setting."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError


def check_store_address(value: SecretStr) -> SecretStr:
    """An address that `open_store` takes; an error repeats nothing of it."""
    # Only who names a store pays for loading it here.
    from outlook_mcp.vault.store_address import open_store

    try:
        open_store(value.get_secret_value(), Path())
    except ConfigurationError as wrong:
        expected = wrong.next_step.removeprefix("Expected: ").removesuffix(".")
        raise ValueError(f"{expected} ({wrong.message.removesuffix('.')})") from None
    return value
