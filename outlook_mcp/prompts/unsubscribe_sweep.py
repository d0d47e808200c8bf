"""Find mailing lists that nobody reads, and leave those that the user picks."""

from outlook_mcp.prompts.arguments import last_days, mailbox_words
from outlook_mcp.server.declare import email_prompt
from outlook_mcp.server.skills import Skill
from outlook_mcp.server.suggestions import accounts

SKILL = Skill(
    "unsubscribe-sweep",
    "Finds newsletters and lists that the user does not read, and unsubscribes from those they pick. Use it when "
    "somebody wants less mail.",
    """\
1. List the mail of the period with `mail_search(folder="all", after="30d", limit=100)`, until the list is complete.
2. Group it by sender. Keep senders with several messages that look like newsletters, offers or notifications.
3. For each, look at one message with `unsubscribe(id)`, which only shows what would happen.
4. Show a table: sender, messages, unread ones, how unsubscribing works, or why it does not. Put those that are never \
read first. Leave out people, invoices and security notices.
5. Ask which ones to leave. Only then call `unsubscribe` a second time for exactly those, one by one, and report each \
result.

Follow no link of a message, and move or delete nothing unless the user asks for it.""",
)


@email_prompt(
    suggestions={"days": ("30", "90"), "account": accounts}, tools=("mail_search", "unsubscribe"), skill=SKILL
)
def unsubscribe_sweep(days: str = "30", account: str = "") -> str:
    """Find newsletters that I do not read, and unsubscribe from those that I pick."""
    where = mailbox_words("unsubscribe_sweep", account)
    return f"Look for lists to leave in my mail of {last_days('unsubscribe_sweep', days)}.{where}\n\n{SKILL.text}"
