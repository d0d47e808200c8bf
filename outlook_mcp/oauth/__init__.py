"""Sign-in to Microsoft, tokens and their renewal, and which mailboxes a user has connected."""
