"""The answers about mail: text in few tokens, names and ids once, text from senders marked as data."""
