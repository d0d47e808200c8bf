"""Where a Redis is, read from one line.

    redis://[user[:password]@]host[:port][/database]              one server; rediss:// with TLS
    redis+sentinel://[user:password@]host:port,host:port/master[/database]
    redis+cluster://[user:password@]host:port,host:port

Options follow after `?`: `prefix` of every key, `replicas` that must hold a write before it counts, `ca_file` to trust,
and `sentinel_user` and `sentinel_password` where Sentinels ask for their own. The line may hold a password, so no
message repeats any part of it that is not known to be harmless.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NoReturn, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError

DEFAULT_PREFIX = "outlook-mcp"
REDIS_PORT = 6379
SENTINEL_PORT = 26379
EXPECTED = (
    "redis://[user:password@]host[:port][/database], redis+sentinel://[user:password@]host:port,.../master[/database] "
    "or redis+cluster://[user:password@]host:port,... (rediss for TLS)"
)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?")


class Topology(Enum):
    """One server, a primary that Sentinels watch, or a Cluster."""

    SERVER = "server"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


_SCHEMES = {
    "redis": (Topology.SERVER, False),
    "rediss": (Topology.SERVER, True),
    "redis+sentinel": (Topology.SENTINEL, False),
    "rediss+sentinel": (Topology.SENTINEL, True),
    "redis+cluster": (Topology.CLUSTER, False),
    "rediss+cluster": (Topology.CLUSTER, True),
}
SCHEMES = tuple(_SCHEMES)
_OPTIONS = {
    Topology.SERVER: {"prefix", "replicas", "ca_file"},
    Topology.SENTINEL: {"prefix", "replicas", "ca_file", "sentinel_user", "sentinel_password"},
    Topology.CLUSTER: {"prefix", "ca_file"},
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """`user` is None for the default user of Redis, `password` where none is asked for."""

    user: str | None = None
    password: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """`hosts` are the server, the Sentinels or nodes of the Cluster; `master` is what Sentinels call it."""

    topology: Topology
    hosts: tuple[tuple[str, int], ...]
    tls: bool = False
    credentials: Credentials = Credentials()
    sentinel_credentials: Credentials = Credentials()
    master: str = ""
    database: int = 0
    prefix: str = DEFAULT_PREFIX
    replicas: int = 0
    ca_file: Path | None = None

    @classmethod
    def parse(cls, address: str) -> Self:
        """Raises ConfigurationError that says which part is wrong and repeats none of it.

        >>> RedisAddress.parse("rediss+sentinel://one.example,two.example:26380/mymaster/3?replicas=1").name
        "The Redis 'mymaster' of the Sentinels one.example:26379, two.example:26380"
        """
        try:
            parts = urlsplit(address)
        except ValueError:
            _refuse("a host in it cannot be read")
        if parts.scheme not in _SCHEMES or not address[len(parts.scheme) :].startswith("://"):
            _refuse("it names no kind of Redis")
        if parts.fragment:
            _refuse("it holds a #; write %23 in a password")
        topology, tls = _SCHEMES[parts.scheme]
        options = _options(topology, parts.query)
        login, _, hosts = parts.netloc.rpartition("@")
        master, database = _path(topology, parts)
        return cls(
            topology,
            _hosts(topology, hosts),
            tls,
            _credentials(login),
            Credentials(options.get("sentinel_user"), _secret(options.get("sentinel_password"))),
            master,
            database,
            _matched(_NAME, options.get("prefix", DEFAULT_PREFIX), "its prefix is not 1 to 64 of A-Z a-z 0-9 . _ -"),
            _number(options.get("replicas", "0"), 9, "its number of replicas is not 0 to 9"),
            _ca_file(options.get("ca_file")),
        )

    @property
    def name(self) -> str:
        """What to call this Redis in a message: places only."""
        places = ", ".join(f"{host}:{port}" for host, port in self.hosts)
        if self.topology is Topology.SENTINEL:
            return f"The Redis {self.master!r} of the Sentinels {places}"
        return f"The Redis Cluster {places}" if self.topology is Topology.CLUSTER else f"The Redis {places}"


def _refuse(reason: str) -> NoReturn:
    raise ConfigurationError(
        f"The address of the store is wrong: {reason}.", next_step=f"Expected: {EXPECTED}."
    ) from None


def _options(topology: Topology, query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        _refuse("its options after the ? are not name=value")
    options = dict(pairs)
    if len(options) != len(pairs) or not options.keys() <= _OPTIONS[topology]:
        _refuse(f"its options after the ? are not each at most once {', '.join(sorted(_OPTIONS[topology]))}")
    return options


def _hosts(topology: Topology, text: str) -> tuple[tuple[str, int], ...]:
    words = text.split(",")
    if topology is Topology.SERVER and len(words) > 1:
        _refuse("it names several hosts, which only Sentinels and a Cluster have")
    default = SENTINEL_PORT if topology is Topology.SENTINEL else REDIS_PORT
    return tuple(_host(word, default) for word in words)


def _host(text: str, default_port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    if found is None:
        _refuse("a host in it is not host:port")
    port = _number(found["port"] or str(default_port), 65535, "a port in it is not 1 to 65535")
    if port == 0:
        _refuse("a port in it is not 1 to 65535")
    return found["host"].strip("[]"), port


def _path(topology: Topology, parts: SplitResult) -> tuple[str, int]:
    words = [word for word in parts.path.split("/") if word]
    master = ""
    if topology is Topology.SENTINEL:
        if not words:
            _refuse("the name of the master is missing after the Sentinels")
        master = _matched(_NAME, words.pop(0), "the name of the master is not 1 to 64 of A-Z a-z 0-9 . _ -")
    if topology is Topology.CLUSTER and words:
        _refuse("a Cluster has no numbered databases")
    if len(words) > 1:
        _refuse("more than a database follows the host; write %2F for a / in a password")
    return master, _number(words[0], 10_000, "its database is no number") if words else 0


def _credentials(login: str) -> Credentials:
    user, _, password = login.partition(":")
    return Credentials(unquote(user) or None, _secret(unquote(password)))


def _secret(text: str | None) -> SecretStr | None:
    return SecretStr(text) if text else None


def _ca_file(text: str | None) -> Path | None:
    if text is not None and not Path(text).is_file():
        _refuse("its ca_file cannot be read")
    return None if text is None else Path(text)


def _matched(pattern: re.Pattern[str], text: str, reason: str) -> str:
    if pattern.fullmatch(text) is None:
        _refuse(reason)
    return text


def _number(text: str, most: int, reason: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > most:
        _refuse(reason)
    return int(text)
