"""Opens the store that an address names."""

from __future__ import annotations

from pathlib import Path

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.vault.redis_address import EXPECTED, SCHEMES, RedisAddress
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.store import VaultStore


def open_store(address: str, data_dir: Path) -> VaultStore:
    """The store of `sqlite:` (`vault.db` in `data_dir`), `sqlite:PATH`, or an address of `RedisAddress`.

    Nothing is opened or asked before the first operation. Raises ConfigurationError for any other address, repeating
    none of it, since it may hold a password.
    """
    scheme, _, rest = address.partition(":")
    if scheme == "sqlite":
        return SqliteStore(Path(rest).expanduser() if rest else data_dir / "vault.db")
    if scheme in SCHEMES:
        # Only who uses Redis pays for loading its client.
        from outlook_mcp.vault.redis_store import RedisStore

        return RedisStore(RedisAddress.parse(address))
    raise ConfigurationError(
        "The address of the store names no kind of store.", next_step=f"Expected: sqlite:, sqlite:PATH, {EXPECTED}."
    )
