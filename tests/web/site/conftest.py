"""A site with a seeded sandbox for each test, and one with a message for each user for a whole module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from outlook_mcp.web.settings import WebLimits
from tests.one_task import in_one_task
from tests.web.site.grant import registered
from tests.web.site.served import ALICE, BOB, Served, served
from tests.web.site.site_user import SiteUser


@pytest.fixture
async def sandbox(seeded_state: Path) -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(state=seeded_state)) as sandbox:
        yield sandbox


@pytest.fixture
async def site(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Served]:
    async with in_one_task(served(sandbox, tmp_path)) as site:
        yield site


@pytest.fixture
async def header_limited_site(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Served]:
    """Waits only a moment for the headers of a request, and for a body that nobody reads."""
    limits = WebLimits(header_deadline_s=0.05, body_deadline_s=0.2)
    async with in_one_task(served(sandbox, tmp_path, limits=limits)) as site:
        yield site


@pytest.fixture
async def body_limited_site(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Served]:
    """Waits only a moment for the body of a request."""
    limits = WebLimits(body_deadline_s=0.05)
    async with in_one_task(served(sandbox, tmp_path, limits=limits)) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post_office() -> AsyncIterator[Sandbox]:
    """Every user has one message, `For Alice` and so on."""
    async with in_one_task(run_sandbox(SandboxOptions(seed=False))) as sandbox:
        for user in sandbox.users:
            name = user.display_name.partition(" ")[0]
            sandbox.deliver(user, f"From: x@y.example\r\nSubject: For {name}\r\n\r\nHello {name}.\r\n".encode())
        yield sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_site(post_office: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """For tests with `asyncio(loop_scope="module")`."""
    async with in_one_task(served(post_office, tmp_path_factory.mktemp("site"))) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alice(shared_site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(shared_site, ALICE) as alice:
        yield alice


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bob(shared_site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(shared_site, BOB) as bob:
        yield bob


@pytest_asyncio.fixture(loop_scope="module")
async def bob_elsewhere(shared_site: Served) -> AsyncIterator[SiteUser]:
    """Bob at a new browser: the user who is attacked."""
    async with SiteUser(shared_site, BOB) as bob_elsewhere:
        yield bob_elsewhere


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client_id(shared_site: Served) -> str:
    """A client that registered itself as Inspector."""
    return await registered(shared_site.http)
