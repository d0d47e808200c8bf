"""The mailboxes of the store: messages, folders, attachments, uploads, what is sent and delivered."""
