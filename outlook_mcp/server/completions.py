"""Suggestions for arguments of prompts and resources: fixed ones, or looked up in the caller's mailbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CompleteRequestParams, CompleteResult, Completion, InputRequiredResult, PromptReference

from outlook_mcp.identity.scopes import scope_of_toolset
from outlook_mcp.server.declare import EmailPrompt, EmailResource, Suggest
from outlook_mcp.server.pipeline import CallDescription, Pipeline
from outlook_mcp.server.services import Call, Services
from outlook_mcp.server.surfaces import COMPLETION
from outlook_mcp.text.characters import one_line

# What the protocol allows in one answer.
_MOST_SUGGESTIONS = 100
_LONGEST_SUGGESTION = 500
# What is looked up is read from a mailbox.
_READING = scope_of_toolset("mail-read").name


class Completions:
    """Answers `completion/complete`. What is looked up passes through the pipeline, as every call does."""

    def __init__(
        self,
        server: MCPServer[Services],
        pipeline: Pipeline,
        prompts: Mapping[str, EmailPrompt],
        resources: Sequence[EmailResource],
    ) -> None:
        self._server = server
        self._pipeline = pipeline
        self._prompts = prompts
        self._resources = resources

    async def complete(
        self, request: ServerRequestContext[Services, Any], params: CompleteRequestParams
    ) -> CompleteResult:
        """The values that begin with what was typed, in any case of letters; none for what is not known."""
        called = self._called(params)
        typed, name = params.argument.value, params.argument.name
        source = called.suggestions.get(name, ()) if called else ()
        if called is None or not callable(source):
            return _fitting(source if isinstance(source, Sequence) else (), typed)
        given = (params.context.arguments if params.context else None) or {}
        described = CallDescription(
            name=f"{called.name}.{name}", scope=called.scope or _READING, account=given.get("account")
        )
        context = Context(request_context=request, mcp_server=self._server)
        looked_up = partial(_looked_up, source, typed, given)
        answer = await self._pipeline.run(COMPLETION, described, context, looked_up)
        return _fitting((), typed) if isinstance(answer, InputRequiredResult) else answer

    def _called(self, params: CompleteRequestParams) -> EmailPrompt | EmailResource | None:
        if isinstance(params.ref, PromptReference):
            return self._prompts.get(params.ref.name)
        return next((resource for resource in self._resources if resource.uri == params.ref.uri), None)


async def _looked_up(source: Suggest, typed: str, given: Mapping[str, str], call: Call) -> CompleteResult:
    """Values are put in as they are, so they cannot be marked as data: one that is not all visible is left out."""
    values = await source(call, typed, given)
    return _fitting([value for value in values if value == one_line(value, _LONGEST_SUGGESTION)], typed)


def _fitting(values: Sequence[str], typed: str) -> CompleteResult:
    begun = typed.casefold()
    fitting = [value for value in dict.fromkeys(values) if value.casefold().startswith(begun)]
    shown = fitting[:_MOST_SUGGESTIONS]
    return CompleteResult(
        completion=Completion(values=shown, total=len(fitting), has_more=True)
        if len(fitting) > len(shown)
        else Completion(values=shown)
    )
