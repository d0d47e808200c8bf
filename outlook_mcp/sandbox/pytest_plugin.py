"""A plugin for pytest: Microsoft Graph for mail, calendar and contacts, and Entra ID, for the tests of any project.

In the topmost `conftest.py`:

    pytest_plugins = ["outlook_mcp.sandbox.pytest_plugin"]

A test that takes the fixture `graph_sandbox` gets empty mailboxes. One sandbox runs in a thread for the whole test run,
so tests with and without an event loop can use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from outlook_mcp.sandbox.options import SandboxOptions
from outlook_mcp.sandbox.server import run_sandbox


@dataclass(frozen=True, slots=True)
class SandboxUser:
    """`tenant` and `id` are GUIDs, `address` is mail address and user principal name."""

    tenant: str
    id: str
    address: str
    name: str


class GraphSandbox:
    """A running sandbox: where it is, and its control API.

    `graph_url` takes the place of https://graph.microsoft.com/v1.0, `authority` that of
    https://login.microsoftonline.com, and `client_id` is that of a public client with any loopback redirect. Users sign
    in without a password. `ca_file` is for those who use the HTTPS addresses.
    """

    def __init__(self, http_url: str, client_id: str, ca_file: Path) -> None:
        self.authority = http_url
        self.graph_url = f"{http_url}/v1.0"
        self.client_id = client_id
        self.ca_file = ca_file
        self._control = httpx.Client(base_url=f"{http_url}/_sandbox", trust_env=False)

    @property
    def users(self) -> Sequence[SandboxUser]:
        found = self._ask_control("GET", "/users")
        return [SandboxUser(user["tid"], user["oid"], user["upn"], user["display_name"]) for user in found]

    def token(self, user: SandboxUser | str, *permissions: str) -> str:
        """An access token for Graph, as if the user (or the one with that address) had granted these permissions."""
        body = {"user": _address(user), "scopes": permissions}
        return str(self._ask_control("POST", "/token", json=body)["access_token"])

    def deliver(
        self, user: SandboxUser | str, message: EmailMessage | bytes, *, received: datetime | None = None
    ) -> str:
        """A message into the user's inbox; returns its id.

        It arrives now, whatever its `Date` says, or at `received`.
        """
        raw = message if isinstance(message, bytes) else message.as_bytes()
        headers = {"Content-Type": "message/rfc822"}
        query = {"to": _address(user), **({"received": received.isoformat()} if received else {})}
        answer = self._ask_control("POST", "/deliver", params=query, content=raw, headers=headers)
        return str(answer["id"])

    def inject_faults(self, *faults: dict[str, Any]) -> None:
        """What goes wrong from now on, instead of what did before, as in `{"route": "*/messages", "status": 503}`."""
        self._ask_control("PUT", "/faults", json=faults)

    def requests(self) -> list[dict[str, Any]]:
        """The requests to Graph and Entra ID since the last reset, oldest first: method, path, user, app, status."""
        return list(self._ask_control("GET", "/requests"))

    def reset(self) -> None:
        """Empties mailboxes and the list of requests, ends all sign-ins and faults."""
        self._ask_control("POST", "/reset")

    def close(self) -> None:
        self._control.close()

    def _ask_control(self, method: str, path: str, **request: Any) -> Any:
        """Raises ValueError with the reason when the control API refuses it."""
        answer = self._control.request(method, path, **request)
        if answer.is_error:
            raise ValueError(answer.json().get("error", answer.text))
        return answer.json()


def _address(user: SandboxUser | str) -> str:
    return user if isinstance(user, str) else user.address


@pytest.fixture(scope="session")
def graph_sandbox_options() -> SandboxOptions:
    """How the sandbox is started; a project overrides this for mail of its own, more users and so on."""
    return SandboxOptions(seed=False, control=True)


@pytest.fixture(scope="session")
def running_graph_sandbox(graph_sandbox_options: SandboxOptions) -> Iterator[GraphSandbox]:
    """The sandbox of the whole test run, in an event loop of its own."""
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(run_sandbox(graph_sandbox_options)) as server,
    ):
        sandbox = GraphSandbox(server.http_url, server.public_client_id, server.ca_file)
        yield sandbox
        sandbox.close()


@pytest.fixture
def graph_sandbox(running_graph_sandbox: GraphSandbox) -> Iterator[GraphSandbox]:
    """A sandbox with the mail and the users that it started with."""
    yield running_graph_sandbox
    running_graph_sandbox.reset()
