"""One request to the data of a user: who asks, for what, and how the answer should look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.graph.core.errors import bad_request, change_key_mismatch, invalid_body
from outlook_mcp.sandbox.graph.core.prefer import Preferences
from outlook_mcp.sandbox.query import Options
from outlook_mcp.sandbox.store.core.accounts import Account

JSON_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


class Item(Protocol):
    """A message, an event or a contact, as the store keeps it."""

    @property
    def id(self) -> str: ...
    @property
    def immutable_id(self) -> str: ...
    @property
    def change_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Call:
    """`account` is the user in the path; `arguments` are the ids of the path."""

    request: Request
    account: Account
    caller: Caller
    arguments: Mapping[str, str]
    options: Options
    prefer: Preferences

    @property
    def parts(self) -> tuple[Request, Account, Caller, Mapping[str, str], Options, Preferences]:
        """The fields in their order, with which the call to one area is made."""
        return self.request, self.account, self.caller, self.arguments, self.options, self.prefer

    def allows(self, *scopes: str) -> bool:
        return not self.caller.scopes.isdisjoint(scopes)

    async def json(self, *, may_be_empty: bool = False) -> dict[str, Any]:
        """The body as an object. An empty one is refused, or counts as `{}` for actions that need no arguments."""
        raw = await self.request.body()
        if not raw.strip():
            if may_be_empty:
                return {}
            # microsoftgraph/microsoft-graph-docs-contrib, issue 7083.
            raise bad_request("Empty Payload. JSON content expected.")
        try:
            body = json.loads(raw)
            # A lone surrogate is valid in JSON, but no text.
            json.dumps(body, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise invalid_body(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of"
                " valid JSON format."
            ) from error
        if not isinstance(body, dict):
            raise invalid_body("The request payload must be a JSON object.")
        return body

    def check_etag(self, item: Item) -> None:
        """Raises GraphFault where If-Match asks for another state of the item."""
        wanted = self.request.headers.get("if-match")
        if wanted and wanted != "*" and wanted not in (etag_of(item), item.change_key):
            raise change_key_mismatch()

    def id_of(self, item: Item) -> str:
        """The kind of id that the caller prefers."""
        return item.immutable_id if self.prefer.immutable_ids else item.id

    def location(self, collection: str, item: Item) -> str:
        """The absolute URL of an item of the user in the path, in a collection such as `messages`."""
        return f"{self.service_root}/users('{quote(self.account.oid)}')/{collection}('{self.id_of(item)}')"

    @property
    def is_mime(self) -> bool:
        return self.request.headers.get("content-type", "").lower().startswith("text/plain")

    @property
    def service_root(self) -> str:
        url = self.request.url
        return f"{url.scheme}://{url.netloc}/v1.0"

    def context(self, path: str, select: frozenset[str] | None = None) -> str:
        """@odata.context of something of this user; `path` as in `messages` or `messages/$entity`."""
        owner = f"users('{quote(self.account.oid)}')"
        if select is not None:
            name, slash, entity = path.partition("/$entity")
            path = f"{name}({','.join(self.in_request_order(select))}){slash}{entity}"
        return f"{self.service_root}/$metadata#{owner}/{path}"

    def in_request_order(self, select: frozenset[str]) -> list[str]:
        """The selected properties in the order of $select."""
        asked = [name.rpartition("/")[2].lower() for name in self.options.select or ()]
        return sorted(select, key=lambda name: asked.index(name.lower()) if name.lower() in asked else len(asked))

    def type_context(self, name: str) -> str:
        return f"{self.service_root}/$metadata#{name}"

    def link(self, **parameters: str | None) -> str:
        """This URL with other parameters; None takes one away."""
        merged: dict[str, str | None] = {
            **self.options.raw,
            **{f"${name}": value for name, value in parameters.items()},
        }
        query = urlencode(
            {name: value for name, value in merged.items() if value is not None}, safe="$", quote_via=quote
        )
        url = self.request.url
        return f"{url.scheme}://{url.netloc}{url.path}?{query}"

    def json_answer(
        self, body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """JSON, with Preference-Applied where a preference was followed."""
        applied = {"Preference-Applied": self.prefer.applied} if self.prefer.applied else {}
        return json_response(body, status, {**applied, **(headers or {})})


def etag_of(item: Item) -> str:
    """The ETag of an item in its present state."""
    return f'W/"{item.change_key}"'


def json_response(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, status, {**(headers or {}), "Content-Type": JSON_TYPE, "OData-Version": "4.0"})


def accepted() -> Response:
    """202 with no body and no content type."""
    return Response(status_code=202)


def no_content() -> Response:
    return Response(status_code=204)
