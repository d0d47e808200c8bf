"""What is costly to make and the same for every test: made once for each process of the tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import HealthCheck, settings
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.resources.templates import ResourceTemplate
from trustme import CA

from outlook_mcp.sandbox import certificates
from outlook_mcp.sandbox.directory import USERS
from outlook_mcp.sandbox.entra import keys
from outlook_mcp.sandbox.seed import seed
from outlook_mcp.sandbox.store import MailStore, open_database
from tests.effort import usually
from tests.inspector import launcher
from tests.npm import programs

__all__ = ["launcher", "programs"]

KEYS = 8

# On a machine with other work an example may take any time, and so may making one.
settings.register_profile(
    "usual",
    max_examples=usually(40, thoroughly=500),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("usual")


@pytest.fixture(scope="session", autouse=True)
def few_rsa_keys() -> Iterator[None]:
    """Sandboxes take their keys from a few in turn, so no two at a time sign with the same."""
    made = cache(lambda _: generate_private_key(public_exponent=65537, key_size=2048))
    turns = count()

    def next_key(public_exponent: int, key_size: int) -> RSAPrivateKey:
        assert (public_exponent, key_size) == (65537, 2048)
        return made(next(turns) % KEYS)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "generate_private_key", next_key)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_authority() -> Iterator[None]:
    """Sandboxes share a certificate authority and its certificate: to make them takes 5 ms."""
    made = CA(organization_name="outlook-mcp tests")

    class Shared:
        from_pem = CA.from_pem

        def __call__(self, organization_name: str) -> CA:
            return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "issue_cert", cache(made.issue_cert))
        patch.setattr(certificates, "trustme", SimpleNamespace(CA=Shared()))
        yield


@pytest.fixture(scope="session", autouse=True)
def cache_folder_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Servers that tests start keep nothing in the cache folder of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def one_trust_store() -> Iterator[None]:
    """Clients that trust the public authorities share one context: to read the authorities takes 40 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def one_schema_of_each_resource_and_prompt() -> Iterator[None]:
    """Servers share what the SDK makes of their resources and prompts: that takes 14 of the 16 ms of a server."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (ResourceTemplate, Prompt):
            patch.setattr(kind, "from_function", cache(kind.from_function))
        yield


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("seeded") / "state.db"
    with closing(MailStore(open_database(str(file)))) as store:
        seed(store, USERS, now=datetime.now(UTC))
    return file


@pytest.fixture
def seeded_state(_seeded: Path) -> Iterator[Path]:
    """The state file of a sandbox whose mailboxes are seeded: this test's own copy."""
    with TemporaryDirectory() as folder:
        yield Path(shutil.copy(_seeded, folder))
