"""A note is in the vault while a refresh token is used, and tells later what became of it."""

from __future__ import annotations

import pytest

from outlook_mcp.errors import SignInRequired, SignInUnavailable
from outlook_mcp.oauth.connections.token_record import refresh_mark_key
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, Components


async def test_a_refused_sign_in_is_said_to_have_been_cut_off_only_after_it_was(
    components: Components, sandbox: Sandbox, vault: CredentialVault
) -> None:
    alice = (await components.signed_in(ALICE)).owner
    sandbox.faults.replace_rules([Fault(route="*/token", cut="before", times=2)])
    with pytest.raises(SignInUnavailable):
        await components.tokens.access_token(alice, claims="{}")
    sandbox.faults.replace_rules([])
    await components.tokens.access_token(alice, claims="{}")
    connection = (await components.connections.default_connection(alice)).id
    assert await vault.get_record(refresh_mark_key(alice, connection)) is None
    sandbox.faults.replace_rules([Fault(route="*/token", status=400, body={"error": "invalid_grant"})])
    for _ in range(2):
        with pytest.raises(SignInRequired) as caught:
            await components.tokens.access_token(alice, claims="{}")
        assert "probably" not in caught.value.message
    assert await vault.get_record(refresh_mark_key(alice, connection)) is None


async def test_a_note_goes_with_the_connection(
    components: Components, sandbox: Sandbox, vault: CredentialVault
) -> None:
    connection = await components.signed_in(ALICE)
    sandbox.faults.replace_rules([Fault(route="*/token", cut="before")])
    with pytest.raises(SignInUnavailable):
        await components.tokens.access_token(connection.owner, claims="{}")
    key = refresh_mark_key(connection.owner, connection.id)
    assert await vault.get_record(key) is not None
    await components.connections.disconnect_all(connection.owner)
    assert await vault.get_record(key) is None
