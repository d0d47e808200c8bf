"""The tools that clients see: all listed, small, and never looser than they look."""

from __future__ import annotations

import json
import pkgutil
from pathlib import Path

import pytest
import toktok

from outlook_mcp import tools
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.scopes import DEFAULT_TOOLSETS, TOOLSETS
from outlook_mcp.prompts import INSTRUCTIONS
from outlook_mcp.server.declare import EmailTool, email_tool
from outlook_mcp.tools import CATALOGUE, EmailTools
from outlook_mcp.tools.folder_edit import folder_edit

SNAPSHOT = Path(__file__).parent / "catalogue.json"


DEFAULT = EmailTools(DEFAULT_TOOLSETS, read_only=False).offered


def listed(catalogue: tuple[EmailTool, ...] = CATALOGUE) -> list[dict[str, object]]:
    return [
        {
            "name": tool.name,
            "description": tool.built.description,
            "inputSchema": tool.built.parameters,
            "annotations": tool.hints.model_dump(by_alias=True, exclude_none=True),
        }
        for tool in catalogue
    ]


def tokens_of(catalogue: tuple[EmailTool, ...]) -> int:
    text = json.dumps(listed(catalogue), separators=(",", ":"))
    return int(toktok.batch_count([text], "o200k_base")[0])


def test_every_tool_module_is_in_the_catalogue() -> None:
    modules = {module.name for module in pkgutil.iter_modules(tools.__path__)}
    assert modules == {tool.name for tool in CATALOGUE}


def test_the_schemas_that_clients_see_are_as_recorded() -> None:
    assert listed() == json.loads(SNAPSHOT.read_text()), f"If this change is meant, write it to {SNAPSHOT}."


def test_the_default_list_costs_at_most_1250_tokens() -> None:
    assert tokens_of(DEFAULT) <= 1250


def test_what_only_reads_costs_at_most_560_tokens() -> None:
    assert tokens_of(EmailTools(DEFAULT_TOOLSETS, read_only=True).offered) <= 560


def tools_of(*areas: str) -> tuple[EmailTool, ...]:
    return tuple(tool for tool in CATALOGUE if tool.toolset.partition("-")[0] in areas)


def test_the_tools_of_mail_cost_at_most_1900_tokens_those_of_calendar_and_contacts_900_and_all_of_them_3000() -> None:
    assert tokens_of(tools_of("mail")) <= 1900
    assert tokens_of(tools_of("calendar", "contacts")) <= 900
    assert tokens_of(CATALOGUE) <= 3000
    assert len(CATALOGUE) <= 26


def test_the_instructions_are_shorter_than_clients_cut_them() -> None:
    assert len(INSTRUCTIONS) < 2048


@pytest.mark.parametrize("tool", CATALOGUE, ids=lambda tool: tool.name)
def test_a_schema_is_flat_and_refuses_unknown_arguments(tool: EmailTool) -> None:
    schema = tool.built.parameters
    text = json.dumps(schema)
    assert schema["additionalProperties"] is False
    assert not any(word in text for word in ("$ref", "$defs", "anyOf", '"title"', "null", "mailbox"))


def test_read_only_mode_offers_nothing_that_changes_or_sends() -> None:
    offered = EmailTools(("mail-read", "mail-write", "mail-send"), read_only=True).offered
    assert [tool.name for tool in offered] == ["mail_search", "mail_read", "mail_folders", "mail_attachment"]
    assert all(tool.hints.read_only_hint for tool in offered)


def test_toolsets_choose_what_is_listed() -> None:
    assert [tool.name for tool in EmailTools(("mail-send",), read_only=False).offered] == ["mail_send"]
    assert EmailTools(("mail-organize",), read_only=False).offered == (folder_edit,)
    assert EmailTools(TOOLSETS, read_only=False).offered == CATALOGUE


def test_an_unknown_toolset_is_refused_where_tools_are_chosen_and_where_they_are_declared() -> None:
    with pytest.raises(ConfigurationError, match="'mail' is none"):
        EmailTools(("mail-read", "mail"), read_only=False)
    with pytest.raises(ConfigurationError, match="'calendar' is none"):
        email_tool(toolset="calendar")


def test_only_one_tool_sends_and_it_says_that_it_reaches_the_world() -> None:
    sending = [tool for tool in CATALOGUE if tool.toolset == "mail-send"]
    assert [tool.name for tool in sending] == ["mail_send"]
    reaching = [tool.name for tool in CATALOGUE if tool.hints.open_world_hint is not False]
    assert reaching == ["mail_send", "settings", "rules", "unsubscribe", "event_send"]


def test_what_cannot_be_undone_says_so_to_clients_that_know_no_defaults() -> None:
    hints = {tool["name"]: tool["annotations"] for tool in listed()}
    assert hints["mail_send"] == {"destructiveHint": True, "openWorldHint": True}
    assert hints["mail_delete"]["destructiveHint"] is True  # type: ignore[index]
    assert hints["draft_save"]["destructiveHint"] is False  # type: ignore[index]
