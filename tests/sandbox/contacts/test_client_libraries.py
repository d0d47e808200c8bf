"""O365 and Microsoft's own SDK, unchanged, on contacts and people."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette

from outlook_mcp.sandbox import Sandbox
from tests.sandbox.contacts.conftest import PERMISSIONS
from tests.sandbox.entra.test_o365 import signed_in
from tests.sandbox.graph.conftest import ANNA
from tests.sandbox.sdk_client import sdk_client

with warnings.catch_warnings():
    # kiota warns of its own deprecations at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.contact import Contact
    from msgraph.generated.models.contact_folder import ContactFolder
    from msgraph.generated.models.email_address import EmailAddress
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder
    from msgraph.graph_service_client import GraphServiceClient

# The SDK imports the rest of itself when it is used.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:response_mode='form_post' is recommended:UserWarning"
)


@pytest.fixture
async def sdk(app: Starlette) -> AsyncIterator[GraphServiceClient]:
    async with sdk_client(app, ANNA, *PERMISSIONS) as client:
        yield client


async def test_the_sdk_writes_lists_and_deletes_contacts(sdk: GraphServiceClient) -> None:
    folder = await sdk.me.contact_folders.post(ContactFolder(display_name="Suppliers"))
    assert folder is not None
    assert folder.id is not None
    contacts = sdk.me.contact_folders.by_contact_folder_id(folder.id).contacts
    jo = Contact(given_name="Jo", surname="Ek", email_addresses=[EmailAddress(address="jo@x.example", name="Jo")])
    made = await contacts.post(jo)
    assert made is not None
    assert made.id is not None
    assert made.display_name == "Jo Ek"
    changed = await sdk.me.contacts.by_contact_id(made.id).patch(Contact(job_title="Clerk", display_name="Jo Ek"))
    assert changed is not None
    assert changed.job_title == "Clerk"
    people = await sdk.me.people.get()
    assert people is not None
    assert [person.display_name for person in people.value or []] == ["Jo Ek"]
    await sdk.me.contacts.by_contact_id(made.id).delete()
    listed = await contacts.get()
    assert listed is not None
    assert listed.value == []


async def test_the_sdk_searches_users(sdk: GraphServiceClient) -> None:
    parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(search='"displayName:ben"')
    configuration = RequestConfiguration(query_parameters=parameters)
    configuration.headers.add("ConsistencyLevel", "eventual")
    found = await sdk.users.get(configuration)
    assert found is not None
    assert [user.mail for user in found.value or []] == ["ben@contoso.com"]


async def test_the_address_book_of_o365_lists_writes_and_filters(sandbox: Sandbox) -> None:
    def run() -> tuple[list[str], list[str], str, bool]:
        with signed_in(sandbox, ["Contacts.ReadWrite", "User.Read"]) as account:
            book = account.address_book()
            names = [contact.display_name for contact in book.get_contacts()]
            folders = [folder.name for folder in book.get_folders()]
            contact = book.new_contact()
            contact.name, contact.surname = "Anna", "Berg"
            contact.emails.add("anna@x.example")
            contact.business_phones = "+49 1"
            assert contact.save()
            # What `get_contact_by_email` asks for; the method itself fails in this version of the package.
            query = "emailAddresses/any(a:a/address eq 'anna@x.example')"
            (found,) = book.get_contacts(query=query)
            found.job_title = "Boss"
            assert found.save()
            (again,) = book.get_contacts(query=query)
            return names, folders, again.job_title, bool(again.delete())

    names, folders, title, is_deleted = await asyncio.to_thread(run)
    assert "Henry Okafor" in names
    assert (folders, title, is_deleted) == (["Suppliers"], "Boss", True)
