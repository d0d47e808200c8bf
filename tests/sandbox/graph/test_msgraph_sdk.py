"""Microsoft's own SDK, unchanged, with its default middleware."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from outlook_mcp.sandbox.store import MailStore, StoredMessage
from tests.sandbox.graph.conftest import ANNA, EVERYTHING

with warnings.catch_warnings():
    # kiota warns of its own deprecations at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
    from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (
        BaseBearerTokenAuthenticationProvider,
    )
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.body_type import BodyType
    from msgraph.generated.models.email_address import EmailAddress
    from msgraph.generated.models.file_attachment import FileAttachment
    from msgraph.generated.models.item_body import ItemBody
    from msgraph.generated.models.mail_folder import MailFolder
    from msgraph.generated.models.message import Message
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.models.recipient import Recipient
    from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import (
        MessagesRequestBuilder as FolderMessages,
    )
    from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
    from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
    from msgraph.graph_request_adapter import GraphRequestAdapter, options
    from msgraph.graph_service_client import GraphServiceClient
    from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]


# The SDK imports the rest of itself when it is used.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class FixedToken(AccessTokenProvider):
    async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
        return " ".join((ANNA, *EVERYTHING))

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator(["graph.test"])


@pytest.fixture
async def sdk(app: Starlette) -> AsyncIterator[GraphServiceClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as plain:
        http = GraphClientFactory.create_with_default_middleware(client=plain, options=options)
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(FixedToken()), client=http)
        adapter.base_url = "http://graph.test/v1.0"
        client = GraphServiceClient(request_adapter=adapter)
        client.path_parameters["baseurl"] = adapter.base_url
        yield client


def new_message(subject: str) -> Message:
    return Message(
        subject=subject,
        body=ItemBody(content_type=BodyType.Html, content="<p>Hello</p>"),
        to_recipients=[Recipient(email_address=EmailAddress(address="ben@contoso.com", name="Ben Cole"))],
    )


async def test_the_sdk_reads_lists_and_searches(sdk: GraphServiceClient, received: StoredMessage) -> None:
    parameters = FolderMessages.MessagesRequestBuilderGetQueryParameters(search='"numbers"', top=5, select=["subject"])
    configuration = RequestConfiguration(query_parameters=parameters)
    listed = await sdk.me.mail_folders.by_mail_folder_id("inbox").messages.get(configuration)
    assert listed is not None
    assert listed.value is not None
    assert [message.subject for message in listed.value] == ["Budget"]
    message = await sdk.me.messages.by_message_id(received.id).get()
    assert message is not None
    assert message.from_ is not None
    assert message.from_.email_address is not None
    assert message.from_.email_address.name == "Dora Ek"
    assert message.received_date_time is not None


async def test_the_sdk_writes_attaches_moves_and_sends(sdk: GraphServiceClient, store: MailStore) -> None:
    draft = await sdk.me.messages.post(new_message("Draft"))
    assert draft is not None
    assert draft.id is not None
    builder = sdk.me.messages.by_message_id(draft.id)
    changed = await builder.patch(Message(subject="Changed"))
    assert changed is not None
    assert changed.subject == "Changed"
    file = FileAttachment(name="a.txt", content_type="text/plain", content_bytes=b"YWJj")
    await builder.attachments.post(file)
    attached = await builder.attachments.get()
    assert attached is not None
    assert attached.value is not None
    assert isinstance(attached.value[0], FileAttachment)
    moved = await builder.move.post(MovePostRequestBody(destination_id="archive"))
    assert moved is not None
    assert moved.id is not None
    await sdk.me.messages.by_message_id(moved.id).send.post()
    await sdk.me.send_mail.post(SendMailPostRequestBody(message=new_message("Sent"), save_to_sent_items=True))
    await store.settled()
    sent = await sdk.me.mail_folders.by_mail_folder_id("sentitems").messages.get()
    assert sent is not None
    assert {message.subject for message in sent.value or []} == {"Changed", "Sent"}


async def test_the_sdk_walks_the_folders(sdk: GraphServiceClient) -> None:
    made = await sdk.me.mail_folders.post(MailFolder(display_name="Projects"))
    assert made is not None
    folders = await sdk.me.mail_folders.get()
    assert folders is not None
    assert "Projects" in [folder.display_name for folder in folders.value or []]


async def test_the_sdk_follows_a_delta(sdk: GraphServiceClient, received: StoredMessage) -> None:
    messages = sdk.me.mail_folders.by_mail_folder_id("inbox").messages
    first = await messages.delta.get()
    assert first is not None
    assert first.odata_delta_link is not None
    assert [message.subject for message in first.value or []] == ["Budget"]
    again = await messages.delta.with_url(first.odata_delta_link).get()
    assert again is not None
    assert again.value == []


async def test_the_sdk_understands_an_error(sdk: GraphServiceClient) -> None:
    with pytest.raises(ODataError) as caught:
        await sdk.me.messages.by_message_id("nonsense").get()
    assert caught.value.error is not None
    assert caught.value.error.code == "ErrorInvalidIdMalformed"
    assert caught.value.response_status_code == 400
