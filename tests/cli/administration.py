"""A server's vault with users in it, and the commands of its administrator."""

from __future__ import annotations

import logging
import os
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from pydantic import SecretStr

from outlook_mcp.app import open_vault
from outlook_mcp.cli import audit, sessions, users
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import SERVER, Identity, UserKey
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.profiles import VaultProfiles
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.sessions import VaultSessions

CONTOSO, FABRIKAM = "2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001", "7c9d0e4a-3b52-4f68-a1d7-4e8c6b2f9002"
ALICE = Identity(UserKey(CONTOSO, "a1c5d2e0-6b3f-4a17-8e94-0d2b7c6f1001"), "alice@contoso.example", "Alice Archer")
BOB = Identity(UserKey(CONTOSO, "b2d6e3f1-7c40-4b28-9fa5-1e3c8d702002"), "bob@contoso.example", "Bob Brandt")
DAVE = Identity(UserKey(FABRIKAM, "d4f80513-9e62-4d4a-b1c7-305eaf924004"), "dave@fabrikam.example", "Dave Duarte")
OIDC = UserKey("oidc-0123456789abcdef", "subject 7")
SECRETS = ("the-access-token", "the-refresh-token")
EVIL_CLIENT = "Nice\x1b[2J\x9b2J\u202e client"


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and the error it ended with."""

    out: str
    error: OutlookError | None
    err: str


@dataclass(frozen=True)
class Office:
    """The data folder of a server."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def users(self, action: str, user: str | None = None, *, yes: bool = False, json: bool = False) -> Outcome:
        return self._run(users.run, action=action, user=user, yes=yes, json=json)

    def sessions(
        self, action: str, session_id: str | None = None, *, user: str | None = None, json: bool = False
    ) -> Outcome:
        return self._run(sessions.run, action=action, id=session_id, user=user, json=json)

    def audit(self, action: str, *, lines: int = 20, json: bool = False) -> Outcome:
        return self._run(audit.run, action=action, lines=lines, json=json)

    def session_ids(self, user: UserKey) -> list[str]:
        async def listed() -> list[str]:
            async with open_vault(_configuration(self.folder)) as (vault, _):
                return [session.id for session in await SessionService(VaultSessions(vault)).sessions_of(user)]

        return anyio.run(listed)

    def kinds(self, user: UserKey) -> set[str]:
        """Kinds of records the vault holds of the user."""

        async def listed() -> set[str]:
            async with open_vault(_configuration(self.folder)) as (vault, _):
                kinds = ("connection", "token", "session", "email_config", "data_keys", "profile", "browser_ends")
                return {kind for kind in kinds if await vault.record_ids_of(user, kind)}

        return anyio.run(listed)

    def spoil(self, user: UserKey) -> None:
        """The user's list of mailboxes becomes unreadable."""

        async def written() -> None:
            async with open_vault(_configuration(self.folder)) as (vault, _):
                await vault.replace_record(RecordKey(user, "connection", "all"), b"[1]")

        anyio.run(written)

    def _run(self, command: Callable[[Namespace], int], **given: object) -> Outcome:
        self.capsys.readouterr()
        ended_with: OutlookError | None = None
        try:
            assert command(Namespace(data_dir=str(self.folder), **given)) == 0
        except OutlookError as error:
            ended_with = error
        printed = self.capsys.readouterr()
        return Outcome(printed.out, ended_with, printed.err)


def filled(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    """Alice with two clients and Dave's mailbox besides her own, Bob, Dave, a user of another issuer, a profile."""
    alone(monkeypatch)
    anyio.run(_fill, folder)
    return Office(folder, capsys)


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in this process, without its settings, and its logging is restored afterwards."""
    for name in [name for name in os.environ if name.startswith(("OUTLOOK_MCP_", "SSH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", os.devnull)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)


async def _fill(folder: Path) -> None:
    access_token, refresh_token = map(SecretStr, SECRETS)
    answer = TokenAnswer(access_token, refresh_token, None, 3600, None, ("Mail.Read",))
    async with open_vault(_configuration(folder)) as (vault, log):
        connections = OAuthIntegrationService(vault, log)
        sessions = SessionService(VaultSessions(vault))
        for person in (ALICE, BOB, DAVE):
            await connections.connect(person, answer, scopes=("Mail.Read",))
        linked = await connections.connect(DAVE, answer, scopes=("Mail.Read",), owner=ALICE.user)
        await connections.rename_connection(ALICE.user, linked.id, "Fabrikam")
        for client in ("Claude", EVIL_CLIENT):
            await sessions.start_session(
                ALICE.user,
                client_id="https://client.example/id",
                client_name=client,
                scopes=("mail.read",),
                account=ALICE.address,
                address="192.0.2.7",
            )
        await sessions.start_session(
            OIDC, client_id="c", client_name="VS Code", scopes=("mail.read",), account="gwen@idp.example"
        )
        known = UserEmailConfig(address=ALICE.address, display_name="Alice")
        await VaultEmailConfigs(vault).change_config(ALICE.user, lambda _: known)
        await VaultProfiles(vault).bind_profile("laptop", ALICE.user)
        await vault.put_record(RecordKey(SERVER, "ticket", "one"), b"x", expected_generation=None)


def _configuration(folder: Path) -> GivenConfiguration:
    return GivenConfiguration.model_validate({"data_dir": folder})
