"""Which store an address opens, and that no message repeats a password."""

from __future__ import annotations

import asyncio
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

from outlook_mcp.errors import ConfigurationError, StoreUnavailable
from outlook_mcp.vault.records import StoredRecord
from outlook_mcp.vault.redis_address import RedisAddress, Topology
from outlook_mcp.vault.redis_store import RedisStore
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.store_address import open_store
from tests.valkey import HOST, Valkey, valkey
from tests.vault.contract import TOKEN

PASSWORD = "pa:ss@wo/rd?#%"


class TestSqlite:
    @pytest.mark.parametrize("absolute", [False, True])
    async def test_the_file_is_the_default_one_or_the_one_named(self, tmp_path: Path, absolute: bool) -> None:
        named = tmp_path / "named.db"
        store = open_store(f"sqlite:{named}" if absolute else "sqlite:", tmp_path)
        assert isinstance(store, SqliteStore)
        await store.users()
        await store.close()
        assert (named if absolute else tmp_path / "vault.db").exists()


class TestRedis:
    @pytest.mark.parametrize(
        ("address", "hosts", "database"),
        [
            ("redis://cache", (("cache", 6379),), 0),
            ("redis://cache:7000/3", (("cache", 7000),), 3),
            ("rediss://[::1]:7000/", (("::1", 7000),), 0),
            ("redis+sentinel://a,b:27000/outlook/2", (("a", 26379), ("b", 27000)), 2),
            ("rediss+cluster://a:7001,b:7002,c", (("a", 7001), ("b", 7002), ("c", 6379)), 0),
        ],
    )
    def test_places_are_read(self, address: str, hosts: tuple[tuple[str, int], ...], database: int) -> None:
        read = RedisAddress.parse(address)
        assert (read.hosts, read.database, read.tls) == (hosts, database, address.startswith("rediss"))

    def test_everything_else_is_read_too(self) -> None:
        read = RedisAddress.parse(
            f"redis+sentinel://us%65r:{quote(PASSWORD, safe='')}@a:1/main?prefix=staging&replicas=2"
            "&sentinel_user=s&sentinel_password=t"
        )
        assert (read.topology, read.master, read.prefix, read.replicas) == (Topology.SENTINEL, "main", "staging", 2)
        for credentials, expected in ((read.credentials, ("user", PASSWORD)), (read.sentinel_credentials, ("s", "t"))):
            assert credentials.password is not None
            assert (credentials.user, credentials.password.get_secret_value()) == expected

    def test_neither_name_nor_repr_hold_a_password(self) -> None:
        read = RedisAddress.parse("redis+sentinel://user:hunter2@a:1/main?sentinel_password=hunter3")
        assert "hunter" not in f"{read!r} {read.name}"

    @pytest.mark.parametrize("address", ["redis://cache", "redis+sentinel://a/main", "redis+cluster://a,b"])
    def test_opening_asks_nobody(self, address: str, tmp_path: Path) -> None:
        assert isinstance(open_store(address, tmp_path), RedisStore)

    async def test_a_numbered_database_is_used(self, a_valkey: Valkey, tmp_path: Path) -> None:
        store = open_store(f"{a_valkey.url}/5", tmp_path)
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        await store.close()
        with a_valkey.client(db="5") as client:
            assert client.dbsize() == 2
            client.flushall()

    async def test_a_password_of_any_characters_opens(self, tmp_path: Path) -> None:
        with valkey("--requirepass", PASSWORD) as server:
            store = open_store(f"redis://:{quote(PASSWORD, safe='')}@{HOST}:{server.port}", tmp_path)
            assert await store.users() == ()
            await store.close()


class TestWrongAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "",
            "vault.db",
            "hunter2",
            "postgres://user:hunter2@host",
            "redis:hunter2@host",
            "redis:/user:hunter2@host",
            "redis://",
            "redis://user:hunter2@",
            "redis://user:hunter2@host:port",
            "redis://user:hunter2@host:0",
            "redis://user:hunter2@host:70000",
            "redis://user:hunt/er2@host",
            "redis://user:hunt#er2@host",
            "redis://user:hunt?er2@host",
            "redis://user:hunter2@host/hunter2",
            "redis://user:hunter2@host/1/2",
            "redis://user:hunter2@host/99999",
            "redis://user:hunter2@[::1",
            "redis://user:hunter2@a,b",
            "redis://user:hunter2@host?hunter2=1",
            "redis://user:hunter2@host?prefix=hunter2:",
            "redis://user:hunter2@host?prefix=a&prefix=b",
            "redis://user:hunter2@host?replicas=hunter2",
            "redis://user:hunter2@host?ca_file=/nowhere/hunter2",
            "redis+sentinel://user:hunter2@a,b",
            "redis+sentinel://user:hunter2@a,b/ma%20ster",
            "redis+cluster://user:hunter2@a,b/1",
            "redis+cluster://user:hunter2@a,b?replicas=1",
            "redis+unknown://user:hunter2@a",
        ],
    )
    def test_what_is_wrong_is_said_with_what_is_expected_and_without_the_address(
        self, address: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ConfigurationError) as told:
            open_store(address, tmp_path)
        said = str(told.value)
        assert "Expected:" in said
        assert "redis://[user:password@]host" in said
        assert "er2" not in said
        assert "er2" not in "".join(traceback.format_exception_only(told.value))
        assert told.value.__context__ is None or told.value.__suppress_context__


class TestTls:
    @pytest.mark.parametrize(
        ("address", "said"),
        [
            ("rediss://{place}/0?ca_file={ca}", "certificate that is not trusted"),
            ("rediss://{place}/0", "certificate that is not trusted"),
            ("rediss+sentinel://{place}/main?ca_file={ca}", "cannot be reached"),
        ],
    )
    async def test_a_certificate_of_nobody_known_is_refused(
        self, a_valkey: Valkey, tmp_path: Path, address: str, said: str
    ) -> None:
        trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
        async with tls_before(a_valkey.port, trustme.CA()) as port:
            store = open_store(address.format(place=f"{HOST}:{port}", ca=tmp_path / "other.pem"), tmp_path)
            with pytest.raises(StoreUnavailable, match=said):
                await store.users()
            await store.close()

    async def test_a_certificate_of_the_given_authority_is_trusted(self, a_valkey: Valkey, tmp_path: Path) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        async with tls_before(a_valkey.port, authority) as port:
            store = open_store(f"rediss://{HOST}:{port}?ca_file={tmp_path / 'ca.pem'}", tmp_path)
            await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
            assert await store.get_record(TOKEN) == StoredRecord(b"one", 1)
            await store.close()


@asynccontextmanager
async def tls_before(port: int, authority: trustme.CA) -> AsyncIterator[int]:
    """A port that speaks TLS and hands on to `port`, as managed services do; the server of the tests knows no TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(HOST, port)
        await asyncio.gather(_hand_on(reader, questions), _hand_on(answers, writer))

    server = await asyncio.start_server(serve, HOST, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
    finally:
        target.close()
