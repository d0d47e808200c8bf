"""How tools, resources and prompts are declared, and the slim schema that clients see of a tool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.shared.uri_template import UriTemplate
from mcp.types import CallToolResult, ContentBlock, InputRequiredResult, ToolAnnotations

from outlook_mcp.answers.lazy import text_fields
from outlook_mcp.identity.scopes import scope_of_toolset
from outlook_mcp.server.answer import Answer, FieldsOf, schema_of, text_answer
from outlook_mcp.server.services import Call
from outlook_mcp.server.skills import Skill

# Nobody comes near such a limit by accident.
_MANY = 1000
ToolFunction = Callable[..., Awaitable[Answer | str | list[ContentBlock]]]
ResourceFunction = Callable[..., Awaitable[str | bytes]]
# Values for an argument, looked up in the caller's mailbox by what was typed so far and the other arguments.
Suggest = Callable[[Call, str, Mapping[str, str]], Awaitable[Sequence[str]]]


class _TakenLiterally(FuncMetadata):
    """Takes arguments as they are: the SDK would turn a mail body that is valid JSON into an object.

    `server.arguments.fitted` reads JSON where a list is wanted. With `fields_of` answers have structured content.
    """

    fields_of: Any = None

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        return data

    def convert_result(self, result: Any) -> CallToolResult | InputRequiredResult:
        if isinstance(result, str | list) and self.fields_of is not None:
            result = text_answer(result)
        return result.result(self.fields_of) if isinstance(result, Answer) else super().convert_result(result)


@dataclass(frozen=True, kw_only=True)
class EmailTool:
    """A tool as it stands in the catalogue; its name is the name of its function.

    `after_deadline` tells what to do when the call was stopped in the middle of a change. `saves_files`: it can write
    new files into the folders that the user allowed, and changes nothing else. `fields` makes structured content of
    what an answer is made of, None for its text alone; `is_structured` says that clients are given it.
    """

    run: ToolFunction
    toolset: str
    hints: ToolAnnotations
    after_deadline: str = ""
    saves_files: bool = False
    fields: FieldsOf | None = None
    is_structured: bool = False

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def scope(self) -> str:
        """The scope of ours that a grant needs for it."""
        return scope_of_toolset(self.toolset).name

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing in the mailbox."""
        return bool(self.hints.read_only_hint) or self.saves_files

    def with_folders(self) -> EmailTool:
        """The tool where a folder is allowed: one that saves files there says in its hints that it writes."""
        if not self.saves_files:
            return self
        hints = self.hints.model_copy(update={"read_only_hint": None, "destructive_hint": False})
        return replace(self, hints=hints)

    def with_fields(self) -> EmailTool:
        """The tool as programs want it: it lists the schema of its structured content, and answers have both."""
        return replace(self, is_structured=True)

    @cached_property
    def built(self) -> Tool:
        """The tool as the SDK serves it: unknown arguments refused, a slim schema."""
        tool = Tool.from_function(self.run, annotations=self.hints, structured_output=False)
        fields_of = (self.fields or text_fields) if self.is_structured else None
        schema = schema_of(fields_of) if fields_of else None
        tool.fn_metadata = _TakenLiterally(**{**dict(tool.fn_metadata), "output_schema": schema}, fields_of=fields_of)
        arguments = tool.fn_metadata.arg_model
        arguments.model_config["extra"] = "forbid"
        arguments.model_rebuild(force=True)
        tool.parameters = slim(arguments.model_json_schema())
        return tool


def email_tool(
    *,
    toolset: str,
    reads_only: bool = False,
    destructive: bool = False,
    idempotent: bool = False,
    open_world: bool = False,
    after_deadline: str = "",
    saves_files: bool = False,
    fields: FieldsOf | None = None,
) -> Callable[[ToolFunction], EmailTool]:
    """Declares a tool. What it destroys or whom it reaches is always said, since clients ask their user because of it.

    Raises ConfigurationError for a toolset that the table of scopes does not have.
    """
    scope_of_toolset(toolset)
    hints = ToolAnnotations(
        read_only_hint=True if reads_only else None,
        destructive_hint=None if reads_only else destructive,
        idempotent_hint=True if idempotent and not reads_only else None,
        open_world_hint=open_world,
    )
    return lambda run: EmailTool(
        run=run, toolset=toolset, hints=hints, after_deadline=after_deadline, saves_files=saves_files, fields=fields
    )


class ListedAddress(NamedTuple):
    """An address of a resource that clients list for people to pick; a template is not shown by every client."""

    uri: str
    title: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailResource:
    """A resource as it stands in the catalogue; its name is the name of its function.

    `uri` is a template (RFC 6570) with one variable for each parameter of the function besides the call, and `listed`
    are addresses of it. `suggestions` are values for a variable by its name: fixed ones, or a function that looks them
    up. `mime_type` is what clients are told before they read it.
    """

    run: ResourceFunction
    uri: str
    toolset: str
    mime_type: str = "text/plain"
    listed: Sequence[ListedAddress] = ()
    suggestions: Mapping[str, Sequence[str] | Suggest] = field(default_factory=dict)
    _template: UriTemplate = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_template", UriTemplate.parse(self.uri))

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def scope(self) -> str:
        """The scope of ours that a grant needs for it."""
        return scope_of_toolset(self.toolset).name

    def parameters_in(self, uri: str) -> Mapping[str, str | list[str]] | None:
        """The values that an address gives to the variables; None when it is not one of this resource."""
        return self._template.match(uri)


def email_resource(
    uri: str,
    *,
    toolset: str,
    listed: Sequence[ListedAddress] = (),
    suggestions: Mapping[str, Sequence[str] | Suggest] | None = None,
    mime_type: str = "text/plain",
) -> Callable[[ResourceFunction], EmailResource]:
    """Declares a resource; the docstring of its function is the description that clients see.

    One whose function gives bytes is a file of the type `mime_type`.
    """
    return lambda run: EmailResource(
        run=run,
        uri=uri,
        toolset=toolset,
        listed=listed,
        suggestions=suggestions or {},
        mime_type=mime_type,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailPrompt:
    """A prompt as it stands in the catalogue; its name is the name of its function.

    `suggestions` are values for an argument by its name: fixed ones, or a function that looks them up. `toolset` is for
    prompts that read a mailbox, None for others. `tools` are the names of the tools that it tells the model to use:
    where one of them is not offered, it is not either. `skill` has the same instructions.
    """

    run: Callable[..., Any]
    suggestions: Mapping[str, Sequence[str] | Suggest]
    toolset: str | None
    tools: frozenset[str] = frozenset()
    skill: Skill | None = None

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def scope(self) -> str | None:
        """The scope of ours that a grant needs for it, if any."""
        return None if self.toolset is None else scope_of_toolset(self.toolset).name


def email_prompt(
    *,
    suggestions: Mapping[str, Sequence[str] | Suggest] | None = None,
    toolset: str | None = None,
    tools: Iterable[str] = (),
    skill: Skill | None = None,
) -> Callable[[Callable[..., Any]], EmailPrompt]:
    """Declares a prompt; the docstring of its function is the description that clients see."""
    return lambda run: EmailPrompt(
        run=run, suggestions=suggestions or {}, toolset=toolset, tools=frozenset(tools), skill=skill
    )


def slim(schema: dict[str, Any]) -> dict[str, Any]:
    """The parameters in fewer tokens: no titles, no null branches, no null or empty defaults, no least values,
    no great limit of a list and no word of an object that it may hold anything.

    Validation still runs on the full model, so nothing is loosened.
    """
    properties = {name: _slim_property(value) for name, value in schema.get("properties", {}).items()}
    slimmed: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required := schema.get("required"):
        slimmed["required"] = required
    return slimmed


def _slim_property(schema: dict[str, Any]) -> dict[str, Any]:
    branches = [branch for branch in schema.get("anyOf", ()) if branch.get("type") != "null"]
    merged = {**(branches[0] if len(branches) == 1 else {}), **schema}
    if len(branches) == 1:
        del merged["anyOf"]
    if merged.get("default") in (None, "", [], False):
        merged.pop("default", None)
    # Nobody asks for an empty list or for what stands before the beginning.
    for unsaid in ("title", "minimum", "minItems"):
        merged.pop(unsaid, None)
    if merged.get("additionalProperties") is True:
        del merged["additionalProperties"]
    if merged.get("maxItems", 0) >= _MANY:
        del merged["maxItems"]
    if "items" in merged:
        merged["items"] = _slim_property(merged["items"])
    if "const" in merged:
        merged["enum"] = [merged.pop("const")]
    if "enum" in merged:
        merged.pop("type", None)
    return merged
