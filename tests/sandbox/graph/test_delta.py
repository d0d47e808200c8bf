from __future__ import annotations

from typing import Any

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
    for query in ("$filter=isRead eq true", '$search="x"'):
        assert await anna.fails("GET", f"{DELTA}?{query}", 400) == "BadRequest"


async def test_a_token_that_is_too_old_tells_where_to_start_again(anna: Client, mailbox: Mailbox) -> None:
    _, link = await round_of(anna, DELTA)
    mailbox.changes.forget()
    response = await anna.request("GET", link)
    assert response.status_code == 410
    assert response.json()["error"]["code"] == "SyncStateNotFound"
    assert (await round_of(anna, response.headers["location"]))[0] == []


async def test_a_broken_token_and_a_whole_mailbox_are_refused(anna: Client) -> None:
    assert await anna.fails("GET", f"{DELTA}?$deltatoken=xyz", 400) == "BadRequest"
    assert await anna.fails("GET", "/me/messages/delta", 400) == "BadRequest"
