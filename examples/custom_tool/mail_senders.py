"""A tool that outlook-mcp offers beside its own: who wrote the mail that was not read yet."""

from collections import Counter

from outlook_mcp.api.tools import Call, MailQuery, Message, callers_mailbox, email_tool, framed

MOST = 100


@email_tool(toolset="mail-read", reads_only=True)
async def mail_senders(call: Call, folder: str = "inbox", account: str | None = None) -> str:
    """Count unread messages by sender."""
    mailbox = await callers_mailbox(call, account)
    found = await mailbox.search.search_messages(MailQuery(folder=folder, unread=True, limit=MOST))
    counts = Counter(sender_of(message) for message in found.messages)
    lines = "\n".join(f"{number} {address}" for address, number in counts.most_common())
    # Addresses are chosen by senders, so they are marked as data.
    return (framed(lines) if lines else "No unread message.") + (
        "" if found.is_complete else f"\nOnly the newest {MOST} were counted."
    )


def sender_of(message: Message) -> str:
    return message.from_.email_address.address or "unknown" if message.from_ else "unknown"
