"""Microsoft's own SDK, unchanged, with its default middleware."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette

from outlook_mcp.sandbox.store import Mailbox, MailStore, StoredMessage
from tests.sandbox.graph.conftest import ANNA, EVERYTHING, mail
from tests.sandbox.graph.receiver import receiving
from tests.sandbox.sdk_client import sdk_client

with warnings.catch_warnings():
    # kiota warns of its own deprecations at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.automatic_replies_setting import AutomaticRepliesSetting
    from msgraph.generated.models.automatic_replies_status import AutomaticRepliesStatus
    from msgraph.generated.models.body_type import BodyType
    from msgraph.generated.models.category_color import CategoryColor
    from msgraph.generated.models.email_address import EmailAddress
    from msgraph.generated.models.file_attachment import FileAttachment
    from msgraph.generated.models.inference_classification_override import InferenceClassificationOverride
    from msgraph.generated.models.inference_classification_type import InferenceClassificationType
    from msgraph.generated.models.item_body import ItemBody
    from msgraph.generated.models.mail_folder import MailFolder
    from msgraph.generated.models.mail_search_folder import MailSearchFolder
    from msgraph.generated.models.mail_tips_type import MailTipsType
    from msgraph.generated.models.mailbox_settings import MailboxSettings
    from msgraph.generated.models.message import Message
    from msgraph.generated.models.message_rule import MessageRule
    from msgraph.generated.models.message_rule_actions import MessageRuleActions
    from msgraph.generated.models.message_rule_predicates import MessageRulePredicates
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.models.open_type_extension import OpenTypeExtension
    from msgraph.generated.models.outlook_category import OutlookCategory
    from msgraph.generated.models.recipient import Recipient
    from msgraph.generated.models.subscription import Subscription
    from msgraph.generated.users.item.get_mail_tips.get_mail_tips_post_request_body import GetMailTipsPostRequestBody
    from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import (
        MessagesRequestBuilder as FolderMessages,
    )
    from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
    from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
    from msgraph.graph_service_client import GraphServiceClient


# The SDK imports the rest of itself when it is used.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
async def sdk(app: Starlette) -> AsyncIterator[GraphServiceClient]:
    async with sdk_client(app, ANNA, *EVERYTHING) as client:
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


async def test_the_sdk_keeps_rules_and_sees_them_applied(
    sdk: GraphServiceClient, mailbox: Mailbox, store: MailStore
) -> None:
    rules = sdk.me.mail_folders.by_mail_folder_id("inbox").message_rules
    conditions, actions = MessageRulePredicates(sender_contains=["dora"]), MessageRuleActions(mark_as_read=True)
    made = await rules.post(MessageRule(display_name="Dora", conditions=conditions, actions=actions))
    assert made is not None
    assert made.id is not None
    assert store.receive(mailbox, mail()).row["is_read"] == 1
    changed = await rules.by_message_rule_id(made.id).patch(MessageRule(is_enabled=False))
    assert changed is not None
    assert changed.is_enabled is False
    listed = await rules.get()
    assert listed is not None
    assert [rule.display_name for rule in listed.value or []] == ["Dora"]
    await rules.by_message_rule_id(made.id).delete()


async def test_the_sdk_changes_settings_categories_and_overrides(sdk: GraphServiceClient) -> None:
    replies = AutomaticRepliesSetting(status=AutomaticRepliesStatus.AlwaysEnabled, internal_reply_message="Away")
    settings = await sdk.me.mailbox_settings.patch(MailboxSettings(automatic_replies_setting=replies))
    assert settings is not None
    assert settings.automatic_replies_setting is not None
    assert settings.automatic_replies_setting.status is AutomaticRepliesStatus.AlwaysEnabled
    category = OutlookCategory(display_name="Travel", color=CategoryColor.Preset4)
    made = await sdk.me.outlook.master_categories.post(category)
    assert made is not None
    assert made.color is CategoryColor.Preset4
    override = InferenceClassificationOverride(
        classify_as=InferenceClassificationType.Other, sender_email_address=EmailAddress(address="dora@example.org")
    )
    kept = await sdk.me.inference_classification.overrides.post(override)
    assert kept is not None
    assert kept.classify_as is InferenceClassificationType.Other
    order = GetMailTipsPostRequestBody(
        email_addresses=["ben@contoso.com"], mail_tips_options=MailTipsType.MailboxFullStatus
    )
    tips = await sdk.me.get_mail_tips.post(order)
    assert tips is not None
    assert [tip.mailbox_full for tip in tips.value or []] == [False]


async def test_the_sdk_subscribes_extends_and_searches(sdk: GraphServiceClient, received: StoredMessage) -> None:
    async with receiving() as receiver:
        subscription = await sdk.subscriptions.post(
            Subscription(
                change_type="created",
                notification_url=receiver.url,
                resource="me/messages",
                expiration_date_time=datetime.now(UTC) + timedelta(hours=2),
            )
        )
    assert subscription is not None
    assert subscription.id is not None
    await sdk.subscriptions.by_subscription_id(subscription.id).delete()
    extension = OpenTypeExtension(extension_name="Com.Contoso.A", additional_data={"colour": "red"})
    kept = await sdk.me.messages.by_message_id(received.id).extensions.post(extension)
    assert isinstance(kept, OpenTypeExtension)
    assert kept.additional_data["colour"] == "red"
    folder = MailSearchFolder(display_name="Unread", source_folder_ids=["inbox"], filter_query="isRead eq false")
    searches = sdk.me.mail_folders.by_mail_folder_id("searchfolders").child_folders
    made = await searches.post(folder)
    assert isinstance(made, MailSearchFolder)
    assert made.total_item_count == 1
