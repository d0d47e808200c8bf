"""The O365 package, unchanged: signs in at the sandbox and reads its mail."""

from __future__ import annotations

import asyncio
from typing import Any

import msal
import pytest
import requests
from O365 import Account, MSGraphProtocol
from O365.utils.token import MemoryTokenBackend

from outlook_mcp.sandbox import Sandbox, SandboxOptions

ALICE = "alice@contoso.example"
SCOPES = ["Mail.ReadWrite", "Mail.Send", "User.Read"]


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions()


def account_at(sandbox: Sandbox, browser: requests.Session) -> Any:
    protocol = type("SandboxProtocol", (MSGraphProtocol,), {"_protocol_url": f"{sandbox.http_url}/"})
    backend = MemoryTokenBackend()
    account = Account(
        (sandbox.public_client_id,),
        auth_flow_type="public",
        protocol=protocol(),
        token_backend=backend,
    )
    account.con._msal_client = msal.PublicClientApplication(
        sandbox.public_client_id,
        authority=f"{sandbox.https_url}/common",
        instance_discovery=False,
        http_client=browser,
        token_cache=backend,
    )
    return account


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning")
async def test_it_signs_in_and_lists_the_inbox(sandbox: Sandbox) -> None:
    def run() -> tuple[str, list[str]]:
        with requests.Session() as browser:
            browser.trust_env = False
            browser.verify = str(sandbox.ca_file)
            account = account_at(sandbox, browser)
            address, flow = account.con.get_authorization_url(SCOPES)
            page = browser.get(address, params={"login_hint": ALICE}, allow_redirects=False)
            assert account.con.request_token(page.headers["Location"], flow=flow)
            inbox = account.mailbox().inbox_folder()
            subjects = [message.subject for message in inbox.get_messages(limit=3)]
            me = account.con.get(f"{sandbox.graph_url}/me").json()
            account.con.session.close()
            return me["userPrincipalName"], subjects

    upn, subjects = await asyncio.to_thread(run)
    assert upn == ALICE
    assert len(subjects) == 3
