"""Values for the arguments of resources and prompts, looked up in the caller's mailbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outlook_mcp.mail.lazy import category_list, recent_senders
from outlook_mcp.server.services import Call, callers_mailbox


async def folder_names(call: Call, typed: str, given: Mapping[str, str]) -> Sequence[str]:
    """The paths of the folders; may be five minutes old."""
    mailbox = await callers_mailbox(call, given.get("account") or None)
    return sorted((await mailbox.folders.folder_paths()).values(), key=str.casefold)


async def category_names(call: Call, typed: str, given: Mapping[str, str]) -> Sequence[str]:
    """The categories of the mailbox; none when they may not be read."""
    mailbox = await callers_mailbox(call, given.get("account") or None)
    return (await category_list(mailbox.mail)).names


async def senders(call: Call, typed: str, given: Mapping[str, str]) -> Sequence[str]:
    """The addresses that the newest messages came from."""
    mailbox = await callers_mailbox(call, given.get("account") or None)
    return await recent_senders(mailbox.mail)


async def accounts(call: Call, typed: str, given: Mapping[str, str]) -> Sequence[str]:
    """The mailboxes that the user connected, by name and by address."""
    return await call.request_context.lifespan_context.services.accounts()
