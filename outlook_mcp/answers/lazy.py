"""What of answers is loaded when it is first needed: only servers asked for structured content make fields."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from outlook_mcp.answers.fields import Fields, output_schema, structured_content, text_fields
