from __future__ import annotations

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from tests.sandbox.entra.app import RegisteredApp


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


@pytest.fixture
def desktop(sandbox: Sandbox, http: httpx.AsyncClient) -> RegisteredApp:
    """The public client."""
    return RegisteredApp(http, sandbox.public_client_id)


@pytest.fixture
def web(sandbox: Sandbox, http: httpx.AsyncClient) -> RegisteredApp:
    """The confidential client."""
    return RegisteredApp(
        http,
        sandbox.confidential_client_id,
        secret=sandbox.confidential_client_secret.get_secret_value(),
        redirect_uri="http://localhost:8000/oauth/callback",
    )
