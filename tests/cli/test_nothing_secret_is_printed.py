"""Tokens, codes, client secrets and key bytes never reach the terminal, not even at the debug level."""

from __future__ import annotations

import base64
import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.token_record import KIND, TokenRecord, token_key
from tests.cli.commands import SandboxProcess, Terminal
from tests.vaults import vault_in

COMMANDS = (
    ("whoami",),
    ("accounts",),
    ("audit", "tail"),
    ("keys", "list"),
    ("keys", "rotate", "--drop-old"),
    ("logout",),
    ("whoami",),
)


async def test_no_command_prints_a_secret_at_the_debug_level(sandbox: SandboxProcess, terminal: Terminal) -> None:
    terminal.settings["log_level"] = "debug"
    outcome, visited = terminal.sign_in()
    assert outcome.status == 0, outcome.printed
    secrets = {sandbox.confidential_secret, *_codes(visited), *await _tokens(terminal.data), *_keys(terminal.data)}
    terminal.settings["client_secret"] = sandbox.confidential_secret
    refused, visited = terminal.sign_in()
    assert refused.status == 1, "a public app has no secret"
    secrets |= _codes(visited)
    printed = outcome.printed + refused.printed
    for command in COMMANDS:
        printed += terminal.run(*command).printed
        secrets |= _keys(terminal.data)
    assert len(secrets) >= 8
    assert [secret[:4] + "..." for secret in secrets if secret in printed] == []


def _codes(visited: list[str]) -> set[str]:
    codes = {code for url in visited for code in parse_qs(urlsplit(url).query).get("code", [])}
    assert codes
    return codes


def _keys(folder: Path) -> set[str]:
    """Every key as base64, as hex, and as Python shows bytes."""
    words = (folder / "vault.key").read_text().split()
    raw = [base64.b64decode(word) for word in words]
    return {*words, *(key.hex() for key in raw), *(repr(key) for key in raw)}


async def _tokens(folder: Path) -> set[str]:
    """The tokens in the vault, and the signature of each one that is a JWT."""
    database = sqlite3.connect(folder / "vault.db")
    rows = database.execute("SELECT tid, oid, id FROM record WHERE kind = ?", (KIND,)).fetchall()
    database.close()
    vault = vault_in(folder)
    await vault.open_or_create()
    tokens: set[str] = set()
    for tid, oid, connection in rows:
        opened = await vault.get_record(token_key(UserKey(tid, oid), connection))
        assert opened is not None
        record = TokenRecord.from_bytes(opened.value)
        tokens |= {record.refresh_token.get_secret_value(), record.access_token.get_secret_value()}
    await vault.close()
    assert len(tokens) == 2
    return tokens | {token.rpartition(".")[2] for token in tokens}
