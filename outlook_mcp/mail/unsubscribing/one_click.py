"""One-click unsubscription over HTTP (RFC 8058)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from outlook_mcp.errors import DeadlinePassed, Remedy, SiteRefused
from outlook_mcp.graph.settings import GraphSettings


class PublicOneClick:
    """Posts over the proxy and with the certificate authorities that Graph is asked with, within `deadline_s` seconds.

    `resolve` is only for tests, which have no DNS: what it finds has to be public all the same.
    """

    def __init__(
        self,
        settings: GraphSettings,
        *,
        resolve: Callable[[str], Awaitable[Sequence[str]]] | None = None,
        deadline_s: float = 10.0,
    ) -> None:
        self._settings = settings
        self._deadline_s = deadline_s
        self._resolving = {} if resolve is None else {"resolve": resolve}
        # One for all calls: it limits how many names are being looked up.
        self._post: Any = None

    async def __call__(self, url: str, body: str, /) -> int:
        """The status of the answer.

        Raises SiteRefused when nothing was sent, and DeadlinePassed when the request may have been carried out.
        """
        http = _http()
        host = urlsplit(url).hostname or ""
        if self._post is None:
            self._post = http.PublicPost(
                http.PublicHttp(ca_file=self._settings.ca_file, proxies=self._settings.proxies, **self._resolving),
                deadline_s=self._deadline_s,
            )
        try:
            return int(await self._post.post_form(url, body))
        except http.AddressRefused:
            raise SiteRefused(
                f"The site {host} has no public address, so nothing was sent to it.",
                next_step="Use a rule or mark the message as junk.",
            ) from None
        except http.PostFailed as failed:
            if not failed.may_have_arrived:
                raise SiteRefused(
                    f"The site {host} {failed}. Nothing was sent.",
                    next_step="Try again later, or use a rule or mark the message as junk.",
                ) from None
            raise DeadlinePassed(
                f"The site {host} {failed}. You may or may not be unsubscribed.",
                remedy=Remedy.LOOK_FIRST,
                next_step="See whether mail still comes before trying again tomorrow.",
            ) from None


def _http() -> ModuleType:
    # Here and not at the top: aiohttp takes 60 ms to load, which a server that waits for its first call does without.
    from outlook_mcp.net import public_post

    return public_post
