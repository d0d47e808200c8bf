"""The MCP endpoint needs an access token of ours, and a token allows no more than its scopes."""

from __future__ import annotations

import json
from typing import cast

import pytest

from outlook_mcp.audit.tail import last_records
from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.user import UserKey
from tests.web.site.conversation import result_of
from tests.web.site.served import BOB, LEGACY, MODERN, Served

UNPARSABLE = b"{" * 1000


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer garbage", "Basic YTpi", "Bearer " + "x" * 20_000, "bearer garbage token"],
)
async def test_anything_but_a_token_of_ours_is_challenged_and_nothing_is_parsed(
    site: Served, authorization: str
) -> None:
    answer = await site.http.post("/mcp", content=UNPARSABLE, headers={"Authorization": authorization})
    assert answer.status_code == 401
    challenge = answer.headers["www-authenticate"]
    assert f'resource_metadata="{site.public_url}/.well-known/oauth-protected-resource/mcp"' in challenge
    assert 'scope="mail.read"' in challenge


async def test_a_graph_token_is_not_passed_through(site: Served) -> None:
    await site.grant()
    user = site.sandbox.users[0]
    token = await site.site.components.tokens.access_token(UserKey(user.tid, user.oid))
    assert (await site.call(token.get_secret_value(), "mail_search")).status_code == 401


async def test_a_refresh_token_is_no_access_token(site: Served) -> None:
    grant = await site.grant()
    assert (await site.call(grant.refresh_token, "mail_search")).status_code == 401


async def test_two_authorization_headers_are_no_token(site: Served) -> None:
    grant = await site.grant()
    both = [("Authorization", f"Bearer {grant.access_token}"), ("Authorization", "Bearer garbage")]
    assert (await site.http.post("/mcp", content=b"{}", headers=both)).status_code == 401


@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_a_good_token_reads_the_mail_of_its_user_alone(site: Served, version: str) -> None:
    grant = await site.grant(BOB)
    answer = await site.call(grant.access_token, "mail_search", version, limit=3)
    assert answer.status_code == 200
    assert "The Morning Ledger" in answer.text
    assert "is_error" not in answer.text


async def test_a_modern_client_is_told_by_403_which_scope_it_lacks(site: Served) -> None:
    grant = await site.grant()
    answer = await site.call(grant.access_token, "mail_send", draft="1")
    assert answer.status_code == 403
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="mail.read mail.send"' in challenge


async def test_a_legacy_client_is_given_a_link_in_the_answer_instead(site: Served) -> None:
    grant = await site.grant()
    answer = await site.call(grant.access_token, "mail_update", LEGACY, ids=["1"], read=True)
    assert answer.status_code == 200
    assert "This client may not do that yet" in answer.text
    assert f"{site.public_url}/connect?ticket=" in answer.text


@pytest.mark.parametrize("uri", ["outlook://me/folders", "outlook://me/messages/1"])
async def test_reading_a_resource_asks_for_its_scope_in_both_eras(site: Served, uri: str) -> None:
    grant = await site.grant(scope="mail.write")
    modern = await site.rpc(grant.access_token, "resources/read", {"uri": uri}, version=MODERN)
    assert modern.status_code == 403
    assert 'error="insufficient_scope"' in modern.headers["www-authenticate"]
    assert 'scope="mail.write mail.read"' in modern.headers["www-authenticate"]
    legacy = await site.rpc(grant.access_token, "resources/read", {"uri": uri}, version=LEGACY)
    assert legacy.status_code == 200
    assert '"error"' in legacy.text
    assert f"{site.public_url}/connect?ticket=" in legacy.text
    assert not [record for record in site.sandbox.log.records if "/messages" in record.path]


async def test_a_header_that_names_another_tool_does_not_get_past_the_scope(site: Served) -> None:
    grant = await site.grant()
    headers = {
        "Authorization": f"Bearer {grant.access_token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "mail_search",
    }
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": "mail_update", "arguments": {"ids": ["1"], "read": True}, "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = await site.http.post("/mcp", json=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32020


async def test_no_request_is_accepted_while_the_store_cannot_answer(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = await site.grant()
    vault_file = site.site.components.configuration.data_dir / "vault.db"
    await site.site.components.vault.close()
    vault_file.rename(vault_file.with_suffix(".away"))
    vault_file.mkdir()
    answer = await site.call(grant.access_token, "mail_search")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_the_session_records_address_and_protocol_version_of_its_last_use(site: Served) -> None:
    grant = await site.grant()
    await site.call(grant.access_token, "mail_folders")
    user = site.sandbox.users[0]
    (session,) = await site.site.sessions.sessions_of(UserKey(user.tid, user.oid))
    assert (session.address, session.era, session.client_name) == ("127.0.0.1", MODERN, "Inspector")
    assert session.account == user.upn


async def test_all_tools_are_listed_whatever_the_scope_so_that_a_client_can_step_up(site: Served) -> None:
    grant = await site.grant()
    answer = await site.rpc(grant.access_token, "tools/list", version=MODERN)
    names = [tool["name"] for tool in json.loads(answer.text)["result"]["tools"]]
    assert "mail_send" in names


async def test_an_ended_session_ends_at_once_on_this_server(site: Served) -> None:
    grant = await site.grant()
    assert (await site.call(grant.access_token, "mail_folders")).status_code == 200
    user = UserKey(site.sandbox.users[0].tid, site.sandbox.users[0].oid)
    (session,) = await site.site.sessions.sessions_of(user)
    assert await site.site.sessions.end_session(user, session.id)
    assert (await site.call(grant.access_token, "mail_folders")).status_code == 401


async def test_an_erased_user_has_no_token_any_more(site: Served) -> None:
    grant = await site.grant()
    user = site.sandbox.users[0]
    await site.site.components.vault.erase_user(UserKey(user.tid, user.oid))
    assert (await site.call(grant.access_token, "mail_folders")).status_code == 401


async def test_each_call_is_on_record_with_its_user_and_session(site: Served) -> None:
    grant = await site.grant()
    await site.call(grant.access_token, "mail_folders")
    user = site.sandbox.users[0]
    key = UserKey(user.tid, user.oid)
    (session,) = await site.site.sessions.sessions_of(key)
    record = last_records(site.site.components.audit.path, 1)[0]
    assert record["user"] == str(key)
    details = cast(dict[str, object], record["details"])
    assert cast(int, details.pop("bytes")) > 0
    expected = {"tool": "mail_folders", "outcome": "ok", "decision": "allowed", "session": session.id}
    assert details == {**expected, "client": session.client_id}


async def test_a_call_has_one_id_in_its_answer_and_its_audit_records(site: Served) -> None:
    grant = await site.grant()
    answers = [await site.call(grant.access_token, "mail_search") for _ in range(2)]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert {result_of(answer)["_meta"]["outlook-mcp/requestId"] for answer in answers} == ids
    assert len(ids) == 2
    records = last_records(site.site.components.audit.path, 20)
    called = [record["request"] for record in records if record["tag"] == "tool:call:finished"]
    assert set(called[-2:]) == ids


async def test_a_blocked_user_is_refused_with_a_token_that_was_good(site: Served) -> None:
    grant = await site.grant(BOB)
    blocked = site.site.components.blocked
    user = next(user for user in site.sandbox.users if user.upn == BOB)
    key = UserKey(user.tid, user.oid)
    await blocked.block_user(key)
    try:
        assert (await site.call(grant.access_token, "mail_search")).status_code == 401
        with pytest.raises(SignInRefused, match="is blocked"):
            await blocked.refuse_blocked(key, BOB)
    finally:
        await blocked.unblock_user(key)
    assert (await site.call(grant.access_token, "mail_search")).status_code == 200
