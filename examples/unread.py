"""Lists unread mail through any MCP client of the Python SDK.

Without arguments it launches the demo mailbox; with arguments, that command:

    python examples/unread.py
    python examples/unread.py outlook-mcp serve
"""

import asyncio
import sys

from mcp import Client, StdioServerParameters
from mcp.types import TextContent

DEMO = [sys.executable, "-m", "outlook_mcp", "demo", "--stdio"]


async def main(command: list[str]) -> None:
    server = StdioServerParameters(command=command[0], args=command[1:])
    async with Client(server) as client:
        answer = await client.call_tool("mail_search", {"unread": True, "limit": 5})
        for block in answer.content:
            if isinstance(block, TextContent):
                print(block.text)


asyncio.run(main(sys.argv[1:] or DEMO))
