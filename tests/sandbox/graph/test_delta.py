from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from outlook_mcp.sandbox.store import Mailbox
from tests.sandbox.graph.conftest import Client, mail

DELTA = "/me/mailFolders/inbox/messages/delta"


async def round_of(client: Client, link: str, **headers: str) -> tuple[list[dict[str, Any]], str]:
    """All changes of one round, and the link of the next."""
    changes: list[dict[str, Any]] = []
    while True:
        page = await client.get(link, headers=headers)
        changes += page["value"]
        if "@odata.deltaLink" in page:
            return changes, str(page["@odata.deltaLink"])
        link = page["@odata.nextLink"]


async def test_the_first_round_gives_everything_in_pages(anna: Client, mailbox: Mailbox) -> None:
    mailbox.insert_many(mail(f"Row {number}") for number in range(7))
    page = await anna.get(DELTA, headers={"Prefer": "odata.maxpagesize=3"})
    assert len(page["value"]) == 3
    changes, _ = await round_of(anna, DELTA, Prefer="odata.maxpagesize=3")
    assert len({change["id"] for change in changes}) == 7


async def test_later_rounds_give_what_changed_came_and_left(anna: Client, mailbox: Mailbox) -> None:
    read, moved, erased = (mailbox.insert_message(mail(name)) for name in ("read", "moved", "erased"))
    _, link = await round_of(anna, f"{DELTA}?$select=subject,isRead")
    assert (await round_of(anna, link))[0] == []
    await anna.patch(f"/me/messages/{read.id}", {"isRead": True})
    await anna.post(f"/me/messages/{moved.id}/move", {"destinationId": "archive"})
    await anna.post(f"/me/messages/{erased.id}/permanentDelete", status=204)
    mailbox.insert_message(mail("new"))
    changes, link = await round_of(anna, link)
    removed = [change["id"] for change in changes if change.get("@removed") == {"reason": "deleted"}]
    assert removed == [moved.id, erased.id]
    assert [change["subject"] for change in changes if "subject" in change] == ["read", "new"]
    assert all("body" not in change for change in changes)
    assert (await round_of(anna, link))[0] == []


async def test_removals_before_the_first_round_are_not_told(anna: Client, mailbox: Mailbox) -> None:
    mailbox.messages.erase(mailbox.insert_message(mail()))
    changes, link = await round_of(anna, DELTA)
    assert changes == []
    assert (await round_of(anna, link))[0] == []


async def test_a_round_may_start_from_now(anna: Client, mailbox: Mailbox) -> None:
    mailbox.insert_message(mail("old"))
    _, link = await round_of(anna, f"{DELTA}?$deltatoken=latest")
    mailbox.insert_message(mail("new"))
    assert [change["subject"] for change in (await round_of(anna, link))[0]] == ["new"]


async def test_only_a_lower_bound_of_the_time_filters(anna: Client) -> None:
    assert (await round_of(anna, f"{DELTA}?$filter=receivedDateTime ge 2026-01-01"))[0] == []
    assert await anna.fails("GET", f"{DELTA}?$filter=isRead eq true", 400) == "BadRequest"


async def test_the_changes_of_a_whole_mailbox_are_refused(anna: Client) -> None:
    assert await anna.fails("GET", "/me/messages/delta", 400) == "BadRequest"


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (DELTA, ("search", "skip")),
        ("/me/mailFolders/delta", ("orderby", "filter", "expand", "search", "top")),
        ("/me/calendarView/delta", ("orderby", "filter", "select", "expand", "search", "top")),
        ("/me/contacts/delta", ("orderby", "filter", "expand", "search", "top")),
    ],
)
async def test_an_option_that_change_tracking_has_not_is_refused(
    anna: Client, path: str, options: tuple[str, ...]
) -> None:
    """https://learn.microsoft.com/graph/api/message-delta, mailfolder-delta, event-delta and contact-delta."""
    reader = dataclasses.replace(anna, scopes=("Mail.Read", "Calendars.Read", "Contacts.Read"))
    period = "startDateTime=2026-05-01&endDateTime=2026-06-01"
    for option in options:
        assert await reader.fails("GET", f"{path}?{period}&${option}=1", 400) == "ErrorInvalidUrlQuery"


@pytest.mark.parametrize("path", [DELTA, "/me/mailFolders/delta"])
async def test_a_damaged_token_is_refused_and_an_unknown_one_tells_where_to_start_again(
    anna: Client, mailbox: Mailbox, path: str
) -> None:
    _, link = await round_of(anna, path)
    start, _, token = link.partition("$deltatoken=")
    for damaged in (token[:-2], f"{token[1:]}%", f"{token}AAAA", "e30"):
        assert await anna.fails("GET", f"{start}$deltatoken={damaged}", 400) == "BadRequest"
    mailbox.changes.forget()
    mailbox.database.execute("DELETE FROM delta_round")
    answer = await anna.request("GET", link)
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "SyncStateNotFound")
    assert await round_of(anna, answer.headers["location"])
