from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
from pathlib import Path

import httpx
import pytest

from outlook_mcp.sandbox import SandboxOptions, describe, run_sandbox
from outlook_mcp.sandbox.caller import Caller
from tests.sandbox.entra.app import RegisteredApp
from tests.valkey import free_port

ALICE = "alice@contoso.example"


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_both_schemes_serve_on_neighbouring_ports() -> None:
    async with run_sandbox(SandboxOptions(seed=False)) as sandbox:
        assert sandbox.https_url.rpartition(":")[2] == str(int(sandbox.http_url.rpartition(":")[2]) + 1)
        trusted = ssl.create_default_context(cafile=sandbox.ca_file)
        async with httpx.AsyncClient(verify=trusted, trust_env=False) as client:
            for origin in (sandbox.http_url, sandbox.https_url, sandbox.https_url.replace("127.0.0.1", "localhost")):
                assert (await client.get(f"{origin}/common/discovery/v2.0/keys")).status_code == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_uploads_have_an_origin_of_their_own_in_the_scheme_of_the_client(scheme: str) -> None:
    async with run_sandbox(SandboxOptions()) as sandbox:
        origin = sandbox.http_url if scheme == "http" else sandbox.https_url
        alice = sandbox.users[0]
        scopes = frozenset({"Mail.ReadWrite"})
        token = sandbox.entra.graph_token(Caller(alice.tid, alice.oid, alice.upn, scopes, sandbox.public_client_id))
        trusted = ssl.create_default_context(cafile=sandbox.ca_file)
        async with httpx.AsyncClient(verify=trusted, trust_env=False) as client:
            headers = {"Authorization": f"Bearer {token}"}
            draft = (await client.post(f"{origin}/v1.0/me/messages", json={}, headers=headers)).json()["id"]
            item = {"AttachmentItem": {"attachmentType": "file", "name": "a.bin", "size": 3_200_000}}
            opening = f"{origin}/v1.0/me/messages/{draft}/attachments/createUploadSession"
            url = (await client.post(opening, json=item, headers=headers)).json()["uploadUrl"]
            assert url.startswith(f"{scheme}://")
            assert not url.startswith(origin)
            sent = await client.put(url, content=bytes(3_200_000), headers={"Content-Range": "bytes 0-3199999/3200000"})
            assert sent.status_code == 201


async def test_the_port_of_uploads_can_be_chosen() -> None:
    port = free_port()
    async with run_sandbox(SandboxOptions(seed=False, upload_port=port)) as sandbox:
        assert sandbox.upload_url == f"http://127.0.0.1:{port}"
        assert listening(port)


async def test_everything_is_closed_at_the_end() -> None:
    async with run_sandbox(SandboxOptions(seed=False)) as sandbox:
        ports = [sandbox.port, sandbox.port + 1, sandbox.upload_port, sandbox.upload_port + 1]
        assert all(map(listening, ports))
        ca_file = sandbox.ca_file
    assert not any(map(listening, ports))
    assert not ca_file.exists()


async def test_signal_handlers_stay_as_they_were() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with run_sandbox(SandboxOptions(seed=False)):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


async def test_an_error_inside_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with run_sandbox(SandboxOptions(seed=False)):
            raise LookupError("mine")


async def test_a_taken_port_is_an_error() -> None:
    async with run_sandbox(SandboxOptions(seed=False)) as first:
        with pytest.raises(OSError, match="in use"):
            async with run_sandbox(SandboxOptions(port=first.port, seed=False)):
                pass
        with pytest.raises(OSError, match="in use"):
            async with run_sandbox(SandboxOptions(port=first.port - 1, seed=False)):
                pass


async def test_a_delayed_answer_does_not_hold_up_the_end() -> None:
    async with asyncio.timeout(5):
        async with run_sandbox(SandboxOptions(control=True, seed=False)) as sandbox:
            client = httpx.AsyncClient(base_url=sandbox.http_url, trust_env=False)
            await client.put("/_sandbox/faults", json=[{"route": "*", "delay_s": 60}])
            waiting = asyncio.create_task(client.get("/common/discovery/v2.0/keys"))
            while not (await client.get("/_sandbox/requests")).json():
                continue
        assert (await waiting).status_code == 200
        await client.aclose()


async def test_sign_ins_mail_and_secrets_survive_a_restart_with_a_state_file(tmp_path: Path) -> None:
    options = SandboxOptions(state=tmp_path / "state.db", data_dir=tmp_path / "data")
    async with run_sandbox(options) as sandbox, httpx.AsyncClient(base_url=sandbox.http_url) as http:
        refresh_token = (await RegisteredApp(http, sandbox.public_client_id).sign_in(ALICE))["refresh_token"]
        secret, authority = sandbox.confidential_client_secret, sandbox.ca_file.read_bytes()
        count = sandbox.store.mailbox(sandbox.users[0].oid).count()
    async with run_sandbox(options) as sandbox, httpx.AsyncClient(base_url=sandbox.http_url) as http:
        again = await RegisteredApp(http, sandbox.public_client_id).refresh(refresh_token)
        assert again.status_code == 200
        assert sandbox.confidential_client_secret == secret
        assert sandbox.ca_file.read_bytes() == authority
        assert sandbox.store.mailbox(sandbox.users[0].oid).count() == count > 0


async def test_the_key_of_the_authority_is_for_its_owner_only(tmp_path: Path) -> None:
    async with run_sandbox(SandboxOptions(seed=False, data_dir=tmp_path)):
        assert os.stat(tmp_path / "sandbox-ca-key.pem").st_mode & 0o777 == 0o600


async def test_own_mail_is_imported_for_the_first_user(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(b"From: a@b.example\r\nSubject: Mine\r\n\r\nHello\r\n")
    async with run_sandbox(SandboxOptions(seed=False, import_path=tmp_path)) as sandbox:
        assert sandbox.import_report is not None
        assert sandbox.import_report.imported == 1
        assert sandbox.store.mailbox(sandbox.users[0].oid).count() == 1


async def test_the_description_names_all_a_person_needs() -> None:
    async with run_sandbox(SandboxOptions(seed=False, control=True)) as sandbox:
        text = describe(sandbox)
        wanted = [
            sandbox.graph_url,
            sandbox.https_graph_url,
            str(sandbox.ca_file),
            sandbox.public_client_id,
            sandbox.confidential_client_id,
            sandbox.confidential_client_secret.get_secret_value(),
            "/_sandbox/",
            *(user.upn for user in sandbox.users),
        ]
    assert all(fact in text for fact in wanted)


async def test_tokens_live_as_long_as_the_options_say() -> None:
    async with (
        run_sandbox(SandboxOptions(seed=False, token_lifetime_s=7)) as sandbox,
        httpx.AsyncClient(base_url=sandbox.http_url) as http,
    ):
        assert (await RegisteredApp(http, sandbox.public_client_id).sign_in(ALICE))["expires_in"] == 7


async def test_a_client_that_stays_connected_does_not_hold_up_the_end() -> None:
    async with asyncio.timeout(5):
        async with run_sandbox(SandboxOptions(seed=False)) as sandbox:
            trusted = ssl.create_default_context(cafile=sandbox.ca_file)
            client = httpx.AsyncClient(verify=trusted, trust_env=False)
            for origin in (sandbox.http_url, sandbox.https_url):
                assert (await client.get(f"{origin}/common/discovery/v2.0/keys")).status_code == 200
        await client.aclose()


async def test_a_failed_import_leaves_no_half_filled_state(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with pytest.raises(FileNotFoundError):
        async with run_sandbox(SandboxOptions(state=state, import_path=tmp_path / "missing")):
            pass
    async with run_sandbox(SandboxOptions(state=state)) as sandbox:
        assert all(sandbox.store.mailbox(user.oid).count() for user in sandbox.users)
