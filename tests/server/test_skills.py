"""Skills over MCP: what clients list, get and read, in both eras of the protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Literal, cast

import pytest
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer
from mcp.types import PaginatedRequestParams, Request, RequestParams, Result, TextResourceContents
from pydantic import ConfigDict

from outlook_mcp.server.declare import email_prompt
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.services import Services
from outlook_mcp.server.skills import Skill

TIDY = Skill("tidy-up", 'Tidies: use it when somebody says "tidy".', "1. Look.\n2. Ask.")
NAME = "io.modelcontextprotocol/skills"
MODES = pytest.mark.parametrize("mode", ["legacy", "auto"])


@email_prompt(skill=TIDY)
def tidy_up() -> str:
    """Tidy up."""
    return TIDY.text


class GetParams(RequestParams):
    uri: str


class ListSkills(Request[PaginatedRequestParams, Literal["skills/list"]]):
    method: Literal["skills/list"] = "skills/list"


class GetSkill(Request[GetParams, Literal["skills/get"]]):
    method: Literal["skills/get"] = "skills/get"


class Answer(Result):
    model_config = ConfigDict(extra="allow")


@asynccontextmanager
async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
    yield cast(Services, None)


@pytest.fixture
def server() -> EmailServer:
    return EmailServer(lifespan, prompts=[tidy_up], name="outlook")


async def asked(client: Client, request: Request[Any, Any]) -> dict[str, Any]:
    return dict((await client.session.send_request(request, Answer)).model_dump(by_alias=True))


@MODES
async def test_a_listed_skill_has_the_digest_and_size_of_its_file(server: EmailServer, mode: Literal["legacy"]) -> None:
    async with Client(server, mode=mode) as client:
        listed = await asked(client, ListSkills(params=PaginatedRequestParams()))
        (skill,) = listed["skills"]
        (content,) = (await client.read_resource(skill["uri"])).contents
    assert isinstance(content, TextResourceContents)
    assert (content.mime_type, skill["uri"]) == ("text/markdown", "skill://tidy-up/SKILL.md")
    written = content.text.encode()
    file = {"uri": skill["uri"], "digest": f"sha256:{sha256(written).hexdigest()}", "size": len(written)}
    assert skill["resources"] == [file]
    assert (listed["ttlMs"], listed["cacheScope"]) == (300_000, "public")


@MODES
async def test_one_skill_is_got_by_its_address(server: EmailServer, mode: Literal["legacy"]) -> None:
    async with Client(server, mode=mode) as client:
        (listed,) = (await asked(client, ListSkills(params=PaginatedRequestParams())))["skills"]
        got = await asked(client, GetSkill(params=GetParams(uri=TIDY.uri)))
        assert got["skill"] == listed
        with pytest.raises(MCPError, match=r"There is no skill 'skill://other/SKILL.md'. There are: skill://tidy-up"):
            await asked(client, GetSkill(params=GetParams(uri="skill://other/SKILL.md")))
        with pytest.raises(MCPError, match="Unknown resource"):
            await client.read_resource("skill://other/SKILL.md")


async def test_the_extension_is_advertised_where_the_protocol_knows_extensions(server: EmailServer) -> None:
    async with Client(server) as client:
        assert (client.server_capabilities.extensions or {})[NAME] == {}


async def test_there_is_one_page_of_skills(server: EmailServer) -> None:
    async with Client(server) as client:
        with pytest.raises(MCPError, match="first page"):
            await asked(client, ListSkills(params=PaginatedRequestParams(cursor="2")))


def test_the_file_begins_with_name_and_description_as_yaml() -> None:
    assert TIDY.file == (
        '---\nname: tidy-up\ndescription: "Tidies: use it when somebody says \\"tidy\\"."\n---\n\n1. Look.\n2. Ask.\n'
    )
