"""Mailboxes of others: opened, and sent from, with the rights that an administrator grants."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from outlook_mcp.sandbox.store import Mailbox, MailStore
from outlook_mcp.sandbox.store.mail.grants import Right, grant_rights
from tests.sandbox.graph.conftest import ANNA, BEN, EVERYTHING, TENANT, UPNS, Client, mail

TEAM = "dddddddd-0000-4000-8000-000000000004"
ADDRESS = "team@contoso.com"
SHARED = ("Mail.Read.Shared", "Mail.ReadWrite.Shared", "Mail.Send.Shared")
BEN_RECIPIENT = {"emailAddress": {"address": UPNS[BEN]}}
TEAM_RECIPIENT = {"emailAddress": {"name": "Team", "address": ADDRESS}}


@pytest.fixture
def team(store: MailStore) -> Mailbox:
    return store.add_mailbox(TENANT, TEAM, ADDRESS, "Team")


@pytest.fixture
def anna(anna: Client) -> Client:
    return dataclasses.replace(anna, scopes=(*EVERYTHING, *SHARED))


def grant(team: Mailbox, *rights: Right) -> None:
    grant_rights(team, ANNA, rights)


def new_mail(**more: Any) -> dict[str, Any]:
    return {"message": {"subject": "Hello", "toRecipients": [BEN_RECIPIENT], **more}}


async def senders(client: Client, store: MailStore) -> list[tuple[str, str]]:
    """The addresses of `from` and `sender` of each message in the inbox."""
    await store.settled()
    found = (await client.get("/me/mailFolders/inbox/messages"))["value"]
    people = [(message["from"]["emailAddress"], message["sender"]["emailAddress"]) for message in found]
    return [(author["address"], sender["address"]) for author, sender in people]


async def test_a_shared_mailbox_is_read_with_the_right_to_read_and_changed_with_full_access(
    anna: Client, team: Mailbox
) -> None:
    message = team.insert_message(mail("For the team"))
    path = f"/users/{ADDRESS}/messages/{message.id}"
    assert await anna.fails("GET", path, 403) == "ErrorAccessDenied"
    grant(team, "read")
    assert (await anna.get(path))["subject"] == "For the team"
    assert len((await anna.get(f"/users/{TEAM}/mailFolders/inbox/messages"))["value"]) == 1
    assert await anna.fails("PATCH", path, 403, json={"isRead": True}) == "ErrorAccessDenied"
    grant(team, "full_access")
    assert (await anna.patch(path, {"isRead": True}))["isRead"]
    made = await anna.post(f"/users/{ADDRESS}/mailFolders", {"displayName": "Cases"})
    moved = await anna.post(f"{path}/move", {"destinationId": made["id"]})
    assert f"users('{TEAM}')" in moved["@odata.context"]
    grant(team)
    assert await anna.fails("GET", f"/users/{ADDRESS}/messages", 403) == "ErrorAccessDenied"


async def test_a_token_for_the_own_mailbox_opens_no_other(anna: Client, team: Mailbox) -> None:
    grant(team, "full_access", "send_as")
    own = dataclasses.replace(anna, scopes=EVERYTHING)
    team_path, from_team = f"/users/{ADDRESS}/messages", new_mail(**{"from": TEAM_RECIPIENT})
    assert await own.fails("GET", team_path, 403) == "ErrorAccessDenied"
    assert await own.fails("POST", "/me/sendMail", 403, json=from_team) == "ErrorAccessDenied"
    shared = dataclasses.replace(anna, scopes=("Mail.Read.Shared",))
    assert [(await shared.get(path))["value"] for path in ("/me/messages", team_path)] == [[], []]


@pytest.mark.parametrize("path", ["mailboxSettings", "mailFolders/inbox/messageRules", "outlook/masterCategories"])
async def test_settings_of_others_stay_closed(anna: Client, team: Mailbox, path: str) -> None:
    grant(team, "full_access")
    assert await anna.fails("GET", f"/users/{ADDRESS}/{path}", 403) == "ErrorAccessDenied"


@pytest.mark.parametrize(
    ("rights", "sender"),
    [(("send_as",), ADDRESS), (("send_on_behalf",), UPNS[ANNA]), (("send_as", "send_on_behalf"), ADDRESS)],
)
async def test_mail_is_sent_as_the_shared_mailbox_or_on_its_behalf(
    anna: Client, ben: Client, team: Mailbox, store: MailStore, mailbox: Mailbox, rights: tuple[Right, ...], sender: str
) -> None:
    grant(team, *rights)
    await anna.post("/me/sendMail", new_mail(**{"from": TEAM_RECIPIENT}), 202)
    assert await senders(ben, store) == [(ADDRESS, sender)]
    await anna.post(f"/users/{ADDRESS}/sendMail", new_mail(), 202)
    assert await senders(ben, store) == [(ADDRESS, sender)] * 2
    assert [found.folders.by_name("sentitems").total for found in (mailbox, team)] == [1, 1]


async def test_mail_is_sent_from_an_alias_and_reaches_it(
    anna: Client, ben: Client, mailbox: Mailbox, store: MailStore
) -> None:
    store.accounts.set_aliases(mailbox.account, ["a.berg@contoso.com"])
    alias = {"emailAddress": {"address": "A.Berg@contoso.com"}}
    await anna.post("/me/sendMail", new_mail(**{"from": alias}), 202)
    assert await senders(ben, store) == [("A.Berg@contoso.com", "A.Berg@contoso.com")]
    both = [alias, {"emailAddress": {"address": UPNS[ANNA]}}]
    await ben.post("/me/sendMail", {"message": {"toRecipients": both}}, 202)
    assert await senders(anna, store) == [(UPNS[BEN], UPNS[BEN])]
    assert len((await anna.get("/users/a.berg@contoso.com/outlook/masterCategories"))["value"]) == 6
    (message,) = (await anna.get("/me/mailFolders/inbox/messages"))["value"]
    reply = await anna.post(f"/me/messages/{message['id']}/createReplyAll")
    assert [person["emailAddress"]["address"] for person in reply["toRecipients"]] == [UPNS[BEN]]
    profile = await anna.get("/me?$select=proxyAddresses")
    assert profile["proxyAddresses"] == [f"SMTP:{UPNS[ANNA]}", "smtp:a.berg@contoso.com"]


async def test_a_draft_is_sent_from_whom_it_names_at_last(
    anna: Client, ben: Client, team: Mailbox, store: MailStore
) -> None:
    grant(team, "send_on_behalf")
    draft = await anna.post("/me/messages", new_mail(**{"from": TEAM_RECIPIENT})["message"])
    await anna.post(f"/me/messages/{draft['id']}/send", status=202)
    assert await senders(ben, store) == [(ADDRESS, UPNS[ANNA])]
    own = await anna.post("/me/messages", new_mail(**{"from": TEAM_RECIPIENT})["message"])
    await anna.patch(f"/me/messages/{own['id']}", {"from": {"emailAddress": {"address": UPNS[ANNA]}}})
    await anna.post(f"/me/messages/{own['id']}/send", status=202)
    assert (UPNS[ANNA], UPNS[ANNA]) in await senders(ben, store)


async def test_sending_without_the_right_is_refused_as_graph_refuses_it(anna: Client, team: Mailbox) -> None:
    grant(team, "full_access")
    message = team.insert_message(mail()).id
    for path, body in (
        ("/me/sendMail", new_mail(**{"from": TEAM_RECIPIENT})),
        ("/me/sendMail", new_mail(**{"from": {"emailAddress": {"address": "dora@example.org"}}})),
        ("/me/sendMail", new_mail(sender=TEAM_RECIPIENT)),
        (f"/users/{ADDRESS}/sendMail", new_mail()),
        (f"/users/{ADDRESS}/messages/{message}/reply", {"comment": "Thanks"}),
    ):
        answer = await anna.request("POST", path, json=body)
        assert answer.status_code == 403, path
        assert answer.json()["error"]["code"] == "ErrorSendAsDenied"
        assert "does not have the right to send mail on behalf of" in answer.json()["error"]["message"]
