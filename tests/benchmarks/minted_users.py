"""Signed-in users by the thousand: what a browser pass leaves in the vault, written there directly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx
from pydantic import SecretStr

from outlook_mcp.app.components import open_components
from outlook_mcp.config import Configuration
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantTokens

_SCOPES = ("mail.read",)
_GRAPH = ("Mail.Read", "User.Read", "MailboxSettings.Read")


async def mint(configuration: Configuration, sandbox: str, users: Sequence[Mapping[str, str]]) -> list[str]:
    """An access token of ours for each user of the sandbox, good at every server on the same vault."""
    web = configuration.require_web()
    async with (
        open_components(configuration, callback=web.callback) as components,
        httpx.AsyncClient(base_url=sandbox, trust_env=False) as control,
    ):
        sessions = SessionService(VaultSessions(components.vault))
        records = GrantRecords(components.vault, components.digests)
        tokens = GrantTokens(
            web, records, sessions, admit=components.admission.check_user, record=components.audit.record
        )
        minted = []
        for user in users:
            graph = await control.post("/_sandbox/token", json={"user": user["upn"], "scopes": _GRAPH})
            key = UserKey(user["tid"], user["oid"])
            answer = TokenAnswer(
                SecretStr(graph.json()["access_token"]), SecretStr("a refresh token"), None, 3600, None, _GRAPH
            )
            await components.connections.connect(
                Identity(key, user["upn"], user["display_name"]), answer, scopes=_GRAPH
            )
            session = await sessions.start_session(key, client_id="benchmark", client_name="Benchmark", scopes=_SCOPES)
            minted.append((await tokens.issue(session, with_refresh=False)).access_token)
        return minted


async def users_of(sandbox: str) -> list[dict[str, str]]:
    async with httpx.AsyncClient(base_url=sandbox, trust_env=False) as control:
        return list((await control.get("/_sandbox/users")).json())
