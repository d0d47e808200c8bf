"""The MCP server: finds what a client calls in the catalogues, and sends each call through the pipeline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import anyio.lowlevel
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.runner import serve_dual_era_loop
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolResult,
    CompleteRequestParams,
    GetPromptResult,
    InputRequiredResult,
    Resource,
    ResourceTemplate,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)
from mcp.types import Prompt as MCPPrompt
from pydantic import AnyUrl, ValidationError

from outlook_mcp.errors import InvalidInput
from outlook_mcp.net.lean_imports import without_modules
from outlook_mcp.server.argument_names import unknown_argument
from outlook_mcp.server.arguments import explain, fitted, named_messages
from outlook_mcp.server.built_tools import ToolsBuiltOnUse
from outlook_mcp.server.completions import Completions
from outlook_mcp.server.declare import EmailPrompt, EmailResource, EmailTool
from outlook_mcp.server.pipeline import CallDescription, Pipeline
from outlook_mcp.server.request_queue import queued_requests
from outlook_mcp.server.running_requests import RunningRequests
from outlook_mcp.server.services import Call, Services, UnavailableServices, record_of
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.server.skills import SkillsExtension
from outlook_mcp.server.surfaces import PROMPT, RESOURCE, TOOL, tool_error
from outlook_mcp.server.wrapped_errors import wrapped_error

if TYPE_CHECKING:
    # Only `serve --http` has it, and over stdio nothing of the web is loaded.
    from outlook_mcp.server.session_subscriptions import SessionSubscriptions

# The Services that calls use, or why there are none.
Lifespan = Callable[[MCPServer[Services]], AbstractAsyncContextManager[Services | UnavailableServices]]
_TEXT = "text/plain"


class EmailServer(MCPServer[Services]):
    """An MCPServer whose calls end in an answer, a question or a clear error, each one on record.

    What cannot reach Graph, such as lists, fixed suggestions and names that do not exist, is not on record.
    """

    def __init__(
        self,
        lifespan: Lifespan,
        *,
        tools: Sequence[EmailTool] = (),
        resources: Sequence[EmailResource] = (),
        prompts: Sequence[EmailPrompt] = (),
        settings: CallSettings | None = None,
        **server: Any,
    ) -> None:
        """`server` goes to the SDK's MCPServer as it is."""
        self._skills = SkillsExtension([prompt.skill for prompt in prompts if prompt.skill])
        # The SDK loads rich (1.5 MB) for a log handler, which it drops where logging is set up already.
        with without_modules("rich") if logging.getLogger().handlers else nullcontext():
            super().__init__(lifespan=cast(Any, lifespan), extensions=[self._skills], **server)
        self._offered = {tool.name: tool for tool in tools}
        self._tool_manager = ToolsBuiltOnUse(self._offered)
        self._resources = tuple(resources)
        self._prompts = {prompt.name: prompt for prompt in prompts}
        self._pipeline = Pipeline(settings or CallSettings())
        # Those of the client over stdio; over HTTP they are not counted.
        self.running = RunningRequests()
        self._is_declared = False
        # The decorator of the SDK would keep the request from the handler.
        completions = Completions(self, self._pipeline, self._prompts, self._resources)
        self._lowlevel_server.add_request_handler("completion/complete", CompleteRequestParams, completions.complete)

    async def run_stdio_async(
        self, stdin: Any = None, stdout: Any = None, answered: Collection[str | int] = ()
    ) -> None:
        """Serves one client over stdio until it closes standard input; at most 16 of its requests run at a time.

        `stdin` and `stdout` are asynchronous text files, those of the process by default. The answers to the requests
        of the ids `answered` are not sent: the client has them already.
        """
        async with (
            stdio_server(stdin, stdout) as streams,
            queued_requests(*streams, running=self.running, answered=answered) as (received, sent),
        ):
            server = self._lowlevel_server
            await server.run(received, sent, server.create_initialization_options())

    def serve_subscriptions(self, subscriptions: SessionSubscriptions) -> None:
        """Answers `resources/subscribe`, which protocol versions from 2026-07-28 on do not have."""
        server = self._lowlevel_server
        server.add_request_handler("resources/subscribe", SubscribeRequestParams, subscriptions.subscribe)
        server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, subscriptions.unsubscribe)

    async def answer_lists(self, received: Any, sent: Any) -> None:
        """Answers on these streams of messages what needs no mailbox, until they are closed; opens nothing."""
        server = self._lowlevel_server
        options = server.create_initialization_options()
        await serve_dual_era_loop(server, received, sent, lifespan_state=cast(Any, None), init_options=options)

    async def build_tools(self) -> None:
        """Builds all tools, which otherwise the first call of each does. Others run between one and the next.

        Not in a thread: models of pydantic that two threads build at once may be found half built.
        """
        for name in self._offered:
            self._tool_manager.get_tool(name)
            await anyio.lowlevel.checkpoint()

    def needed_scope(self, method: str, name: str) -> str | None:
        """The scope of ours that a call needs; None when it needs none or there is nothing of this name.

        `method` is that of MCP, and `name` is the name of the tool or prompt, or the address of the resource.
        """
        called: EmailTool | EmailResource | EmailPrompt | None = None
        if method == "tools/call":
            called = self._offered.get(name)
        elif method == "prompts/get":
            called = self._prompts.get(name)
        elif method == "resources/read":
            called = self._resource_at(name)
        return None if called is None else called.scope

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Services, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Runs one tool for the caller; see MCPServer.call_tool."""
        tool = self._offered.get(name)
        if tool is None:
            unknown = tool_error(f"There is no tool {name[:80]!r} here. There are: {', '.join(self._offered)}.")
            return TOOL.unavailable(context) or unknown
        arguments = fitted(arguments, self._properties_of(tool))
        account = arguments.get("account")
        described = CallDescription(
            name=name,
            scope=tool.scope,
            is_change=not tool.reads_only,
            account=account if isinstance(account, str) else None,
            message_ids=named_messages(arguments),
            after_deadline=tool.after_deadline,
        )
        handler = partial(self._run_tool, tool, arguments)
        return await self._pipeline.run(TOOL, described, _given(context), handler)

    async def list_resources(self) -> list[Resource]:
        """The addresses that stand in the catalogue: the same for everybody, so that no mailbox is asked for them."""
        return [
            Resource(
                uri=listed.uri,
                name=listed.title,
                title=listed.title,
                description=listed.description,
                mime_type=_TEXT,
            )
            for resource in self._resources
            for listed in resource.listed
        ]

    async def list_resource_templates(self) -> list[ResourceTemplate]:
        """The addresses with variables; see MCPServer.list_resource_templates."""
        self._declare()
        return await super().list_resource_templates()

    async def list_prompts(self) -> list[MCPPrompt]:
        """What is offered; see MCPServer.list_prompts."""
        self._declare()
        return await super().list_prompts()

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Services, Any] | None = None
    ) -> list[ReadResourceContents] | InputRequiredResult:
        """Reads one resource for the caller; see MCPServer.read_resource."""
        if (skill := self._skills.read_file(str(uri))) is not None:
            return [skill]
        resource = self._resource_at(str(uri))
        if resource is None:
            RESOURCE.unavailable(context)
            raise ResourceNotFoundError(f"Unknown resource: {str(uri)[:200]}")
        given = resource.parameters_in(str(uri)) or {}
        account = given.get("account")
        described = CallDescription(
            name=resource.name,
            scope=resource.scope,
            account=account if isinstance(account, str) else None,
            message_ids=named_messages(given),
        )
        try:
            return await self._pipeline.run(RESOURCE, described, _given(context), partial(self._read_resource, uri))
        except MCPError as refused:
            # As the SDK says it of its own refusals.
            data = {"uri": str(uri), **(refused.error.data or {})}
            raise MCPError(refused.error.code, refused.error.message, data) from None

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Services, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Renders one prompt for the caller; see MCPServer.get_prompt."""
        prompt = self._prompts.get(name)
        if prompt is None:
            PROMPT.unavailable(context)
            told = f"Unknown prompt: {name[:80]}. There are: {', '.join(self._prompts)}."
            raise MCPError(code=INVALID_PARAMS, message=told)
        described = CallDescription(name=name, scope=prompt.scope)
        handler = partial(self._render_prompt, name, arguments or {})
        return await self._pipeline.run(PROMPT, described, _given(context), handler)

    def _declare(self) -> None:
        """Gives the SDK the resources and prompts when one is needed first: that takes 20 ms, and tools need none."""
        if self._is_declared:
            return
        self._is_declared = True
        for resource in self._resources:
            self.resource(resource.uri, name=resource.name, mime_type=resource.mime_type)(resource.run)
        for prompt in self._prompts.values():
            self.add_prompt(Prompt.from_function(prompt.run))

    def _resource_at(self, uri: str) -> EmailResource | None:
        return next((resource for resource in self._resources if resource.parameters_in(uri) is not None), None)

    async def _run_tool(
        self, tool: EmailTool, arguments: dict[str, Any], call: Call
    ) -> CallToolResult | InputRequiredResult:
        try:
            return await super().call_tool(tool.name, arguments, cast(Any, call))
        except ToolError as failed:
            cause = failed.__cause__
            if isinstance(cause, ValidationError):
                return tool_error(explain(tool.name, cause, self._properties_of(tool)))
            if (ours := wrapped_error(failed)) is not None:
                raise ours from None
            raise

    def _properties_of(self, tool: EmailTool) -> Mapping[str, Any]:
        """The JSON schemas of its arguments."""
        built = self._tool_manager.get_tool(tool.name)
        properties: Mapping[str, Any] = built.parameters["properties"] if built else {}
        return properties

    async def _read_resource(self, uri: AnyUrl | str, call: Call) -> list[ReadResourceContents] | InputRequiredResult:
        self._declare()
        try:
            contents = await super().read_resource(uri, cast(Any, call))
        except ResourceError as failed:
            if (ours := wrapped_error(failed)) is not None:
                raise ours from None
            raise
        if isinstance(contents, InputRequiredResult):
            return contents
        media_type = record_of(call).media_type
        return [replace(part, mime_type=media_type or part.mime_type) for part in contents]

    async def _render_prompt(
        self, name: str, arguments: dict[str, Any], call: Call
    ) -> GetPromptResult | InputRequiredResult:
        self._declare()
        prompt = self._prompt_manager.get_prompt(name)
        takes = prompt.arguments or [] if prompt else []
        names = [argument.name for argument in takes]
        for given in arguments:
            if given not in names:
                raise InvalidInput(unknown_argument(name, given, names))
        for argument in takes:
            if argument.required and argument.name not in arguments:
                raise InvalidInput(f"{name} needs `{argument.name}`. It takes: {', '.join(names)}.")
        try:
            return await super().get_prompt(name, arguments, cast(Any, call))
        except ValueError as failed:
            if (ours := wrapped_error(failed)) is not None:
                raise ours from None
            raise


def _given(context: Context[Services, Any] | None) -> Context[Services, Any]:
    """The SDK leaves it out only where a program calls the server without a client."""
    if context is None:
        raise ValueError("a call needs the context of its request")
    return context
