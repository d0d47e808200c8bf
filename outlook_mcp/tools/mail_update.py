"""Mark messages."""

from typing import Annotated, Literal

from pydantic import Field

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.answers import outcomes_answer
from outlook_mcp.mail.models import FlagStatus, Importance
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox

FLAGS: dict[str, FlagStatus] = {"none": "notFlagged", "flagged": "flagged", "done": "complete"}


@email_tool(toolset="mail-write", idempotent=True)
async def mail_update(
    call: Call,
    ids: Annotated[list[str], Field(min_length=1, max_length=100)],
    read: bool | None = None,
    flag: Literal["none", "flagged", "done"] | None = None,
    add_categories: list[str] | None = None,
    remove_categories: list[str] | None = None,
    importance: Importance | None = None,
    focused: bool | None = None,
    account: str | None = None,
) -> str:
    """Mark messages: read, flag, categories, importance, focused inbox."""
    mailbox = await callers_mailbox(call, account)
    changes = {
        "read": read,
        "flag": flag,
        "categories added": add_categories,
        "categories removed": remove_categories,
        "importance": importance,
        "focused": focused,
    }
    given = [f"{name} {_shown(value)}" for name, value in changes.items() if value not in (None, [])]
    if not given:
        raise InvalidInput("Nothing to change was given.", next_step="Give read, flag, categories or importance.")
    if not all(name.strip() for name in [*(add_categories or ()), *(remove_categories or ())]):
        raise InvalidInput("A category has no name.", next_step="Name it or leave it out.")
    results = await mailbox.messages.update(
        [mailbox.handles.full(one) for one in ids],
        read=read,
        flag=FLAGS[flag] if flag else None,
        add_categories=add_categories or (),
        remove_categories=remove_categories or (),
        importance=importance,
        focused=focused,
    )
    return outcomes_answer(answer_context(call, mailbox), results, f"Updated ({'; '.join(given)})")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
