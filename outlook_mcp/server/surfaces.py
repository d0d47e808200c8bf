"""The ways in which clients call: how each words a refusal, and by which tags it is on record."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolResult,
    CompleteResult,
    GetPromptResult,
    ImageContent,
    PromptMessage,
    Result,
    TextContent,
)

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import InvalidInput, NotFound, OutlookError
from outlook_mcp.net.request_id import current_request_id
from outlook_mcp.server.answer import SHARED_MAILBOX
from outlook_mcp.server.services import UnavailableServices

Answer = TypeVar("Answer")
Outcome = TypeVar("Outcome", bound=Result)
REQUEST_ID_META = "outlook-mcp/requestId"


class Surface(ABC, Generic[Answer]):
    """`kind` names it in the audit log, `method` is that of MCP.

    `again` is what a caller does to try again; `can_ask` is whether it may question. A completion is asked for with
    every letter that is typed, so nobody is asked to sign in for one.
    """

    kind: ClassVar[str]
    method: ClassVar[str]
    again: ClassVar[str]
    finished: ClassVar[AuditTag]
    failed: ClassVar[AuditTag]
    can_ask: ClassVar[bool] = True

    @abstractmethod
    def refused(self, error: OutlookError, text: str) -> Answer:
        """The answer that tells of a failure in these words; raises it where the protocol wants an error."""

    def unavailable(self, context: Context[Any, Any] | None) -> Answer | None:
        """What every call is answered with where the services could not be opened; None where they are open.

        It comes before what is said of unknown names: which there are hangs on the settings.
        """
        opened = context.request_context.lifespan_context if context else None
        return self.refused(opened.error, opened.text) if isinstance(opened, UnavailableServices) else None

    @abstractmethod
    def texts(self, answer: Answer) -> Sequence[str]:
        """Every text of an answer."""

    def size_of(self, answer: Answer) -> int:
        """Bytes of an answer: of its texts in UTF-8, of its files as they are."""
        return sum(len(text.encode()) for text in self.texts(answer))

    @abstractmethod
    def with_note(self, answer: Answer, note: str) -> Answer:
        """The answer and a line more."""

    def with_heading(self, answer: Answer, heading: str, address: str) -> Answer:
        """The answer below a line that says whose mailbox it is about, which has this address."""
        return self.with_note(answer, heading)

    @abstractmethod
    def with_meta(self, answer: Answer, meta: Mapping[str, Any]) -> Answer:
        """The answer with these members in its `_meta`, which clients keep from the model."""

    def succeeded(self, answer: Answer) -> bool:
        """False for an answer that refuses, such as one to wrong arguments."""
        return True


class ToolSurface(Surface[CallToolResult]):
    """`tools/call`: a failure is an answer with `isError`, which the model reads."""

    kind = "tool"
    method = "tools/call"
    again = "call the tool again"
    finished = AuditTag.TOOL_CALLED
    failed = AuditTag.TOOL_FAILED

    def refused(self, error: OutlookError, text: str) -> CallToolResult:
        return tool_error(text)

    def texts(self, answer: CallToolResult) -> Sequence[str]:
        return [block.text for block in answer.content if isinstance(block, TextContent)]

    def size_of(self, answer: CallToolResult) -> int:
        # Three bytes stand in four letters of base64.
        pictures = sum(len(block.data) * 3 // 4 for block in answer.content if isinstance(block, ImageContent))
        content = answer.structured_content
        fields = 0 if content is None else len(json.dumps(content, ensure_ascii=False).encode())
        return super().size_of(answer) + pictures + fields

    def with_note(self, answer: CallToolResult, note: str) -> CallToolResult:
        answer.content.append(TextContent(type="text", text=note))
        return answer

    def with_heading(self, answer: CallToolResult, heading: str, address: str) -> CallToolResult:
        answer.content.insert(0, TextContent(type="text", text=heading))
        if answer.structured_content is not None:
            answer.structured_content[SHARED_MAILBOX] = address
        return answer

    def with_meta(self, answer: CallToolResult, meta: Mapping[str, Any]) -> CallToolResult:
        return result_with_meta(answer, meta)

    def succeeded(self, answer: CallToolResult) -> bool:
        return not answer.is_error


class ResourceSurface(Surface[list[ReadResourceContents]]):
    """`resources/read`: a failure is a JSON-RPC error, "not found" for what does not exist or was named wrongly."""

    kind = "resource"
    method = "resources/read"
    again = "read the resource again"
    finished = AuditTag.RESOURCE_READ
    failed = AuditTag.RESOURCE_FAILED

    def refused(self, error: OutlookError, text: str) -> list[ReadResourceContents]:
        raise protocol_error(error, text)

    def texts(self, answer: list[ReadResourceContents]) -> Sequence[str]:
        return [part.content for part in answer if isinstance(part.content, str)]

    def size_of(self, answer: list[ReadResourceContents]) -> int:
        files = sum(len(part.content) for part in answer if isinstance(part.content, bytes))
        return super().size_of(answer) + files

    def with_note(self, answer: list[ReadResourceContents], note: str) -> list[ReadResourceContents]:
        return [*answer, ReadResourceContents(note, mime_type="text/plain")]

    def with_meta(self, answer: list[ReadResourceContents], meta: Mapping[str, Any]) -> list[ReadResourceContents]:
        return [replace(part, meta={**(part.meta or {}), **meta}) for part in answer]


class PromptSurface(Surface[GetPromptResult]):
    """`prompts/get`: a failure is a JSON-RPC error."""

    kind = "prompt"
    method = "prompts/get"
    again = "ask for the prompt again"
    finished = AuditTag.PROMPT_GIVEN
    failed = AuditTag.PROMPT_FAILED

    def refused(self, error: OutlookError, text: str) -> GetPromptResult:
        raise protocol_error(error, text)

    def texts(self, answer: GetPromptResult) -> Sequence[str]:
        return [message.content.text for message in answer.messages if isinstance(message.content, TextContent)]

    def with_note(self, answer: GetPromptResult, note: str) -> GetPromptResult:
        answer.messages.append(PromptMessage(role="user", content=TextContent(type="text", text=note)))
        return answer

    def with_meta(self, answer: GetPromptResult, meta: Mapping[str, Any]) -> GetPromptResult:
        return result_with_meta(answer, meta)


class CompletionSurface(Surface[CompleteResult]):
    """`completion/complete`: a failure is a JSON-RPC error, and nobody is asked to sign in."""

    kind = "completion"
    method = "completion/complete"
    again = "try again"
    finished = AuditTag.COMPLETION_GIVEN
    failed = AuditTag.COMPLETION_FAILED
    can_ask = False

    def refused(self, error: OutlookError, text: str) -> CompleteResult:
        raise protocol_error(error, text)

    def texts(self, answer: CompleteResult) -> Sequence[str]:
        return answer.completion.values

    def with_note(self, answer: CompleteResult, note: str) -> CompleteResult:
        """Values are typed into a form, so no note can stand among them."""
        return answer

    def with_meta(self, answer: CompleteResult, meta: Mapping[str, Any]) -> CompleteResult:
        return result_with_meta(answer, meta)


TOOL, RESOURCE, PROMPT, COMPLETION = ToolSurface(), ResourceSurface(), PromptSurface(), CompletionSurface()


def tool_error(text: str) -> CallToolResult:
    """An error that the model reads."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def request_meta() -> dict[str, str]:
    """The member of `_meta`, or of an error's `data`, that says under which id the request is logged and audited."""
    return {REQUEST_ID_META: current_request_id()}


def result_with_meta(answer: Outcome, meta: Mapping[str, Any]) -> Outcome:
    """The result with these members in its `_meta`."""
    answer.meta = {**(answer.meta or {}), **meta}
    return answer


def protocol_error(error: OutlookError, text: str) -> MCPError:
    """A JSON-RPC error, which tells the client's mistakes from the server's failures, with the id of the request."""
    code = INVALID_PARAMS if isinstance(error, NotFound | InvalidInput) else INTERNAL_ERROR
    return MCPError(code=code, message=text, data=request_meta())
