"""Tools of other distributions are offered when they are named, and only then."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import jsonschema
import pytest
from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.server.declare import EmailTool, email_tool
from outlook_mcp.server.own_tools import GROUP, own_tools
from outlook_mcp.server.services import Call
from outlook_mcp.tools import EmailTools


@email_tool(toolset="mail-write")
async def mail_shout(call: Call) -> str:
    """Shout."""
    return "!"


@email_tool(toolset="mail-read", reads_only=True)
async def mail_read(call: Call) -> str:
    """Read otherwise."""
    return ""


@email_tool(toolset="mail-read")
async def without_docstring(call: Call) -> str:
    return ""


@email_tool(toolset="mail-read")
async def without_type(call: Call, folder) -> str:  # type: ignore[no-untyped-def]
    """Take something."""
    return ""


@email_tool(toolset="mail-read")
async def with_any_arguments(call: Call, *folders: str) -> str:
    """Take anything."""
    return ""


class Handle:
    """No type of JSON."""


@email_tool(toolset="mail-read")
async def without_schema(call: Call, handle: Handle) -> str:
    """Take what JSON cannot say."""
    return ""


def not_async(call: Call) -> str:
    """Wait."""
    return ""


def misnamed() -> EmailTool:
    async def run(call: Call) -> str:
        """Run."""
        return ""

    run.__name__ = "mail <count>"
    return email_tool(toolset="mail-read")(run)


blocking = email_tool(toolset="mail-read")(not_async)  # type: ignore[arg-type]
spaced = misnamed()


def points(**values: str) -> list[EntryPoint]:
    return [EntryPoint(name, value, GROUP) for name, value in values.items()]


OURS = [tool.name for tool in EmailTools(("mail-read", "mail-write"), read_only=False).offered]
INSTALLED = points(shout=f"{__name__}:mail_shout", number=f"{__name__}:GROUP", gone="no_such_module:tool")


def test_no_entry_point_is_looked_at_unless_one_is_named() -> None:
    assert own_tools([], lambda: pytest.fail("looked")) == []


def test_a_named_tool_is_offered_behind_ours_and_only_with_its_toolset() -> None:
    own = own_tools(["shout", "shout"], lambda: INSTALLED)
    assert offered(own, "mail-read", "mail-write") == [*OURS, "mail_shout"]
    assert "mail_shout" not in offered(own, "mail-read")
    assert "mail_shout" not in offered(own, "mail-read", "mail-write", read_only=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("whisper", "is called 'whisper'; there are: gone, number, shout"),
        ("number", "is no tool"),
        ("gone", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'."),
    ],
)
def test_what_cannot_be_offered_is_refused_with_the_reason(name: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected) as refused:
        own_tools([name], lambda: INSTALLED)
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("without_docstring", "its function has no docstring"),
        ("without_type", "its parameter 'folder' has no type"),
        ("with_any_arguments", r"'\*folders' is any number of them"),
        ("without_schema", "no schema can be made of its parameters: PydanticInvalidForJsonSchema: Cannot generate"),
        ("blocking", "its function is not async"),
        ("spaced", "'mail <count>' is no name of a tool"),
    ],
)
def test_a_tool_that_no_client_could_use_is_refused_before_the_list_of_all_tools_fails(
    name: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"'{name}' .* cannot be offered: .*{expected}") as refused:
        own_tools([name], lambda: points(**{name: f"{__name__}:{name}"}))
    assert "Mend or update the package" in str(refused.value.next_step)


def test_a_package_that_ends_the_process_when_it_is_loaded_is_refused_and_the_process_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_script.py").write_text("import sys\nsys.exit(3)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"'script' .* cannot be loaded: SystemExit: 3\."):
        own_tools(["script"], lambda: points(script="a_script:tool"))


def test_a_tool_of_the_name_of_one_of_ours_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two tools of the name 'mail_read'"):
        offered([mail_read], "mail-read")


def offered(own: list[EmailTool], *toolsets: str, read_only: bool = False) -> list[str]:
    return [tool.name for tool in EmailTools(toolsets, read_only=read_only, own=own).offered]


async def test_one_that_gives_text_alone_gives_it_as_structured_content_too_where_that_is_asked_for() -> None:
    @email_tool(toolset="mail-read")
    async def show() -> list[ContentBlock]:
        """Show something."""
        picture = ImageContent(type="image", data="", mime_type="image/png")
        return [TextContent(type="text", text="above"), picture, TextContent(type="text", text="below")]

    for tool, text in ((mail_shout.with_fields(), "!"), (show.with_fields(), "above\nbelow")):
        schema = tool.built.output_schema
        answer = tool.built.fn_metadata.convert_result(await tool.run(*([None] if tool.name == "mail_shout" else [])))
        assert isinstance(answer, CallToolResult)
        jsonschema.validate(answer.structured_content, schema or {})
        assert answer.structured_content == {"text": text}
        assert [block.type for block in answer.content] == (["text"] if text == "!" else ["text", "image"])
    assert mail_shout.built.output_schema is None
