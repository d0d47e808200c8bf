"""What people ask of an Outlook mail assistant, and what does it here: the tool, its arguments, a test that does it."""

from __future__ import annotations

from typing import NamedTuple


class Action(NamedTuple):
    """`test` is the file below `tests/` and the function."""

    asked: str
    tool: str
    arguments: tuple[str, ...]
    test: str


ACTIONS = (
    Action(
        "list messages",
        "mail_search",
        ("folder", "limit"),
        "workspace/test_search.py::test_a_short_list_is_complete_and_newest_first",
    ),
    Action(
        "search messages",
        "mail_search",
        ("text", "sender"),
        "e2e/test_tools.py::test_a_message_is_found_and_read_without_being_marked_read",
    ),
    Action(
        "read one message or several",
        "mail_read",
        ("ids",),
        "workspace/test_messages.py::test_many_are_read_in_batches_in_the_order_asked_with_errors_in_their_place",
    ),
    Action(
        "read a conversation",
        "mail_read",
        ("ids", "thread"),
        "workspace/test_messages.py::test_a_thread_is_its_messages_oldest_first_each_once",
    ),
    Action(
        "see the raw source",
        "mail_read",
        ("ids", "view"),
        "workspace/test_reading_views.py::test_the_source_is_given_in_parts_that_make_the_whole",
    ),
    Action(
        "see the headers",
        "mail_read",
        ("ids", "view"),
        "e2e/test_tools.py::test_a_message_is_found_and_read_without_being_marked_read",
    ),
    Action(
        "list attachments",
        "mail_read",
        ("ids",),
        "workspace/test_attachments.py::test_attachments_are_listed_with_name_type_and_size",
    ),
    Action(
        "read and change a mailbox that somebody shares",
        "mail_move",
        ("ids", "folder", "account"),
        "e2e/test_shared_mailboxes.py::"
        "test_a_shared_mailbox_is_read_and_changed_by_its_address_and_every_answer_says_so",
    ),
    Action(
        "read an attachment",
        "mail_attachment",
        ("id", "n"),
        "workspace/test_files_in_attachments.py::test_files_of_office_and_pdf_are_read_by_content_and_from_any_page",
    ),
    Action(
        "save an attachment as a file",
        "mail_attachment",
        ("id", "n", "save"),
        "workspace/test_files_in_attachments.py::test_an_attachment_is_saved_whole_and_so_is_a_file_in_one",
    ),
    Action(
        "write a draft",
        "draft_save",
        ("to", "subject", "body"),
        "workspace/test_drafts.py::test_a_new_draft_has_what_was_written",
    ),
    Action(
        "draft a reply, a reply to all or a forward",
        "draft_save",
        ("kind", "of"),
        "e2e/test_tools.py::test_replies_and_forwards_keep_their_recipients_and_the_quoted_mail",
    ),
    Action(
        "change a draft",
        "draft_save",
        ("id", "body"),
        "workspace/test_drafts.py::test_changing_a_reply_replaces_its_text_and_keeps_the_history",
    ),
    Action(
        "discard a draft",
        "mail_delete",
        ("ids",),
        "workspace/test_messages.py::test_a_deleted_message_is_in_deleted_items_and_a_destroyed_one_nowhere",
    ),
    Action(
        "attach a file, a message or a text",
        "draft_save",
        ("attach",),
        "workspace/test_draft_files.py::test_text_a_message_and_a_local_file_are_attached_whole",
    ),
    Action(
        "attach a large file",
        "draft_save",
        ("attach",),
        "workspace/test_drafts.py::test_five_megabytes_are_copied_through_an_upload_session",
    ),
    Action(
        "send",
        "mail_send",
        ("draft", "to", "check"),
        "e2e/test_tools.py::test_markdown_becomes_html_and_the_draft_is_sent_once",
    ),
    Action(
        "send from a shared mailbox",
        "draft_save",
        ("from",),
        "workspace/test_draft_options.py::test_with_the_right_and_the_permission_a_message_goes_out_from_a_shared_mailbox",
    ),
    Action(
        "know of MailTips before sending",
        "draft_save",
        ("to",),
        "workspace/test_draft_options.py::test_what_exchange_tells_of_recipients_is_in_the_answer",
    ),
    Action(
        "send later, and take it back",
        "mail_send",
        ("at",),
        "e2e/test_sending_later.py::test_exchange_holds_a_message_until_its_time_unless_it_is_taken_back",
    ),
    Action(
        "undo a send",
        "mail_send",
        ("undo_s",),
        "e2e/test_sending_later.py::test_a_while_to_take_it_back_is_a_time_at_exchange",
    ),
    Action(
        "move, copy or archive messages",
        "mail_move",
        ("ids", "folder", "copy"),
        "e2e/test_tools.py::test_folders_are_listed_with_counts_and_messages_are_moved_and_copied",
    ),
    Action(
        "mark as read, flag, set importance and categories",
        "mail_update",
        ("ids", "read", "flag", "add_categories", "importance"),
        "e2e/test_tools.py::test_read_flag_categories_and_importance_are_changed",
    ),
    Action(
        "put a message into the focused inbox or out of it",
        "mail_update",
        ("ids", "focused"),
        "workspace/test_messages.py::test_an_update_changes_what_is_given_and_leaves_the_rest",
    ),
    Action(
        "delete messages",
        "mail_delete",
        ("ids", "permanent"),
        "e2e/test_tools.py::test_deleting_moves_to_deleted_items_and_only_permanent_erases",
    ),
    Action(
        "list, create, recolour and delete categories",
        "settings",
        ("category", "color"),
        "tools/test_settings.py::test_a_category_is_created_recoloured_and_deleted",
    ),
    Action(
        "find folders",
        "mail_folders",
        ("under",),
        "e2e/test_tools.py::test_folders_are_listed_with_counts_and_messages_are_moved_and_copied",
    ),
    Action(
        "create a folder",
        "folder_edit",
        ("action", "folder"),
        "tools/test_folder_edit.py::test_a_folder_is_created_with_its_whole_path",
    ),
    Action(
        "rename or move a folder",
        "folder_edit",
        ("action", "folder", "to"),
        "tools/test_folder_edit.py::test_a_folder_is_renamed_and_moved",
    ),
    Action(
        "delete a folder",
        "folder_edit",
        ("action", "folder"),
        "tools/test_folder_edit.py::test_a_deleted_folder_is_in_deleted_items_and_is_never_erased",
    ),
    Action(
        "empty a folder",
        "folder_edit",
        ("action", "folder", "confirm"),
        "tools/test_folder_edit.py::test_a_folder_is_emptied_once_its_messages_were_shown_and_confirmed",
    ),
    Action(
        "unsubscribe by one click",
        "unsubscribe",
        ("id", "confirm"),
        "tools/test_unsubscribe.py::test_one_click_is_shown_first_and_done_once",
    ),
    Action(
        "unsubscribe by mail",
        "unsubscribe",
        ("id", "confirm"),
        "tools/test_unsubscribe.py::test_a_mail_that_unsubscribes_is_shown_first_and_sent_once",
    ),
    Action(
        "list, create, change and delete rules",
        "rules",
        ("action", "rule", "when", "do"),
        "tools/test_rules.py::test_a_rule_is_saved_listed_changed_and_deleted",
    ),
    Action(
        "set automatic replies, and the time zone",
        "settings",
        ("auto_reply", "start", "end", "internal", "external", "time_zone"),
        "tools/test_settings.py::test_automatic_replies_are_scheduled_in_the_zone_of_the_user_and_switched_off",
    ),
    Action(
        "set working hours, language and signature",
        "settings",
        ("hours", "language", "signature"),
        "tools/test_settings.py::test_hours_language_and_signature_are_set",
    ),
    Action(
        "choose what goes to the focused inbox",
        "settings",
        ("sender", "inbox"),
        "tools/test_settings.py::test_mail_of_a_sender_is_placed_and_left_to_outlook_again",
    ),
    Action(
        "see what changed since the last look",
        "mail_changes",
        ("since", "folder"),
        "workspace/test_changes.py::test_what_came_was_read_moved_and_erased_is_told_once",
    ),
    Action(
        "export messages",
        "mail_export",
        ("ids",),
        "workspace/test_export.py::test_one_message_is_saved_as_it_came",
    ),
)
