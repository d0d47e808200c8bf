"""Go through the inbox."""

import re

from outlook_mcp.errors import InvalidInput
from outlook_mcp.server.declare import email_prompt

_DAYS = re.compile(r"[1-9]\d{0,2}", re.ASCII)


@email_prompt(suggestions={"days": ("1", "3", "7", "14")})
def triage_inbox(days: str = "1") -> str:
    """Go through recent unread mail and say what needs an answer."""
    if not _DAYS.fullmatch(days):
        raise InvalidInput("triage_inbox: `days` is a whole number from 1 to 999.")
    period = "day" if days == "1" else f"{days} days"
    return (
        f"List my unread mail of the last {period} with mail_search(unread=true, after='{days}d') until the list is "
        "complete. Read what may need me. Then tell me, most urgent first: who wants what by when, what is only for "
        "information, and what looks suspicious. Change and send nothing."
    )
