"""Opens the store that an address names, and the bus beside it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.net.addresses import is_loopback
from outlook_mcp.vault.bus import Bus
from outlook_mcp.vault.lazy import RedisBus, RedisStore
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
        return SqliteStore(Path(os.path.expanduser(rest)) if rest else data_dir / "vault.db")
    if scheme in SCHEMES:
        return RedisStore(RedisAddress.parse(address))
    raise ConfigurationError(
        "The address of the store names no kind of store.", next_step=f"Expected: sqlite:, sqlite:PATH, {EXPECTED}."
    )


def open_bus(address: str) -> Bus | None:
    """The bus beside the store of this address; None beside a file, which one server has for itself.

    Nothing is opened or asked before it is used. Raises ConfigurationError as `open_store` does.
    """
    return RedisBus(RedisAddress.parse(address)) if is_shared(address) else None


def is_shared(address: str) -> bool:
    """Whether several servers can use the store of this address at once.

    >>> is_shared("redis://cache.example"), is_shared("sqlite:")
    (True, False)
    """
    return address.partition(":")[0] in SCHEMES


def holds_password(address: str) -> bool:
    """Whether anybody who reads this address learns a password; True as well for one that cannot be read but may.

    >>> [holds_password(f"redis://{rest}") for rest in ("host", ":secret@host", "user@host", "a?sentinel_password=b")]
    [False, True, False, True]
    """
    try:
        parts = urlsplit(address)
        return bool(parts.password) or "password=" in parts.query.lower()
    except ValueError:
        return "@" in address


def crosses_network_unprotected(address: str) -> bool:
    """Whether it leads to another machine without TLS, so that the network can read the password of the store.

    >>> crosses_network_unprotected("redis://cache.example"), crosses_network_unprotected("rediss://cache.example")
    (True, False)
    >>> crosses_network_unprotected("redis://127.0.0.1:6379"), crosses_network_unprotected("sqlite:")
    (False, False)
    """
    if not is_shared(address):
        return False
    parsed = RedisAddress.parse(address)
    return not parsed.tls and not all(is_loopback(host) for host, _ in parsed.hosts)
