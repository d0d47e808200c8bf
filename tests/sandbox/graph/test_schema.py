"""Every operation is driven once, and every JSON answer on the way must fit Microsoft's own metadata."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import httpx

from outlook_mcp.sandbox import run_sandbox
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.graph.core.errors import GraphFault
from outlook_mcp.sandbox.graph.core.operations import Area
from outlook_mcp.sandbox.graph.core.paths import read_path
from outlook_mcp.sandbox.graph.mail.operations import mail_area
from outlook_mcp.sandbox.graph.users.operations import users_area
from outlook_mcp.sandbox.store import Mailbox, MailStore
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import Client, Exchange
from tests.sandbox.graph.every_operation import drive_every_operation, upload_a_file


def operation_of(exchange: Exchange, areas: tuple[Area, ...]) -> tuple[str, str] | None:
    """Method and pattern of the operation that answered."""
    path = urlsplit(exchange.path).path.removeprefix("/v1.0").lstrip("/")
    if path == "$batch":
        return None
    try:
        segments = read_path(path).segments
    except GraphFault:
        return None
    matching = (operation for area in areas for operation, _ in area.matching(segments))
    return next(
        ((operation.method, operation.pattern) for operation in matching if operation.method == exchange.method), None
    )


async def test_every_answer_of_every_operation_fits_the_strict_schema(
    anna: Client, mailbox: Mailbox, store: MailStore
) -> None:
    await drive_every_operation(anna, mailbox)
    await store.settled()
    await anna.get("/me/messages?$top=50&$expand=attachments")
    areas = (users_area(), mail_area(store, lambda scheme: scheme))
    driven = {operation_of(exchange, areas) for exchange in anna.seen}
    assert driven >= {(operation.method, operation.pattern) for area in areas for operation in area.operations}
    answers = [exchange for exchange in anna.seen if "json" in exchange.content_type]
    wrong = {
        f"{exchange.method} {exchange.path}": found
        for exchange in answers
        if (found := strict_schema.problems(json.loads(exchange.body), exchange.status))
    }
    assert wrong == {}
    assert len(answers) > 40


async def test_every_answer_of_an_upload_session_fits_the_strict_schema(
    anna: Client, uploads: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    answers = await upload_a_file(anna, uploads, mailbox)
    assert [answer.status_code for answer in answers] == [400, 200, 200, 416, 401, 201, 404]
    told = [strict_schema.problems(answer.json(), answer.status_code) for answer in answers if answer.content]
    assert told == [[]] * 6


async def test_every_mailbox_of_the_seed_fits_the_strict_schema() -> None:
    scopes = frozenset({"Mail.Read", "User.Read", "MailboxSettings.Read"})
    async with run_sandbox() as sandbox, httpx.AsyncClient(trust_env=False) as client:
        for user in sandbox.users:
            token = sandbox.entra.graph_token(Caller(user.tid, user.oid, user.upn, scopes, sandbox.public_client_id))
            for path in (
                "me",
                "me/mailboxSettings",
                "me/mailFolders?$top=50",
                "me/messages?$top=99&$expand=attachments",
            ):
                url = f"{sandbox.graph_url}/{path}"
                answer = await client.get(url, headers={"Authorization": f"Bearer {token}"})
                assert strict_schema.problems(answer.json(), answer.status_code) == []


def test_the_strict_schema_refuses_a_property_that_graph_does_not_have() -> None:
    body = {"@odata.context": "x#users('1')/messages/$entity", "id": "1", "colour": "red"}
    assert strict_schema.problems(body, 200)
