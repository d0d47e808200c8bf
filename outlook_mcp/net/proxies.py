"""Which requests go through a proxy: one rule for Microsoft Graph, Entra ID, other issuers and client documents."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from outlook_mcp.net.addresses import is_link_local, is_loopback


@dataclass(frozen=True, slots=True)
class Proxies:
    """`url` is the address of the proxy, which may hold a password; None means that there is none.

    `exempt` are hosts that are reached directly, each with its subdomains, as in the variable NO_PROXY; `*` is every
    host. This machine and link-local addresses are always reached directly: behind a proxy they are another machine's.
    """

    url: SecretStr | None = None
    exempt: tuple[str, ...] = ()

    def proxy_for(self, url: str) -> SecretStr | None:
        """The proxy that a request to `url` goes through, None for a direct one.

        >>> proxies = Proxies(SecretStr("http://proxy.example:3128"), exempt=(".example.org",))
        >>> [proxies.proxy_for(url) is not None for url in ("https://a.example", "https://a.example.org", "http://[::1]")]
        [True, False, False]
        """
        host = (urlsplit(url).hostname or "").lower()
        if self.url is None or is_loopback(host) or is_link_local(host) or self._is_exempt(host):
            return None
        return self.url

    def _is_exempt(self, host: str) -> bool:
        names = [name.partition(":")[0].strip().lstrip(".").lower() for name in self.exempt]
        return "*" in names or any(name and (host == name or host.endswith(f".{name}")) for name in names)


NO_PROXIES = Proxies()


def without_password(url: SecretStr) -> str:
    """The address of a proxy as it may be shown.

    >>> without_password(SecretStr("http://alice:secret@proxy.example:3128"))
    'http://proxy.example:3128'
    """
    parts = urlsplit(url.get_secret_value())
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
