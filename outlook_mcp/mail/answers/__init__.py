"""The answers about mail: text in few tokens, names and ids once, text from senders marked as data."""

from outlook_mcp.net.lean_imports import imported_on_use

# The list of tools needs none of it.
with imported_on_use():
    from outlook_mcp.mail.answers.attachment import attachment_answer, saved_answer
    from outlook_mcp.mail.answers.changes import deleted_answer, draft_answer, moved_answer, sent_answer, updated_answer
    from outlook_mcp.mail.answers.exported import exported_answer
    from outlook_mcp.mail.answers.folder_changes import changes_answer
    from outlook_mcp.mail.answers.folder_edits import edited_folder_answer
    from outlook_mcp.mail.answers.folders import folders_answer
    from outlook_mcp.mail.answers.listing import found_answer
    from outlook_mcp.mail.answers.reading import messages_answer
    from outlook_mcp.mail.answers.rules import rules_answer
    from outlook_mcp.mail.answers.settings import settings_answer
    from outlook_mcp.mail.answers.unsubscribing import unsubscription_answer


__all__ = [
    "attachment_answer",
    "changes_answer",
    "deleted_answer",
    "draft_answer",
    "edited_folder_answer",
    "exported_answer",
    "folders_answer",
    "found_answer",
    "messages_answer",
    "moved_answer",
    "rules_answer",
    "saved_answer",
    "sent_answer",
    "settings_answer",
    "unsubscription_answer",
    "updated_answer",
]
