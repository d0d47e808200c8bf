"""The Prefer header of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import Headers

_PREFERENCE = re.compile(r'\s*([\w.-]+)\s*(?:=\s*(?:"([^"]*)"|([^",;\s]+)))?\s*(?:[,;]|$)')


@dataclass(frozen=True, slots=True)
class Preferences:
    """`page_size` is None when the client did not ask for one; `time_zone` is UTC then."""

    text_body: bool
    unsafe_html: bool
    immutable_ids: bool
    page_size: int | None
    time_zone: str
    applied: str

    @classmethod
    def of(cls, headers: Headers) -> Preferences:
        """`applied` is the value of Preference-Applied in the answer, empty when no known preference was sent."""
        asked = {
            name.lower(): quoted or bare
            for header in headers.getlist("prefer")
            for name, quoted, bare in _PREFERENCE.findall(header)
        }
        body_type = asked.get("outlook.body-content-type", "").lower()
        size = asked.get("odata.maxpagesize", "")
        applied = []
        if body_type in ("text", "html"):
            applied.append(f'outlook.body-content-type="{body_type}"')
        if asked.get("idtype", "").lower() == "immutableid":
            applied.append('IdType="ImmutableId"')
        if "outlook.allow-unsafe-html" in asked:
            applied.append("outlook.allow-unsafe-html")
        zone = asked.get("outlook.timezone", "")
        if zone:
            applied.append(f'outlook.timezone="{zone}"')
        if size.isdecimal() and int(size):
            applied.append(f"odata.maxpagesize={size}")
        return cls(
            text_body=body_type == "text",
            unsafe_html="outlook.allow-unsafe-html" in asked,
            immutable_ids=asked.get("idtype", "").lower() == "immutableid",
            page_size=min(int(size), 1000) if size.isdecimal() and int(size) else None,
            time_zone=zone or "UTC",
            applied=", ".join(applied),
        )
