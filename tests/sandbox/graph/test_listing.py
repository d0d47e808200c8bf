from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store import Mailbox, StoredMessage
from tests.sandbox.graph.conftest import Client, mail

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def year(mailbox: Mailbox) -> Mailbox:
    """Thirty messages, one a day, every third read, every fifth from Ben."""
    for day in range(30):
        ben = Address("ben@contoso.com", "Ben Cole")
        more = {"from_": ben} if day % 5 == 0 else {}
        mailbox.insert_message(
            mail(
                f"Day {day}",
                received=START + timedelta(days=day),
                is_read=day % 3 == 0,
                body=f"<p>note {day}</p>",
                **more,
            )
        )
    return mailbox


async def subjects(client: Client, path: str = "/me/messages", **parameters: str) -> list[str]:
    answer = await client.get(path, params={f"${name}": value for name, value in parameters.items()})
    return [message["subject"] for message in answer["value"]]


async def test_a_page_has_ten_messages_newest_first(anna: Client, year: Mailbox) -> None:
    assert await subjects(anna) == [f"Day {day}" for day in range(29, 19, -1)]


async def test_next_links_lead_through_everything_once(anna: Client, year: Mailbox) -> None:
    seen: list[str] = []
    page = await anna.get("/me/messages?$top=7&$select=subject&$count=true")
    assert page["@odata.count"] == 30
    while True:
        assert all(message.keys() == {"@odata.etag", "id", "subject"} for message in page["value"])
        seen += [message["subject"] for message in page["value"]]
        if "@odata.nextLink" not in page:
            break
        page = await anna.get(page["@odata.nextLink"])
    assert seen == [f"Day {day}" for day in range(29, -1, -1)]


@pytest.mark.parametrize("top", [1, 7])
async def test_a_filtered_list_is_whole_only_for_who_follows_its_links(anna: Client, year: Mailbox, top: int) -> None:
    first = page = await anna.get(f"/me/messages?$top={top}&$filter=isRead eq false")
    seen = [message["subject"] for message in page["value"]]
    while "@odata.nextLink" in page:
        assert len(page["value"]) == max(1, top - 1)
        page = await anna.get(page["@odata.nextLink"])
        seen += [message["subject"] for message in page["value"]]
    assert seen == [f"Day {day}" for day in range(29, -1, -1) if day % 3]
    skip = int(parse_qs(urlsplit(first["@odata.nextLink"]).query)["$skip"][0])
    assert skip > len(first["value"])
    computed = await subjects(anna, filter="isRead eq false", skip=str(skip))
    assert computed[0] != seen[len(first["value"])]


async def test_a_list_of_a_time_comes_in_full_pages(anna: Client, year: Mailbox) -> None:
    assert len(await subjects(anna, filter="receivedDateTime ge 2026-01-01", top="7")) == 7


async def test_a_token_that_no_link_had_is_refused(anna: Client) -> None:
    assert await anna.fails("GET", "/me/messages?$skiptoken=x", 400) == "BadRequest"


async def test_a_page_is_as_large_as_preferred(anna: Client, year: Mailbox) -> None:
    response = await anna.request("GET", "/me/messages", headers={"Prefer": "odata.maxpagesize=3"})
    assert len(response.json()["value"]) == 3
    assert response.headers["preference-applied"] == "odata.maxpagesize=3"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("receivedDateTime ge 2026-01-29T00:00:00Z", ["Day 29", "Day 28"]),
        ("receivedDateTime lt 2026-01-03T00:00:00+00:00", ["Day 1", "Day 0"]),
        ("subject eq 'day 7'", ["Day 7"]),
        ("startswith(subject,'Day 2') and isRead eq true", ["Day 27", "Day 24", "Day 21"]),
        ("contains(subject, '19')", ["Day 19"]),
        ("from/emailAddress/address eq 'BEN@contoso.com' and isRead", ["Day 15", "Day 0"]),
        ("not (receivedDateTime gt 2026-01-01)", ["Day 0"]),
        ("subject in ('Day 3', 'Day 4')", ["Day 4", "Day 3"]),
        ("toRecipients/any(r:r/emailAddress/address eq 'anna@contoso.com') and subject eq 'Day 1'", ["Day 1"]),
        ("categories/any()", []),
        ("flag/flagStatus eq 'flagged'", []),
        ("contains(body/content, 'note 17')", ["Day 17"]),
    ],
)
async def test_a_filter_chooses(anna: Client, year: Mailbox, condition: str, expected: list[str]) -> None:
    assert await subjects(anna, filter=condition) == expected


@pytest.mark.parametrize(
    "condition",
    ["isRead eq 'yes'", "subject eq", "subject eq 'a' nonsense", "colour eq 1", "receivedDateTime ge 'x'", "((("],
)
async def test_a_broken_filter_is_refused(anna: Client, condition: str) -> None:
    code = await anna.fails("GET", "/me/messages", 400, params={"$filter": condition})
    assert code in ("BadRequest", "RequestBroker--ParseUri")


async def test_an_order_must_stand_first_in_the_filter(anna: Client, year: Mailbox) -> None:
    good = {"filter": "receivedDateTime ge 2026-01-20 and isRead eq true", "orderby": "receivedDateTime asc"}
    assert await subjects(anna, **good) == ["Day 21", "Day 24", "Day 27"]
    for condition in ("isRead eq true", "isRead eq true and receivedDateTime ge 2026-01-20"):
        params = {"$filter": condition, "$orderby": "receivedDateTime desc"}
        assert await anna.fails("GET", "/me/messages", 400, params=params) == "InefficientFilter"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"note"', 25),
        ('"subject:19"', 1),
        ('"from:ben"', 6),
        ('"from:ben AND received>=2026-01-20"', 2),
        ('"received:2026-01-01..2026-01-03"', 3),
        ('"\\"note 17\\""', 1),
        ('"not*"', 25),
        ('"note NOT from:ben"', 24),
        ('"subject:(3 OR 4)"', 2),
        ('"hasAttachments:true"', 0),
        ('"to:anna size>1"', 25),
        ("\"'word'\"", 0),
        ("note", 25),
    ],
)
async def test_a_search_finds(anna: Client, year: Mailbox, query: str, expected: int) -> None:
    assert len(await subjects(anna, search=query, top="25")) == expected


@pytest.mark.parametrize("name", ["orderby", "filter"])
async def test_a_search_stands_alone(anna: Client, name: str) -> None:
    params = {"$search": '"x"', f"${name}": "subject" if name == "orderby" else "isRead eq true"}
    code = await anna.fails("GET", "/me/messages", 400, params=params)
    assert code.lower() == f"searchwith{name}"


async def test_words_in_scripts_without_spaces_are_found(anna: Client, mailbox: Mailbox) -> None:
    mailbox.insert_message(mail("東京の会議について", body="明日の予定"))
    assert len(await subjects(anna, search='"会議"')) == 1
    assert len(await subjects(anna, search='"予定"')) == 1
    assert len(await subjects(anna, search='"議会"')) == 0


async def test_a_folder_lists_its_own_messages_whatever_its_spelling(anna: Client, year: Mailbox) -> None:
    year.insert_message(mail("Elsewhere"), "archive")
    for path in (
        "/me/mailFolders/inbox/messages",
        "/me/mailfolders('Inbox')/messages",
        "/me/MailFolders/INBOX/Messages",
    ):
        assert "Elsewhere" not in await subjects(anna, path, top="50")
    assert await subjects(anna, "/me/mailFolders/archive/messages") == ["Elsewhere"]
    assert len(await subjects(anna, top="50")) == 31


async def test_counts_are_plain_numbers(anna: Client, year: Mailbox) -> None:
    response = await anna.request("GET", "/me/messages/$count", params={"$filter": "isRead eq true"})
    assert response.text == "10"


async def test_expanded_attachments_come_with_the_message(anna: Client, received: StoredMessage) -> None:
    body = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    await anna.post(f"/me/messages/{received.id}/attachments", body)
    message = await anna.get(f"/me/messages/{received.id}?$expand=attachments($select=name)")
    assert [attachment["name"] for attachment in message["attachments"]] == ["a.txt"]
    assert "contentBytes" not in message["attachments"][0]


@pytest.mark.parametrize(
    "query",
    [
        *("$top=0", "$top=1001", "$skip=-1", "$colour=red", "$select=colour", "$expand=messages"),
        *("$count=yes", "$top=1&$top=2", "$top=1&top=2", "$orderby=subject,"),
    ],
)
async def test_wrong_options_are_refused(anna: Client, query: str) -> None:
    assert await anna.fails("GET", f"/me/messages?{query}", 400) in ("BadRequest", "RequestBroker--ParseUri")


@pytest.mark.parametrize("method", ["BREW", "TRACE", "OPTIONS"])
async def test_a_method_that_graph_has_not_is_refused_in_its_form(anna: Client, method: str) -> None:
    assert await anna.fails(method, "/me/messages", 405) == "UnknownError"
    part = {"id": "1", "method": method, "url": "/me/messages"}
    (answer,) = (await anna.post("/$batch", {"requests": [part]}, 200))["responses"]
    assert (answer["status"], answer["body"]["error"]["code"]) == (405, "UnknownError")


async def test_a_function_of_odata_that_is_not_imitated_says_so(anna: Client) -> None:
    for filtered in ("tolower(subject) eq 'a'", "year(receivedDateTime) eq 2026"):
        assert await anna.fails("GET", f"/me/messages?$filter={filtered}", 501) == "NotImitated"
