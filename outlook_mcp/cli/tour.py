"""A short tour over MCP: two users, each with their own client, and a message from one to the other."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any

import anyio
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import TextContent

from outlook_mcp.answers.hidden_text import NOT_READ
from outlook_mcp.answers.subjects import NO_SUBJECT
from outlook_mcp.cli.connection_lines import launcher, variables

DEADLINE_S = 90.0
DELIVERY_S = 15.0
_LINE = re.compile(r"^(?P<id>\S+) \d\d:\d\d.*?: (?P<subject>.*)$", re.MULTILINE)
_DRAFT = re.compile(r"^Draft (?P<id>\S+) is saved", re.MULTILINE)
_TERMS = re.compile(r"^Goes to: (?P<to>.+)\nCheck: (?P<check>\S+)$", re.MULTILINE)
_UNREAD = re.compile(rf"^Note: .*{NOT_READ}", re.MULTILINE)
_LONGEST_WORD = 30
_LETTER = "Thank you, that works for me. **Shall we talk on Thursday?**\n\n- 10:00 would suit me\n- 14:00 as well"


class StepFailed(Exception):
    """A step of the tour did not give the expected result."""


@dataclass(frozen=True)
class DemoUser:
    """A user of the sandbox, and how to connect a client as that user."""

    address: str
    connect: Callable[[], AbstractAsyncContextManager[Client]]


async def take_tour(first: DemoUser, second: DemoUser, private_id: str) -> bool:
    """Prints each call and its answer; True when every step worked.

    `private_id` is the id of a message of `second`, which `first` must not be able to read.
    """
    try:
        with anyio.fail_after(DEADLINE_S):
            failure = await _failure(first, second, private_id)
    except TimeoutError:
        failure = f"The tour took longer than {DEADLINE_S:.0f} seconds."
    print(f"\n{failure or 'Every step worked.'}", flush=True)
    return failure is None


async def _failure(first: DemoUser, second: DemoUser, private_id: str) -> str | None:
    """What did not work; None when every step worked."""
    try:
        async with AsyncExitStack() as stack:
            mine = await stack.enter_async_context(first.connect())
            theirs = await stack.enter_async_context(second.connect())
            await _steps(mine, theirs, first, second, private_id)
    except* (StepFailed, MCPError) as failed:
        # The task groups of the clients wrap the error of a step.
        failure: str | None = f"The tour stopped. {_innermost(failed)}"
    else:
        failure = None
    return failure


async def _steps(mine: Client, theirs: Client, first: DemoUser, second: DemoUser, private_id: str) -> None:
    """Each step whose tool is offered, and that those before it made possible."""
    offered = [tool.name for tool in (await mine.list_tools()).tools]
    _print_section("Tools offered", ", ".join(offered))
    if "mail_read" not in offered:
        print("\nThe tour shows mail, which none of these tools reads.")
        return
    message = await _read_mail(mine)
    if "draft_save" in offered:
        before = await _message_ids_from(theirs, first)
        draft = await _call_tool(
            mine, "A reply as a draft", "draft_save", kind="reply", of=message, to=[second.address], body=_LETTER
        )
        if "mail_send" in offered:
            await _send_draft(mine, draft)
            await _read_on_delivery(theirs, first, second, before)
    refused = await mine.call_tool("mail_read", {"ids": [private_id]})
    _print_section(f"{first.address} asks for a message of {second.address}", _text(refused))
    if not refused.is_error or "not found in this mailbox" not in _text(refused):
        raise StepFailed("Another user's message was not refused.")


async def _read_mail(client: Client) -> str:
    """The id of the message that was read."""
    newest = await _call_tool(client, "The latest mail", "mail_search", limit=5)
    searched = {"text": word} if (word := _word_of(newest)) else {}
    found = await _call_tool(client, "A search", "mail_search", **searched, folder="all", limit=5)
    message = _first_match(_LINE, found, "a message")["id"]
    await _call_tool(client, "A conversation", "mail_read", ids=[message], thread=True)
    return message


async def _send_draft(client: Client, draft: str) -> None:
    terms = _first_match(_TERMS, draft, "the check of the draft")
    number = _first_match(_DRAFT, draft, "a draft")["id"]
    await _call_tool(
        client, "Now it is sent", "mail_send", draft=number, to=terms["to"].split(", "), check=terms["check"]
    )


async def _read_on_delivery(theirs: Client, sender: DemoUser, reader: DemoUser, before: set[str]) -> None:
    with anyio.move_on_after(DELIVERY_S):
        while True:
            if fresh := await _message_ids_from(theirs, sender) - before:
                await _call_tool(theirs, f"It was delivered; {reader.address} reads it", "mail_read", ids=sorted(fresh))
                return
            await anyio.sleep(0.2)
    raise StepFailed(f"Nothing arrived at {reader.address} within {DELIVERY_S:.0f} seconds.")


async def _message_ids_from(client: Client, sender: DemoUser) -> set[str]:
    answer = await client.call_tool("mail_search", {"sender": sender.address})
    return {match["id"] for match in _LINE.finditer(_text(answer))}


async def _call_tool(client: Client, title: str, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    text = _text(answer)
    shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    _print_section(f"{title}: {tool}({shown})", text)
    if answer.is_error:
        raise StepFailed(f"{tool} failed: {text}")
    if _UNREAD.search(text):
        raise StepFailed(f"{tool} left out the text of a message: {NOT_READ}.")
    return text


def stdio_client(settings: Mapping[str, str]) -> Client:
    """A client that launches `outlook-mcp serve` with these settings."""
    command, arguments = launcher()
    return Client(StdioServerParameters(command=command, args=[*arguments, "serve"], env=variables(settings)))


def _print_section(title: str, text: str) -> None:
    print(f"\n=== {title}\n{text}", flush=True)


def _text(answer: Any) -> str:
    return "\n".join(block.text for block in answer.content if isinstance(block, TextContent))


def _word_of(listed: str) -> str | None:
    """The longest plain word in the subjects of a list; None when there is none."""
    subjects = [match["subject"].replace(NO_SUBJECT, "") for match in _LINE.finditer(listed)]
    words: list[str] = [word.strip(string.punctuation) for subject in subjects for word in subject.split()]
    return max((word for word in words if word.isalnum() and len(word) <= _LONGEST_WORD), key=len, default=None)


def _innermost(failed: BaseExceptionGroup[Exception]) -> BaseException:
    """The first error inside nested groups: every task group wraps the error once more."""
    error: BaseException = failed
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _first_match(pattern: re.Pattern[str], text: str, what: str) -> re.Match[str]:
    if match := pattern.search(text):
        return match
    raise StepFailed(f"The answer does not contain {what}.")
