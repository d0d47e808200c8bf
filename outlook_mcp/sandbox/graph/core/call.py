"""One request to a mailbox: who asks, of what, and how the answer should look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.graph.core.errors import (
    access_denied,
    change_key_mismatch,
    id_malformed,
    invalid_body,
    item_not_found,
    no_default_folder,
)
from outlook_mcp.sandbox.graph.core.prefer import Preferences
from outlook_mcp.sandbox.query import Options
from outlook_mcp.sandbox.store import Folder, IdMalformed, ItemNotFound, Mailbox, StoredMessage
from outlook_mcp.sandbox.store.mail.folders import WELL_KNOWN_NAMES

JSON_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """`arguments` are the ids of the path; `folder_name` the folder it leads through."""

    request: Request
    mailbox: Mailbox
    caller: Caller
    arguments: Mapping[str, str]
    folder_name: str | None
    options: Options
    prefer: Preferences
    upload_origin: str

    def allows(self, *scopes: str) -> bool:
        return not self.caller.scopes.isdisjoint(scopes)

    @property
    def basic_only(self) -> bool:
        """Whether the token reads messages without their bodies."""
        return not self.allows("Mail.Read", "Mail.ReadWrite")

    def need_full_read(self) -> None:
        if self.basic_only:
            raise access_denied()

    async def json(self) -> dict[str, Any]:
        """The body as an object; an empty one counts as `{}`."""
        raw = await self.request.body()
        if not raw.strip():
            return {}
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

    @property
    def is_mime(self) -> bool:
        return self.request.headers.get("content-type", "").lower().startswith("text/plain")

    def folder(self, name: str) -> Folder:
        """By id or well-known name."""
        if name.lower() in WELL_KNOWN_NAMES:
            try:
                return self.mailbox.folders.by_name(name)
            except ItemNotFound as error:
                raise no_default_folder(name) from error
        with _ids():
            return self.mailbox.folders.by_id(name)

    def path_folder(self) -> Folder | None:
        return None if self.folder_name is None else self.folder(self.folder_name)

    def message(self) -> StoredMessage:
        """The message of the path, which must stand in the folder of the path."""
        folder = self.path_folder()
        with _ids():
            stored = self.mailbox.messages.by_id(self.arguments["message"])
        if folder is not None and stored.row["folder"] != folder.key:
            raise item_not_found()
        return stored

    def check_etag(self, stored: StoredMessage) -> None:
        wanted = self.request.headers.get("if-match")
        if wanted and wanted != "*" and wanted not in (etag(stored), stored.change_key):
            raise change_key_mismatch()

    def id_of(self, stored: StoredMessage) -> str:
        return stored.immutable_id if self.prefer.immutable_ids else stored.id

    def location(self, stored: StoredMessage) -> str:
        """The absolute URL of a message."""
        return f"{self.service_root}/users('{quote(self.mailbox.oid)}')/messages('{self.id_of(stored)}')"

    @property
    def service_root(self) -> str:
        url = self.request.url
        return f"{url.scheme}://{url.netloc}/v1.0"

    def context(self, path: str, select: frozenset[str] | None = None) -> str:
        """@odata.context of something of this user; `path` as in `messages` or `messages/$entity`."""
        owner = f"users('{quote(self.mailbox.oid)}')"
        if select is not None:
            name, slash, entity = path.partition("/$entity")
            path = f"{name}({','.join(sorted(select))}){slash}{entity}"
        return f"{self.service_root}/$metadata#{owner}/{path}"

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

    def answer(self, body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """JSON, with Preference-Applied where a preference was followed."""
        applied = {"Preference-Applied": self.prefer.applied} if self.prefer.applied else {}
        return json_response(body, status, {**applied, **(headers or {})})


def json_response(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, status, {**(headers or {}), "Content-Type": JSON_TYPE, "OData-Version": "4.0"})


def accepted() -> Response:
    """202 with no body and no content type."""
    return Response(status_code=202)


def no_content() -> Response:
    return Response(status_code=204)


def etag(stored: StoredMessage) -> str:
    return f'W/"{stored.change_key}"'


class _ids:  # noqa: N801
    """Turns a refusal of the store into the answer of Graph."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, IdMalformed):
            raise id_malformed() from error
        if isinstance(error, ItemNotFound):
            raise item_not_found() from error
