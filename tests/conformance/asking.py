"""The questions that script and test put to the runner."""

from __future__ import annotations

from functools import partial

from tests.conformance.judgement import Judgement, judged
from tests.conformance.runner import Runner
from tests.conformance.scenarios import RUN, RUN_OF_AUTHORIZATION
from tests.conformance.site import Conforming
from tests.valkey import free_port


async def ask_about_protocol(runner: Runner, site: Conforming, revision: str) -> Judgement:
    return judged(await runner.ask_server(site.mcp_url, revision), RUN[revision])


async def ask_about_authorization(runner: Runner, site: Conforming) -> Judgement:
    port = free_port()
    redirect_uri = f"http://127.0.0.1:{port}/callback"
    client_id = await site.client_of(redirect_uri)
    browse = partial(site.browse, redirect_uri=redirect_uri)
    results = await runner.ask_authorization_server(site.issuer, port, client_id, browse)
    return judged(results, RUN_OF_AUTHORIZATION)
