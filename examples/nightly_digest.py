"""A digest of the last day, for a job that runs every night; no model takes part.

It asks the tools like any client, and leaves the digest as a draft, which nobody is sent. Without arguments it shows
the digest of the demo mailbox; with arguments, they are the command of the server, and the digest is saved in its
mailbox:

    python examples/nightly_digest.py
    python examples/nightly_digest.py outlook-mcp serve
"""

import asyncio
import sys
from datetime import date

from mcp import Client, StdioServerParameters
from mcp.types import TextContent

DEMO = [sys.executable, "-m", "outlook_mcp", "demo", "--stdio"]
SECTIONS = {
    "Unread since yesterday": {"unread": True, "after": "1d"},
    "Flagged": {"flagged": True, "folder": "all"},
    "Files since yesterday": {"attachments": True, "after": "1d"},
}


async def answer_of(client: Client, tool: str, arguments: dict[str, object]) -> str:
    """The text of an answer. Raises RuntimeError with the text of an error, which says what to do."""
    answer = await client.call_tool(tool, arguments)
    text = "\n".join(block.text for block in answer.content if isinstance(block, TextContent))
    if answer.is_error:
        raise RuntimeError(text)
    return text


async def write_digest(client: Client) -> str:
    """Markdown, with the lists of messages as the tools write them."""
    lists = {title: await answer_of(client, "mail_search", {"limit": 20, **query}) for title, query in SECTIONS.items()}
    return "\n\n".join(f"## {title}\n\n```\n{found}\n```" for title, found in lists.items())


async def save_digest(client: Client, digest: str) -> str:
    """Saves it as a draft to the owner of the mailbox; returns what the tool says."""
    subject = f"Digest of {date.today():%d %B %Y}"
    return await answer_of(client, "draft_save", {"to": ["me"], "subject": subject, "body": digest})


async def main(command: list[str]) -> None:
    program, *arguments = command or DEMO
    async with Client(StdioServerParameters(command=program, args=arguments)) as client:
        digest = await write_digest(client)
        print(await save_digest(client, digest) if command else digest)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
