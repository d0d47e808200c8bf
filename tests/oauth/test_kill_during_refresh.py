"""`kill -9` at each step of a refresh, in a real process, and who is still signed in afterwards."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import SignInRequired
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, LEASE_S, SCOPES, Components, person_of, token_calls
from tests.waiting import until

ROOT = Path(__file__).parents[2]
STEPS = ("asking", "saving", "saved")
# The provider never does the work of this request.
NEVER_ANSWERED = Fault(route="*/token", delay_s=3600, cut="before", times=1)


async def _kill_at(step: str, sandbox: Sandbox, folder: Path, components: Components) -> SecretStr:
    """Alice's token from before a refresh that was killed."""
    connection = await components.signed_in(ALICE)
    token = await components.tokens.access_token(connection.owner)
    calls = token_calls(sandbox)
    sandbox.faults.replace_rules([NEVER_ANSWERED] if step == "asking" else [])
    arguments = (str(folder), sandbox.http_url, sandbox.public_client_id, connection.tid, connection.oid, connection.id)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.oauth.refresh_and_die", *arguments, step, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    if step == "asking":
        await until(lambda: token_calls(sandbox) == calls + 1)
    else:
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"here\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    sandbox.faults.replace_rules([])
    return token


async def _after_the_kill(step: str, sandbox: Sandbox, folder: Path, vault: CredentialVault, audit: AuditLog) -> None:
    settings = OAuthSettings(client_id=sandbox.public_client_id, authority=sandbox.http_url, scopes=SCOPES)
    async with Components.built(settings, vault, audit, lease_s=LEASE_S) as components:
        old = await _kill_at(step, sandbox, folder, components)
        alice = person_of(old)
        renewed = await components.tokens.access_token(alice, claims="{}")
        assert person_of(renewed) == alice
        assert renewed != old
        assert await components.tokens.access_token(alice) == renewed


@pytest.mark.parametrize("step", STEPS)
async def test_with_entra_nobody_is_signed_out(
    step: str, sandbox: Sandbox, tmp_path: Path, vault: CredentialVault, audit: AuditLog
) -> None:
    await _after_the_kill(step, sandbox, tmp_path, vault, audit)


@pytest.mark.parametrize("step", ["asking", "saved"])
async def test_with_strict_rotation_nobody_is_signed_out_before_the_answer_or_after_the_write(
    step: str, strict_sandbox: Sandbox, tmp_path: Path, vault: CredentialVault, audit: AuditLog
) -> None:
    await _after_the_kill(step, strict_sandbox, tmp_path, vault, audit)


async def test_with_strict_rotation_a_kill_between_answer_and_write_needs_a_new_sign_in_and_says_why(
    strict_sandbox: Sandbox, tmp_path: Path, vault: CredentialVault, audit: AuditLog
) -> None:
    """No client can prevent this: the old token is used up, and the new one was lost with the process."""
    settings = OAuthSettings(
        client_id=strict_sandbox.public_client_id, authority=strict_sandbox.http_url, scopes=SCOPES
    )
    async with Components.built(settings, vault, audit, lease_s=LEASE_S) as components:
        old = await _kill_at("saving", strict_sandbox, tmp_path, components)
        assert await components.tokens.access_token(person_of(old)) == old
        for _ in range(2):
            with pytest.raises(SignInRequired, match="probably because this server stopped"):
                await components.tokens.access_token(person_of(old), claims="{}")
        await components.signed_in(ALICE)
        assert await components.tokens.access_token(person_of(old)) != old
