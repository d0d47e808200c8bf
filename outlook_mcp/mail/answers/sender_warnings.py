"""What speaks against the sender of a message being who it says."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.mail.authentication import failed_checks
from outlook_mcp.mail.reading import ReadItem
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.look_alikes import decoded, mixed_label

_LONGEST = 100


def sender_warnings(context: AnswerContext, item: ReadItem) -> list[str]:
    """A line for each; none for a message without a sender."""
    address = item.message.from_.email_address.address if item.message.from_ else None
    if not address:
        return []
    warnings = []
    if failed := failed_checks(item.message.internet_message_headers):
        names = ", ".join(failed)
        if context.is_me(address) and "DMARC" in failed:
            warnings.append(f"it says that it is from the user, but {names} failed: its sender is forged")
        else:
            warnings.append(f"{names} failed, so its sender may be forged")
    if mixed_label(decoded(address)):
        warnings.append("the sender's address has letters of several scripts, which look alike")
    if item.imitates:
        imitated = one_line(item.imitates, _LONGEST)
        warnings.append(f"the sender's address looks like {imitated}, which the user wrote to, and is another one")
    return [f"Warning: {warning}." for warning in warnings]
