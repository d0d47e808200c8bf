"""The most used open MCP server for Outlook, unchanged, with the sandbox in the place of Microsoft Graph."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import TextContent

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from tests.effort import IS_THOROUGH

PACKAGE = "@softeria/ms-365-mcp-server@0.155.0"
INSTALL_S = 300.0
BOB = "bob@contoso.example"
SCOPES = (
    *("Mail.Read", "Mail.ReadWrite", "Mail.Send", "Mail.Read.Shared", "Mail.ReadWrite.Shared", "Mail.Send.Shared"),
    *("MailboxSettings.ReadWrite", "User.Read"),
)
# The server knows only the address of the real Graph; what it fetches from there is fetched from the sandbox.
_REDIRECT = """
const real = globalThis.fetch;
globalThis.fetch = (address, options) =>
  real(String(address?.url ?? address).replace("https://graph.microsoft.com", process.env.SANDBOX_URL), options);
"""

pytestmark = pytest.mark.skipif(
    not IS_THOROUGH, reason="npm takes a minute to install Softeria's server; `python -m tests --thorough` does it"
)


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(concurrency=0)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node.js or npm is missing, so Softeria's server cannot be installed")
    folder = tmp_path_factory.mktemp("softeria")
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    command = [npm, "install", "--prefix", str(folder), *options, PACKAGE]
    try:
        subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"Softeria's server could not be installed: {str(error.stderr)[-300:]}")
    (folder / "redirect.mjs").write_text(_REDIRECT)
    return folder / "node_modules" / PACKAGE.rpartition("@")[0] / "dist" / "index.js"


class Softeria:
    """Its tools; answers are the JSON of Graph."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def call(self, tool: str, **arguments: Any) -> Any:
        result = await self._session.call_tool(tool, arguments)
        texts = [part.text for part in result.content if isinstance(part, TextContent)]
        assert not result.is_error, (tool, texts)
        return json.loads(texts[0])


@asynccontextmanager
async def started(script: Path, sandbox: Sandbox) -> AsyncIterator[Softeria]:
    alice = sandbox.users[0]
    caller = Caller(alice.tid, alice.oid, alice.upn, frozenset(SCOPES), sandbox.public_client_id)
    environment = {
        "MS365_MCP_OAUTH_TOKEN": sandbox.entra.graph_token(caller),
        "SANDBOX_URL": sandbox.http_url,
        "HOME": str(script.parents[4]),
        "PATH": str(Path(shutil.which("node") or "node").parent),
    }
    redirect = (script.parents[4] / "redirect.mjs").as_uri()
    server = StdioServerParameters(
        command="node", args=["--import", redirect, str(script), "--org-mode"], env=environment
    )
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        yield Softeria(session)


def recipient(address: str) -> dict[str, Any]:
    return {"emailAddress": {"address": address}}


async def test_softerias_mail_tools_work_against_the_sandbox(script: Path, sandbox: Sandbox) -> None:
    shared = sandbox.store.add_mailbox(
        sandbox.users[0].tid, "dddddddd-0000-4000-8000-000000000004", "team@contoso.example", "Team"
    )
    grant_rights(shared, sandbox.users[0].oid, ["full_access", "send_as"])
    async with started(script, sandbox) as tools:
        await use_messages(tools)
        await use_folders_and_rules(tools)
        await use_settings(tools)
        await tools.call("list-shared-mailbox-messages", userId="team@contoso.example")
        body = {"Message": {"subject": "From the team", "toRecipients": [recipient(BOB)]}}
        await tools.call("send-shared-mailbox-mail", userId="team@contoso.example", body=body)
    await sandbox.store.settled()
    bob = sandbox.store.mailbox(sandbox.users[1].oid)
    found = bob.messages.select("m.from_address = ?", ("team@contoso.example",), "m.id", 5)
    assert [stored.subject for stored in found] == ["From the team"]


async def use_messages(tools: Softeria) -> None:
    listed = await tools.call("list-mail-messages", top=3, select="subject")
    assert len(listed["value"]) == 3
    first = listed["value"][0]["id"]
    assert (await tools.call("get-mail-message", messageId=first))["id"] == first
    found = await tools.call("list-mail-messages", search="budget", top=2)
    assert found["value"]
    draft = await tools.call("create-draft-email", body={"subject": "Draft", "toRecipients": [recipient(BOB)]})
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    await tools.call("add-mail-attachment", messageId=draft["id"], body=file)
    files = await tools.call("list-mail-attachments", messageId=draft["id"])
    assert [found["name"] for found in files["value"]] == ["a.txt"]
    await tools.call("send-draft-message", messageId=draft["id"])
    await tools.call("reply-mail-message", messageId=first, body={"Comment": "Thanks"})
    await tools.call("create-forward-draft", messageId=first, body={"ToRecipients": [recipient(BOB)]})
    await tools.call("update-mail-message", messageId=first, body={"isRead": True, "categories": ["Red category"]})
    moved = await tools.call("move-mail-message", messageId=first, body={"DestinationId": "archive"})
    await tools.call("delete-mail-message", messageId=moved["id"])
    await tools.call("list-mail-folder-messages-delta", mailFolderId="inbox")


async def use_folders_and_rules(tools: Softeria) -> None:
    folder = await tools.call("create-mail-folder", body={"displayName": "Partners"})
    await tools.call("update-mail-folder", mailFolderId=folder["id"], body={"displayName": "Friends"})
    rule = {"displayName": "Move", "sequence": 1, "isEnabled": True, "actions": {"moveToFolder": folder["id"]}}
    made = await tools.call("create-mail-rule", mailFolderId="inbox", body=rule)
    rules = await tools.call("list-mail-rules", mailFolderId="inbox")
    assert [found["displayName"] for found in rules["value"]] == ["Move"]
    await tools.call("update-mail-rule", mailFolderId="inbox", messageRuleId=made["id"], body={"displayName": "M"})
    await tools.call("delete-mail-rule", mailFolderId="inbox", messageRuleId=made["id"])


async def use_settings(tools: Softeria) -> None:
    await tools.call("update-mailbox-settings", body={"timeZone": "UTC"})
    assert (await tools.call("get-mailbox-settings"))["timeZone"] == "UTC"
    await tools.call("create-outlook-category", body={"displayName": "Travel", "color": "preset3"})
    categories = await tools.call("list-outlook-categories")
    assert "Travel" in [found["displayName"] for found in categories["value"]]
    override = {"classifyAs": "focused", "senderEmailAddress": {"address": BOB}}
    await tools.call("create-focused-inbox-override", body=override)
    assert len((await tools.call("list-focused-inbox-overrides"))["value"]) == 1
    tips = {"EmailAddresses": [BOB], "MailTipsOptions": "automaticReplies"}
    assert (await tools.call("get-mail-tips", body=tips))["value"][0]["automaticReplies"] == {"message": ""}
