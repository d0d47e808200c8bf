"""The answers about mail as fields, for programs; each is made of what the text is made of."""

from outlook_mcp.net.lean_imports import imported_on_use

# Only servers that were asked for it need it.
with imported_on_use():
    from outlook_mcp.mail.structured.attachment import attachment_fields, exported_fields
    from outlook_mcp.mail.structured.changes import deleted_fields, moved_fields, updated_fields
    from outlook_mcp.mail.structured.drafts import draft_fields, sent_fields, unsubscription_fields
    from outlook_mcp.mail.structured.folders import changes_fields, edited_folder_fields, folders_fields
    from outlook_mcp.mail.structured.listing import found_fields
    from outlook_mcp.mail.structured.mailbox import rules_fields, settings_fields
    from outlook_mcp.mail.structured.reading import messages_fields


__all__ = [
    "attachment_fields",
    "changes_fields",
    "deleted_fields",
    "draft_fields",
    "edited_folder_fields",
    "exported_fields",
    "folders_fields",
    "found_fields",
    "messages_fields",
    "moved_fields",
    "rules_fields",
    "sent_fields",
    "settings_fields",
    "unsubscription_fields",
    "updated_fields",
]
