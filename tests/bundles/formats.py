"""The rules of the formats, as far as our files use them; `python -m tests.bundles` runs the own validators of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_VERSION: Schema = {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"}
_NAME: Schema = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}


def _object(needed: Iterable[str], /, **properties: Any) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(needed),
        "additionalProperties": False,
    }


_AUTHOR = _object(["name"], name=_TEXT)

# https://github.com/modelcontextprotocol/registry, docs/reference/server-json
_ARGUMENT = _object(["type", "value"], type={"const": "positional"}, valueHint=_TEXT, value=_TEXT)
_VARIABLE = _object(
    ["name", "description"],
    name={"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
    description=_TEXT,
    format={"enum": ["string", "number", "boolean", "filepath"]},
    isRequired={"type": "boolean"},
    isSecret={"type": "boolean"},
    default=_TEXT,
)
_PACKAGE = _object(
    ["registryType", "identifier", "version", "transport"],
    registryType={"enum": ["npm", "pypi", "oci", "nuget", "mcpb"]},
    identifier=_NAME,
    version=_VERSION,
    runtimeHint=_TEXT,
    transport=_object(["type"], type={"enum": ["stdio", "streamable-http", "sse"]}),
    packageArguments={"type": "array", "items": _ARGUMENT},
    environmentVariables={"type": "array", "items": _VARIABLE},
)
SERVER = _object(
    ["$schema", "name", "description", "version", "packages"],
    **{"$schema": {"type": "string", "pattern": r"/schemas/\d{4}-\d\d-\d\d/server\.schema\.json$"}},
    name={"type": "string", "minLength": 3, "maxLength": 200, "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$"},
    title={"type": "string", "minLength": 1, "maxLength": 100},
    description={"type": "string", "minLength": 1, "maxLength": 100},
    version=_VERSION,
    packages={"type": "array", "minItems": 1, "items": _PACKAGE},
)

# https://github.com/modelcontextprotocol/mcpb, MANIFEST.md, version 0.4
_QUESTION = _object(
    ["type", "title", "description"],
    type={"enum": ["string", "number", "boolean", "directory", "file"]},
    title=_TEXT,
    description=_TEXT,
    required={"type": "boolean"},
    default={"type": ["string", "number", "boolean"]},
    sensitive={"type": "boolean"},
)
_COMMAND = _object(
    ["command"], command=_TEXT, args=_TEXTS, env={"type": "object", "additionalProperties": {"type": "string"}}
)
MANIFEST = _object(
    ["manifest_version", "name", "version", "description", "author", "server"],
    manifest_version={"const": "0.4"},
    name=_NAME,
    display_name=_TEXT,
    version=_VERSION,
    description=_TEXT,
    long_description=_TEXT,
    author=_AUTHOR,
    license=_TEXT,
    keywords=_TEXTS,
    server=_object(
        ["type", "entry_point", "mcp_config"],
        type={"enum": ["python", "node", "binary", "uv"]},
        entry_point=_TEXT,
        mcp_config=_COMMAND,
    ),
    tools={"type": "array", "items": _object(["name"], name=_TEXT, description=_TEXT)},
    tools_generated={"type": "boolean"},
    compatibility=_object(
        [],
        platforms={"type": "array", "items": {"enum": ["darwin", "linux", "win32"]}},
        runtimes=_object([], python=_TEXT),
    ),
    user_config={"type": "object", "additionalProperties": _QUESTION},
)

# https://code.claude.com/docs/en/plugins-reference and .../plugin-marketplaces
PLUGIN = _object(
    ["name", "version", "description", "author", "mcpServers"],
    name=_NAME,
    version=_VERSION,
    description=_TEXT,
    author=_AUTHOR,
    license=_TEXT,
    keywords=_TEXTS,
    mcpServers={"type": "object", "minProperties": 1, "additionalProperties": _COMMAND},
)
_ENTRY = _object(
    ["name", "source", "description"],
    name=_NAME,
    source={"type": "string", "pattern": r"^\./(?!.*\.\.)"},
    description=_TEXT,
    version=_VERSION,
    license=_TEXT,
    category=_TEXT,
    keywords=_TEXTS,
)
MARKETPLACE = _object(
    ["name", "owner", "plugins"],
    name=_NAME,
    owner=_AUTHOR,
    metadata=_object(["description"], description=_TEXT),
    plugins={"type": "array", "minItems": 1, "items": _ENTRY},
)
