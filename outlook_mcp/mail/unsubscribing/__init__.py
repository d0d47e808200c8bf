"""Unsubscribes from mailing lists as the header of a message says, never by a link of its body."""
