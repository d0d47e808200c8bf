"""The caller's way to what a tool needs: a link to a page of ours, made for this caller alone."""

from __future__ import annotations

from outlook_mcp.errors import ScopeRequired, SignInError
from outlook_mcp.web.caller import HttpCaller
from outlook_mcp.web.pages.links import ConnectLink, ConnectLinks


class HttpSignIns:
    """Links of the user who is calling, on any replica."""

    def __init__(self, links: ConnectLinks, caller: HttpCaller) -> None:
        self._links = links
        self._caller = caller

    async def begin(self, needed: SignInError) -> ConnectLink:
        """A link that widens the grant when a scope is `needed`, else one that signs the caller in again."""
        context = await self._caller.context()
        if isinstance(needed, ScopeRequired):
            return await self._links.begin(context, "widen", scopes=(needed.scope,))
        return await self._links.begin(context, "renew")

    async def find(self, id: str) -> ConnectLink | None:
        """The caller's own link of this id."""
        return await self._links.find(await self._caller.context(), id)
