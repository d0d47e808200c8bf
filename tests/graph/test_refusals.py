"""What Graph refuses is told with the reason that holds, and never leaves open whether something was done."""

from __future__ import annotations

import pytest

from outlook_mcp.errors import AccessDenied, GraphUnavailable, RequestRejected, Throttled
from outlook_mcp.graph.client import GraphClient
from tests.graph.calls import read, send, write
from tests.graph.scripted_graph import ScriptedGraph, refusal


async def test_a_permission_that_may_be_missing_is_named(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = refusal(403, "ErrorAccessDenied")
    for call, permission in ((read, "Mail.Read"), (write, "Mail.ReadWrite"), (send, "Mail.Send")):
        with pytest.raises(AccessDenied) as caught:
            await call(client)
        assert f"permission {permission} was not granted" in caught.value.next_step
        assert caught.value.permission == permission


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant configured policy", "policy"),
        ("ErrorSendAsDenied", "Cannot submit message.", "your own address"),
    ],
)
async def test_no_permission_is_asked_for_where_none_would_help(
    client: GraphClient, graph: ScriptedGraph, code: str, message: str, told: str
) -> None:
    graph.otherwise = refusal(403, code, message)
    with pytest.raises(AccessDenied) as caught:
        await write(client)
    assert told in caught.value.next_step
    assert "permission" not in caught.value.next_step
    assert caught.value.permission == ""


async def test_a_server_that_is_not_online_is_no_missing_permission(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = refusal(403, "ErrorExchangeServerNotOnline", "The server is not online.")
    for call in (read, write):
        with pytest.raises(GraphUnavailable) as caught:
            await call(client)
        assert "not online" in caught.value.next_step
        assert caught.value.outcome_is_known


async def test_a_full_mailbox_says_so_and_that_nothing_is_open(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = refusal(507, "ErrorQuotaExceeded", "The mailbox has exceeded its quota.")
    with pytest.raises(RequestRejected) as caught:
        await write(client)
    assert "full" in caught.value.next_step
    assert "may or may not" not in caught.value.message


async def test_a_throttled_request_says_what_was_not_done(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = refusal(429, "ApplicationThrottled", "Busy", Retry_After="60")
    for call, told in ((read, ""), (write, ". Nothing was changed."), (send, ". Nothing was sent.")):
        with pytest.raises(Throttled) as caught:
            await call(client)
        assert caught.value.message == f"Microsoft Graph refused (429 ApplicationThrottled): Busy{told}"
