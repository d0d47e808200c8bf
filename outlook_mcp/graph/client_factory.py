"""Makes Graph clients: one pool for the process, one identity for each client."""

from __future__ import annotations

import gc
import importlib
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

import anyio
import anyio.to_thread
from pydantic import SecretStr

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.concurrency_limit import ConcurrencyLimit
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.user import UserKey

if TYPE_CHECKING:
    import httpx

    from outlook_mcp.graph.transport import AiohttpTransport

_WIRE = "outlook_mcp.graph.sdk"


class TokenSource(Protocol):
    """Gives a valid Graph access token."""

    async def access_token(
        self,
        user: UserKey,
        connection: str | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        """`claims` is Graph's challenge, encoded as it came; `rejected` a token that Graph refused without one."""


class EmailClientFactory:
    """Holds no user: clients carry their own token provider over the shared, cookie-less pool."""

    def __init__(self, settings: GraphSettings, tokens: TokenSource) -> None:
        self.settings = settings
        self._tokens = tokens
        self._pool: tuple[AiohttpTransport, httpx.AsyncClient] | None = None
        # A limit lives as long as some client of its mailbox does.
        self._limits: WeakValueDictionary[tuple[UserKey, str | None], ConcurrencyLimit] = WeakValueDictionary()
        self._warming = anyio.Lock()
        self._is_warm = False

    async def warm(self) -> None:
        """Loads the SDK off the event loop, once; then freezes it out of garbage collection."""
        if self._is_warm:
            return
        async with self._warming:
            if not self._is_warm:
                await anyio.to_thread.run_sync(importlib.import_module, _WIRE)
                gc.freeze()
                self._is_warm = True

    def for_user(self, user: UserKey, connection: str | None = None) -> GraphClient:
        """A client that can only ever act as `user`, on the mailbox of `connection` (None: the default one)."""
        wire: Any = importlib.import_module(_WIRE)
        transport, http = self._pool = self._pool or self._open_pool(wire)
        provider = wire.UserTokenProvider(self._tokens, user, connection, self.settings)
        return GraphClient(
            service=wire.service(provider, http, self.settings.base_url),
            provider=provider,
            http=http,
            transport=transport,
            limit=self._limit(user, connection),
            settings=self.settings,
        )

    async def aclose(self) -> None:
        """Closes the pool; the SDK's own transport wrapper does not."""
        pool, self._pool = self._pool, None
        if pool is not None:
            transport, http = pool
            await http.aclose()
            await transport.aclose()

    def _open_pool(self, wire: Any) -> tuple[AiohttpTransport, httpx.AsyncClient]:
        transport: AiohttpTransport = wire.transport(self.settings)
        return transport, wire.http_client(self.settings, transport)

    def _limit(self, user: UserKey, connection: str | None) -> ConcurrencyLimit:
        key = (user, connection)
        limit = self._limits.get(key)
        if limit is None:
            limit = self._limits[key] = ConcurrencyLimit(self.settings.concurrent_per_mailbox)
        return limit
