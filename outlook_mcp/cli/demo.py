"""`outlook-mcp demo`: a tour of the server against the sandbox, without account or tenant."""

from __future__ import annotations

import sys
import tempfile
from argparse import Namespace
from collections.abc import Mapping
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import httpx

from outlook_mcp.app import open_app
from outlook_mcp.app.stdio import build_server
from outlook_mcp.cli.connection_lines import connection_lines, launcher
from outlook_mcp.cli.demo_http import tour_over_http
from outlook_mcp.cli.mcp_clients import Launch
from outlook_mcp.cli.output import require_standard_streams
from outlook_mcp.cli.sandbox import running_sandbox
from outlook_mcp.cli.tour import DemoUser, stdio_client, take_tour
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.config.file import variables_of_settings
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.scopes import named_toolsets
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.sandbox import Sandbox, SandboxOptions, User

PRIVATE_NOTE = b"From: payroll@contoso.example\r\nSubject: For your eyes only\r\n\r\nYour salary statement.\r\n"


def run(arguments: Namespace) -> int:
    """Runs the tour, or the server that `--stdio` or `--http` ask for; returns the exit status."""
    if arguments.stdio and arguments.http:
        raise ConfigurationError("demo --stdio: expected without --http; `demo --http` serves many users.")
    if ignored := ", ".join(sorted(variables_of_settings())):
        told = f"The demo has settings of its own; no effect here: {ignored}. Its tools are chosen by --toolsets."
        print(told, file=sys.stderr, flush=True)
    options = SandboxOptions(port=arguments.port, import_path=arguments.import_path, seed=arguments.import_path is None)
    with tempfile.TemporaryDirectory(prefix="outlook-mcp-demo-") as folder:
        if arguments.stdio:
            require_standard_streams()
            return anyio.run(_serve_stdio, options, Path(folder), offered_toolsets(arguments.toolsets))
        return anyio.run(_tour, options, Path(folder), arguments)


async def _tour(options: SandboxOptions, folder: Path, arguments: Namespace) -> int:
    print("Starting a local Microsoft Graph and Entra ID ...", flush=True)
    async with running_sandbox(options) as sandbox:
        _require_mail(sandbox)
        offered = offered_toolsets(arguments.toolsets)
        if arguments.http:
            return await tour_over_http(sandbox, folder, PRIVATE_NOTE, offered, once=arguments.once)
        first, second = sandbox.users[:2]
        settings = await _signed_in(sandbox, first, folder, offered)
        mine = DemoUser(first.upn, partial(stdio_client, settings))
        theirs = DemoUser(second.upn, partial(stdio_client, await _signed_in(sandbox, second, folder, offered)))
        worked = await take_tour(mine, theirs, sandbox.deliver(second, PRIVATE_NOTE))
    if worked and not arguments.once:
        launch = _launch(options, arguments.toolsets)
        print(connection_lines(launch, "Connect your own client to such a mailbox, which it starts itself:"))
    return 0 if worked else 1


def _launch(options: SandboxOptions, toolsets: str | None) -> Launch:
    """How a client starts a demo of its own: nothing of this process is needed any more."""
    command, words = launcher()
    imported = () if options.import_path is None else ("--import", str(options.import_path.absolute()))
    offered = () if toolsets is None else ("--toolsets", toolsets)
    return Launch(command, (*words, "demo", "--stdio", *imported, *offered), name="outlook-demo")


def offered_toolsets(written: str | None) -> dict[str, str]:
    """The setting for `--toolsets`; none without it. Raises ConfigurationError for a toolset that there is not.

    >>> offered_toolsets(None), offered_toolsets("mail-read calendar-read")
    ({}, {'toolsets': 'mail-read calendar-read'})
    >>> "contacts-write" in offered_toolsets("ALL")["toolsets"]
    True
    """
    if written is None:
        return {}
    try:
        return {"toolsets": " ".join(named_toolsets(written.replace(",", " ").split()))}
    except ValueError as error:
        raise ConfigurationError(f"--toolsets: read {written!r}; expected {error}.") from None


async def _serve_stdio(options: SandboxOptions, folder: Path, offered: Mapping[str, str]) -> int:
    """Standard output carries the protocol, so everything for people goes to standard error."""
    async with running_sandbox(options) as sandbox:
        with redirect_stdout(sys.stderr):
            settings = await _signed_in(sandbox, sandbox.users[0], folder, offered)
        await build_server(GivenConfiguration.model_validate(settings)).run_stdio_async()
    return 0


async def _signed_in(sandbox: Sandbox, user: User, folder: Path, offered: Mapping[str, str]) -> dict[str, str]:
    """Signs the user in as a profile would, with a browser that only follows redirects; the settings of the profile."""
    settings = {
        "client_id": sandbox.public_client_id,
        "tenant": user.tid,
        "authority": sandbox.http_url,
        "graph_url": sandbox.graph_url,
        "data_dir": str(folder / user.oid),
        "login_hint": user.upn,
        **offered,
    }
    async with open_app(GivenConfiguration.model_validate(settings)) as app:
        sign_in = await app.sign_ins.begin_for(SignInRequest(login_hint=user.upn))
        await anyio.to_thread.run_sync(follow_redirects, sign_in.url)
        connection = await sign_in.wait()
        print(f"Signed in as {connection.address} with the authorization code flow and PKCE.", flush=True)
    return settings


def _require_mail(sandbox: Sandbox) -> None:
    """Raises ConfigurationError when `--import` found no message to show."""
    if sandbox.import_report is not None and not sandbox.import_report.imported:
        raise ConfigurationError(f"--import: {str(sandbox.options.import_path)!r} holds no message that can be read.")


def follow_redirects(url: str) -> None:
    """Acts as the browser of a user who is signed in to Microsoft already."""
    httpx.get(url, follow_redirects=True, timeout=15, trust_env=False).raise_for_status()
