"""Which delegated permissions open what; one of a set is enough."""

from __future__ import annotations

READ_BASIC = ("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite")
READ = ("Mail.Read", "Mail.ReadWrite")
READ_WRITE = ("Mail.ReadWrite",)
SEND = ("Mail.Send",)
USER = ("User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All")
SETTINGS = ("MailboxSettings.Read", "MailboxSettings.ReadWrite")
TRANSLATE = USER
