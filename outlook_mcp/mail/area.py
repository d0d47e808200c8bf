"""What mail needs of Microsoft Graph."""

from __future__ import annotations

from outlook_mcp.graph.area import GraphArea

SEND_PERMISSION = "Mail.Send"

SETTINGS = GraphArea(
    read_permission="MailboxSettings.Read",
    write_permission="MailboxSettings.ReadWrite",
    look_first="Look at what is set now (settings, rules) before trying again.",
    builders=(
        "inference_classification.inference_classification_request_builder",
        "inference_classification.overrides.overrides_request_builder",
        "inference_classification.overrides.item.inference_classification_override_item_request_builder",
        "mail_folders.item.message_rules.message_rules_request_builder",
        "mail_folders.item.message_rules.item.message_rule_item_request_builder",
        "mailbox_settings.mailbox_settings_request_builder",
        "outlook.master_categories.item.outlook_category_item_request_builder",
    ),
)

MAIL = GraphArea(
    read_permission="Mail.Read",
    write_permission="Mail.ReadWrite",
    is_shareable=True,
    look_first="Look at what is there now (mail_search, mail_read) before trying again.",
    look_for_sent='Look in Sent Items (mail_search with folder="sent") before sending again.',
    builders=(
        "messages.messages_request_builder",
        "messages.item.message_item_request_builder",
        "messages.item.attachments.attachments_request_builder",
        "messages.item.attachments.create_upload_session.create_upload_session_request_builder",
        "messages.item.attachments.item.attachment_item_request_builder",
        "messages.item.copy.copy_request_builder",
        "messages.item.create_forward.create_forward_request_builder",
        "messages.item.create_reply.create_reply_request_builder",
        "messages.item.create_reply_all.create_reply_all_request_builder",
        "messages.item.move.move_request_builder",
        "messages.item.permanent_delete.permanent_delete_request_builder",
        "messages.item.send.send_request_builder",
        "mail_folders.mail_folders_request_builder",
        "mail_folders.item.mail_folder_item_request_builder",
        "mail_folders.item.child_folders.child_folders_request_builder",
        "mail_folders.item.move.move_request_builder",
        "mail_folders.item.messages.messages_request_builder",
        "get_mail_tips.get_mail_tips_request_builder",
        "mail_folders.item.messages.delta.delta_request_builder",
        "outlook.outlook_request_builder",
        "outlook.master_categories.master_categories_request_builder",
    ),
)
