"""The mailboxes that a user has connected, and the tokens that are stored for each."""
