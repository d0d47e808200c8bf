"""What of the vault is loaded when it is first needed: only a server that uses Redis loads its client."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from outlook_mcp.vault.redis_bus import RedisBus
    from outlook_mcp.vault.redis_store import RedisStore
