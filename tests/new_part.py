"""What is new in a message, as the tests of quotes look at it."""

from __future__ import annotations

from outlook_mcp.mail.models import Message
from outlook_mcp.mail.new_content import new_and_whole
from outlook_mcp.text.html import ConvertedText


async def new_part(message: Message) -> ConvertedText:
    return (await new_and_whole(message)).new
