"""Makes Graph clients: one HTTP client for the process, one identity for each Graph client."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import anyio
import anyio.to_thread

from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.concurrency_limit import ConcurrencyLimit
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.tokens import TokenSource
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.scopes import covers
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.garbage import collecting_no_garbage
from outlook_mcp.net.lean_imports import lazy_imports, run_on_use, without_modules, without_system_certificates

if TYPE_CHECKING:
    import httpx

    from outlook_mcp.graph.sdk import SharedHttp

# What is changed while the SDK is loaded is the same for all threads: two servers in a process load it one by one.
_LOADING = threading.Lock()


class EmailClientFactory:
    """Holds nothing of a user: every client asks `tokens` for its own user over the shared HTTP client."""

    def __init__(
        self,
        settings: GraphSettings,
        tokens: TokenSource,
        areas: Callable[[], Iterable[GraphArea]],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`areas` is called when the first client is made. `transport` answers in the place of Microsoft Graph."""
        self.settings = settings
        self._transport = transport
        self._tokens = tokens
        self._areas = areas
        self._http: SharedHttp | None = None
        # A limit lives as long as some client of its mailbox does.
        self._limits: WeakValueDictionary[tuple[UserKey, ConnectionId | None], ConcurrencyLimit] = WeakValueDictionary()
        self._warming = anyio.Lock()
        self._is_warm = False

    async def warm(self) -> None:
        """Loads the SDK and the certificates outside the event loop, once; then exempts it from garbage collection."""
        if self._is_warm:
            return
        async with self._warming:
            if not self._is_warm:
                made = await anyio.to_thread.run_sync(self._shared_http)
                self._http = self._http or made
                gc.freeze()
                self._is_warm = True

    async def prepare(self, permissions: Iterable[str]) -> None:
        """As `warm`, and loads what areas use that may be read with these Graph permissions, before a call needs it."""
        await self.warm()
        await anyio.to_thread.run_sync(self._load_builders, tuple(permissions))

    def for_user(self, user: UserKey, connection: ConnectionId | None, area: GraphArea) -> GraphClient:
        """A client that can only ever act as `user`, on the mailbox of `connection` (None: the default one)."""
        if self._http is None:
            self._http = self._shared_http()
        return GraphClient(self._http.sender_of(user, connection, self._limit_of(user, connection)), area)

    async def aclose(self) -> None:
        """Closes all connections to Graph."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def _shared_http(self) -> SharedHttp:
        made: SharedHttp = _sdk().SharedHttp(self.settings, self._tokens, self._areas(), self._transport)
        return made

    def _load_builders(self, permissions: Sequence[str]) -> None:
        for area in self._areas():
            if covers(permissions, (area.read_permission,)):
                _sdk().load_builders(area)

    def _limit_of(self, user: UserKey, connection: ConnectionId | None) -> ConcurrencyLimit:
        key = (user, connection)
        limit = self._limits.get(key)
        if limit is None:
            limit = self._limits[key] = ConcurrencyLimit(self.settings.concurrent_per_mailbox)
        return limit


def _sdk() -> ModuleType:
    # httpx loads click and rich for a command of its own, where they are installed (6 MB). aiohttp makes two contexts
    # for connections that are given none, and ours is given one (2 MB).
    with _LOADING, collecting_no_garbage(), without_modules("click"), without_system_certificates():
        # Of this one the SDK needs a class, not its own HTTP client (50 ms, 2 MB).
        run_on_use("azure.core")
        # What the SDK has of this one it never calls for us (10 ms, 1 MB).
        with lazy_imports("urllib3.util"):
            # Here and not at the top: loading msgraph-sdk takes 0.2 s and 30 MB, which a server that waits for its
            # first call and a command that opens no mailbox do without.
            from outlook_mcp.graph import sdk

    return sdk
