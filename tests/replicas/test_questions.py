"""A question that one replica asked is answered at any other, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from outlook_mcp.app.components import open_components
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.identity.user import UserKey
from outlook_mcp.sandbox import Sandbox, User
from tests.replicas.bearer import MODERN, bearer
from tests.replicas.deployment import Deployment, deployed
from tests.valkey import Valkey

ANSWERS_AT_ONCE = 6


async def test_the_answer_to_a_question_is_accepted_once_on_all_replicas_together(
    sandbox: Sandbox, a_valkey: Valkey, tmp_path: Path
) -> None:
    user = sandbox.users[-1]
    async with (
        deployed(tmp_path, sandbox, a_valkey, replicas=2) as deployment,
        bearer(deployment, user.upn) as client,
    ):
        await disconnect(deployment, user)
        asked = (await client.call("mail_search", folder="all")).json()["result"]
        assert asked["resultType"] == "input_required"
        (question,) = asked["inputRequests"]
        before = dict(deployment.proxy.forwarded)
        answers = await asyncio.gather(
            *(
                client.send(
                    "tools/call",
                    MODERN,
                    name="mail_search",
                    arguments={"folder": "all"},
                    requestState=asked["requestState"],
                    inputResponses={question: {"action": "decline"}},
                )
                for _ in range(ANSWERS_AT_ONCE)
            )
        )
    told = [answer.json() for answer in answers]
    taken = [answer["result"]["content"][0]["text"] for answer in told if "result" in answer]
    refused = [answer["error"]["data"]["reason"] for answer in told if "error" in answer]
    assert len(taken) == 1
    assert "declined to sign in" in taken[0]
    assert refused == ["invalid_request_state"] * (ANSWERS_AT_ONCE - 1)
    assert all(count > before[port] for port, count in deployment.proxy.forwarded.items())


async def disconnect(deployment: Deployment, user: User) -> None:
    """The user's mailbox is forgotten, the session of their client is not."""
    configuration = GivenConfiguration.model_validate(deployment.admin.settings)
    async with open_components(configuration) as components:
        await components.connections.disconnect_all(UserKey(user.tid, user.oid))
