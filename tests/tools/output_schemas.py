"""The output schemas that programs see with `structured`, and the file in which they are recorded."""

from __future__ import annotations

import json
from pathlib import Path

from outlook_mcp.tools import CATALOGUE

RECORDED_SCHEMAS = Path(__file__).parent / "output_schemas.json"


def schemas_as_text() -> str:
    """As they stand in the file; tools with the same schema share a name, so that a change of it is shown once."""
    by_schema: dict[str, list[str]] = {}
    for tool in CATALOGUE:
        by_schema.setdefault(json.dumps(tool.with_fields().built.output_schema), []).append(tool.name)
    schemas = {" ".join(names): json.loads(schema) for schema, names in by_schema.items()}
    return json.dumps(schemas, indent=1) + "\n"
