"""People by relevance, and the users of the tenant, in the imitated Graph."""

from __future__ import annotations

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store import Mailbox
from tests.sandbox.contacts.conftest import with_permissions
from tests.sandbox.graph.conftest import Client, mail

EVENTUAL = {"ConsistencyLevel": "eventual"}
DIRECTORY = {"X-PeopleQuery-QuerySources": "Mailbox,Directory"}


async def test_people_are_those_of_mail_and_contacts_most_relevant_first(anna: Client, mailbox: Mailbox) -> None:
    for _ in range(3):
        mailbox.insert_message(mail(from_=Address("dora@example.org", "Dora Ek")))
    mailbox.insert_message(mail(from_=Address("ben@contoso.com", "Ben Cole")))
    await anna.post("/me/contacts", {"displayName": "Jo", "emailAddresses": [{"address": "jo@x.example"}]})
    people = (await anna.get("/me/people"))["value"]
    assert [person["displayName"] for person in people] == ["Dora Ek", "Ben Cole", "Jo"]
    kinds = [person["personType"]["subclass"] for person in people]
    assert kinds == ["ImplicitContact", "OrganizationUser", "PersonalContact"]
    assert people[0]["scoredEmailAddresses"][0]["address"] == "dora@example.org"
    assert (await anna.get(f"/me/people/{people[0]['id']}"))["displayName"] == "Dora Ek"


async def test_a_search_of_people_finds_what_is_written_alike(anna: Client, mailbox: Mailbox) -> None:
    mailbox.insert_message(mail(from_=Address("dora@example.org", "Dora Eriksen")))
    for text, found in {"Eriksson": 1, "dor": 1, "Nobody": 0}.items():
        assert len((await anna.get(f'/me/people?$search="{text}"'))["value"]) == found


async def test_the_directory_is_searched_only_when_the_header_says_so(anna: Client) -> None:
    assert (await anna.get('/me/people?$search="ben"'))["value"] == []
    (ben,) = (await anna.get('/me/people?$search="ben"', headers=DIRECTORY))["value"]
    assert ben["userPrincipalName"] == "ben@contoso.com"


async def test_users_are_searched_with_a_header_in_the_own_tenant_only(anna: Client) -> None:
    search = '/users?$search="displayName:c" OR "mail:carla"&$select=displayName,mail,jobTitle'
    assert await anna.fails("GET", search, 400) == "Request_UnsupportedQuery"
    users = (await anna.get(search, headers=EVENTUAL))["value"]
    assert users == [{"displayName": "Ben Cole", "mail": "ben@contoso.com"}]
    filtered = "/users?$filter=startswith(displayName,'ben')&$select=id"
    assert len((await anna.get(filtered))["value"]) == 1
    refused = await with_permissions(anna, "User.Read").fails("GET", "/users", 403)
    assert refused == "Authorization_RequestDenied"
