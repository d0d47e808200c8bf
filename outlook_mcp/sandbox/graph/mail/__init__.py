"""Mail in the imitated Microsoft Graph: messages, folders, attachments, search, delta queries, sending."""
