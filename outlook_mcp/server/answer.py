"""What a tool gives back: text for models, and what programs get of the same as structured content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, get_type_hints

from mcp.types import CallToolResult, ContentBlock, TextContent

from outlook_mcp.answers.lazy import Fields, output_schema, structured_content
from outlook_mcp.net.lean_imports import loaded

# In what every tool answers about a mailbox that somebody else shares with the user.
SHARED_MAILBOX = "shared_mailbox"
_WHOSE = {"type": "string", "description": "The address of the mailbox, where somebody else shares it with the user."}
P = ParamSpec("P")
# Makes the fields of what the text is made of.
FieldsOf = Callable[..., "Fields"]


@dataclass(frozen=True, slots=True)
class Answer:
    """`made_from` is what the text is made of, as the function takes it that makes fields of it. `more` is content
    besides the text."""

    text: str
    made_from: tuple[Any, ...]
    more: Sequence[ContentBlock] = ()

    def result(self, fields_of: FieldsOf | None) -> CallToolResult:
        """What a client gets; without `fields_of` nothing but content."""
        content: list[ContentBlock] = [TextContent(type="text", text=self.text), *self.more]
        if fields_of is None:
            return CallToolResult(content=content)
        return CallToolResult(content=content, structured_content=structured_content(fields_of(*self.made_from)))


def answered(text_of: Callable[P, str], *made_from: P.args, **named: P.kwargs) -> Answer:
    """The answer whose text this function makes; it takes the same as the function that makes its fields."""
    return Answer(text_of(*made_from, **named), made_from)


def text_answer(content: str | Sequence[ContentBlock]) -> Answer:
    """The answer of a tool that gives text, or content with texts in it."""
    blocks = [TextContent(type="text", text=content)] if isinstance(content, str) else content
    text = "\n".join(block.text for block in blocks if isinstance(block, TextContent))
    return Answer(text, (text,), [block for block in blocks if not isinstance(block, TextContent)])


def schema_of(fields_of: FieldsOf) -> dict[str, Any]:
    """The JSON Schema of the structured content that is made with this function."""
    schema = output_schema(get_type_hints(loaded(fields_of))["return"])
    return {**schema, "properties": {**schema["properties"], SHARED_MAILBOX: _WHOSE}}
