"""Which delegated permissions allow what with mail; one of a tuple is enough."""

from __future__ import annotations

READ_BASIC = ("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite")
READ = ("Mail.Read", "Mail.ReadWrite")
READ_WRITE = ("Mail.ReadWrite",)
SEND = ("Mail.Send",)
SETTINGS = ("MailboxSettings.Read", "MailboxSettings.ReadWrite")
SETTINGS_WRITE = ("MailboxSettings.ReadWrite",)
USER = ("User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All")
