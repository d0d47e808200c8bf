"""`outlook-mcp demo --http`: the same tour over HTTP, against a server for many users."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio

from outlook_mcp.app.http import open_site, site_server
from outlook_mcp.cli.connection_lines import http_connection_lines
from outlook_mcp.cli.http_client import http_client
from outlook_mcp.cli.stopping import wait_for_stop
from outlook_mcp.cli.tour import DemoUser, take_tour
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web.http.serving import listening_socket
from outlook_mcp.web.settings import MCP_PATH


async def tour_over_http(
    sandbox: Sandbox, folder: Path, private_note: bytes, offered: Mapping[str, str], *, once: bool
) -> int:
    """The tour with two users, who sign in through the consent page and Entra ID; returns the exit status."""
    async with _served(sandbox, folder, offered) as public_url:
        print(f"Serving many users at {public_url}.", flush=True)
        url = f"{public_url}{MCP_PATH}"
        first, second = sandbox.users[:2]
        mine, theirs = (DemoUser(user.upn, partial(http_client, url, user.upn)) for user in (first, second))
        worked = await take_tour(mine, theirs, sandbox.deliver(second, private_note))
        if once:
            return 0 if worked else 1
        print(http_connection_lines(url, "Connect your own client and sign in as any of the sandbox's users:"))
        print(f"Each user's sessions and mailboxes: {public_url}/account")
        await wait_for_stop("\nCtrl-C stops the demo and deletes its data.")
    return 0


@asynccontextmanager
async def _served(sandbox: Sandbox, folder: Path, offered: Mapping[str, str]) -> AsyncIterator[str]:
    listening = listening_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    public_url = f"http://127.0.0.1:{port}"
    configuration = GivenConfiguration.model_validate(
        {
            "client_id": sandbox.public_client_id,
            "tenant": "organizations",
            "authority": sandbox.http_url,
            "graph_url": sandbox.graph_url,
            "data_dir": str(folder / "http"),
            "public_url": public_url,
            "port": port,
            # Clients then register themselves: nothing has to be fetched from the internet.
            "client_documents": False,
            **offered,
        }
    )
    async with open_site(configuration) as site, anyio.create_task_group() as serving:
        server = site_server(configuration, site)
        serving.start_soon(server.serve_embedded, listening)
        yield public_url
        server.should_exit = True
