"""What fails outside the routes of Graph is answered in the words of Graph, too."""

from __future__ import annotations

import httpx
import pytest
from starlette.types import Scope

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from outlook_mcp.sandbox.application import main_application, upload_application
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.faults import Fault, Faults
from tests.sandbox.graph import strict_schema


class BrokenFaults(Faults):
    def claim(self, scope: Scope) -> Fault | None:
        raise RuntimeError(scope["path"])


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=False)


async def test_a_failure_of_the_sandbox_has_graphs_error_body(sandbox: Sandbox) -> None:
    parts = (sandbox.store, sandbox.entra, BrokenFaults(), sandbox.log)
    main = main_application(*parts, sandbox.throttle, upload_origin=sandbox.upload_origin, control=None)
    for app in (main, upload_application(*parts)):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/v1.0/me")
            assert (answer.status_code, answer.json()["error"]["code"]) == (500, "InternalServerError")
            assert strict_schema.problems(answer.json(), 500) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/beta/me", 501, "NotImitated"),
        ("TRACE", "/v1.0/me", 405, "UnknownError"),
        ("GET", "/x", 404, "BadRequest"),
    ],
)
async def test_what_no_route_answers_has_graphs_error_body(
    http: httpx.AsyncClient, sandbox: Sandbox, method: str, path: str, status: int, code: str
) -> None:
    user = sandbox.users[0]
    caller = Caller(user.tid, user.oid, user.upn, frozenset({"User.Read"}), sandbox.public_client_id)
    headers = {"Authorization": f"Bearer {sandbox.entra.graph_token(caller)}"}
    answer = await http.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert strict_schema.problems(answer.json(), status) == []
