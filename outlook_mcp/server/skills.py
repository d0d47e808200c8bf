"""Skills: ways of working that a client looks up by itself (extension `io.modelcontextprotocol/skills`, SEP-2640).

A skill is one file, `SKILL.md`, in the format of agentskills.io: its name and description as YAML, then instructions.
Prompts give the same instructions to a person who picks one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

from mcp.server.context import ServerRequestContext
from mcp.server.extension import Extension, MethodBinding
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, CacheableResult, PaginatedRequestParams, PaginatedResult, RequestParams

_MARKDOWN = "text/markdown"
# As long as a server runs its skills stay the same; a client asks again after this time, in milliseconds.
_FRESH_MS = 300_000


@dataclass(frozen=True)
class Skill:
    """`name` has lower-case letters and hyphens; `description` says when to use it; `text` is Markdown."""

    name: str
    description: str
    text: str

    @property
    def uri(self) -> str:
        return f"skill://{self.name}/SKILL.md"

    @cached_property
    def file(self) -> str:
        """The content of `SKILL.md`. A JSON string is a YAML string too."""
        description = json.dumps(self.description, ensure_ascii=False)
        return f"---\nname: {self.name}\ndescription: {description}\n---\n\n{self.text}\n"

    def entry(self) -> dict[str, Any]:
        """The entry of `skills/list`."""
        content = self.file.encode()
        return {
            "uri": self.uri,
            "frontmatter": {"name": self.name, "description": self.description},
            "resources": [
                {"uri": self.uri, "digest": f"sha256:{sha256(content).hexdigest()}", "size": len(content)},
            ],
        }


class _ListSkillsResult(PaginatedResult, CacheableResult):
    result_type: Literal["complete"] = "complete"
    skills: list[dict[str, Any]]


class _GetSkillParams(RequestParams):
    uri: str


class _GetSkillResult(CacheableResult):
    result_type: Literal["complete"] = "complete"
    skill: dict[str, Any]


class SkillsExtension(Extension):
    """Answers `skills/list` and `skills/get`; the files are read with `resources/read`."""

    identifier = "io.modelcontextprotocol/skills"

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._skills = {skill.uri: skill for skill in skills}

    def methods(self) -> Sequence[MethodBinding]:
        return (
            MethodBinding("skills/list", PaginatedRequestParams, self._list_skills),
            MethodBinding("skills/get", _GetSkillParams, self._get_skill),
        )

    def read_file(self, uri: str) -> ReadResourceContents | None:
        """The file at an address; None where there is none."""
        skill = self._skills.get(uri)
        return None if skill is None else ReadResourceContents(skill.file, mime_type=_MARKDOWN)

    async def _list_skills(
        self, _: ServerRequestContext[Any, Any], params: PaginatedRequestParams
    ) -> _ListSkillsResult:
        if params.cursor is not None:
            raise MCPError(code=INVALID_PARAMS, message="All skills are on the first page: leave out `cursor`.")
        entries = [skill.entry() for skill in self._skills.values()]
        return _ListSkillsResult(skills=entries, ttl_ms=_FRESH_MS, cache_scope="public")

    async def _get_skill(self, _: ServerRequestContext[Any, Any], params: _GetSkillParams) -> _GetSkillResult:
        skill = self._skills.get(params.uri)
        if skill is None:
            known = ", ".join(self._skills)
            raise MCPError(code=INVALID_PARAMS, message=f"There is no skill {params.uri[:200]!r}. There are: {known}.")
        return _GetSkillResult(skill=skill.entry(), ttl_ms=_FRESH_MS, cache_scope="public")
