"""Random calls of every tool for calendar and people on the sandbox, whose mailboxes and requests are watched."""
