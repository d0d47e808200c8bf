"""A token is read from the vault before there is a call."""

from __future__ import annotations

import pytest

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, Components, token_calls

_EXPIRED_S = 3600.0


async def test_a_token_that_was_read_ahead_is_read_no_more_and_an_expired_one_is_renewed_by_the_call(
    components: Components, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = await components.signed_in(ALICE)
    alice, connection = signed_in.owner, signed_in.id
    token, calls = await components.tokens.access_token(alice, connection), token_calls(sandbox)
    components.tokens.forget(alice)
    await components.tokens.read_ahead(alice, connection)
    with monkeypatch.context() as without_vault:
        without_vault.setattr(CredentialVault, "get_record", None)
        assert await components.tokens.access_token(alice, connection) == token
    components.clock.now += _EXPIRED_S
    await components.tokens.read_ahead(alice, connection)
    assert token_calls(sandbox) == calls
    assert await components.tokens.access_token(alice, connection) != token
    assert token_calls(sandbox) == calls + 1
