"""Where Microsoft Graph is and how long to wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from outlook_mcp.errors import ConfigurationError, RequestRejected
from outlook_mcp.net.addresses import DEFAULT_PORTS, is_loopback
from outlook_mcp.net.proxies import NO_PROXIES, Proxies

# The hosts of the upload sessions of Exchange Online, also in the national clouds.
UPLOAD_HOSTS = (
    "outlook.office.com",
    "outlook.office365.com",
    "outlook.office365.us",
    "outlook-dod.office365.us",
    "partner.outlook.cn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphSettings:
    """`base_url` carries the version (`https://graph.microsoft.com/v1.0`); times are seconds, sizes bytes."""

    base_url: str = "https://graph.microsoft.com/v1.0"
    ca_file: Path | None = None
    proxies: Proxies = NO_PROXIES
    deadline_s: float = 30.0
    transfer_deadline_s: float = 300.0
    longest_retry_s: float = 10.0
    backoff_s: float = 0.5
    max_body_bytes: int = 32 * 2**20
    max_connections: int = 200
    concurrent_per_mailbox: int = 4
    upload_hosts: tuple[str, ...] = UPLOAD_HOSTS

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        if not _is_trustworthy(_split(self.base_url)):
            raise ConfigurationError(f"Graph address: read {self.base_url!r}; expected an https:// address.")

    def require_graph(self, url: str) -> None:
        """Raises RequestRejected unless `url` lies under `base_url`: no token is ever sent anywhere else."""
        base, target = urlsplit(self.base_url), _split(url)
        inside = target.path.lower().startswith(f"{base.path.lower()}/")
        if _origin(target) != _origin(base) or not inside or ".." in target.path.split("/"):
            raise RequestRejected("The address is not one of this Microsoft Graph; nothing was sent.")

    def require_upload(self, url: str) -> None:
        """Raises RequestRejected unless `url` is one that upload sessions use."""
        target = _split(url)
        host = (target.hostname or "").lower()
        both_local = is_loopback(host) and is_loopback(urlsplit(self.base_url).hostname or "")
        if not _is_trustworthy(target) or not (both_local or host in self.upload_hosts):
            raise RequestRejected("The upload address is not one of Exchange Online; nothing was sent.")


def _split(url: str) -> SplitResult:
    """The parts of an address; none of them when it is not one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _is_trustworthy(url: SplitResult) -> bool:
    plain = bool(url.hostname) and url.username is None and url.password is None
    return plain and (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or "")))


def _origin(url: SplitResult) -> tuple[str, str | None, int | None, str | None]:
    return url.scheme, url.hostname, url.port or DEFAULT_PORTS.get(url.scheme), url.username
