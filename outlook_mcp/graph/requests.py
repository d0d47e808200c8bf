"""Requests as msgraph-sdk sends them: made from its URL builders, with our options, headers and body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation

from outlook_mcp.errors import NotFound

IMMUTABLE_ID = 'IdType="ImmutableId"'
# What the SDK writes for `/me` until a middleware replaces it.
_ME_PLACEHOLDER = "/users/me-token-to-replace"
# A variable in a URL template of the SDK (RFC 6570): `{+name}` stands as it is, `{name}` is quoted.
_VARIABLE = re.compile(r"\{(\+?)([^{}?]+)\}")


def resource_request(
    base_url: str,
    builder: Any,
    method: str = "GET",
    *,
    query: Mapping[str, Any] | None = None,
    json: object = None,
    headers: Mapping[str, str] | None = None,
) -> RequestInformation:
    """A request for the resource of `builder`; `query` has OData's own names (`$select`, `$top`).

    Raises NotFound for an id that would lead out of the resource, ValueError for an option the resource does not know.
    """
    path = {**builder.path_parameters, "baseurl": base_url}
    missing = [str(value) for value in path.values() if str(value) in ("", ".", "..")]
    if missing:
        raise NotFound(f"There is no item with the id {missing[0]!r}.", status=404)
    # Options that a resource demands stand in its template as `?name={name}`, the others as `{?name}`.
    resource, _, options = builder.url_template.partition("?")
    resource = resource.removesuffix("{")
    for name in query or {}:
        if name.replace("$", "%24") not in options:
            raise ValueError(f"{name} is not an option of {builder.url_template}")
    request = RequestInformation(Method(method))
    request.url = _expanded(resource, path).replace(_ME_PLACEHOLDER, "/me", 1) + _query_string(query or {})
    return _completed(request, json, headers)


def page_request(next_link: str, headers: Mapping[str, str] | None = None) -> RequestInformation:
    """A request for the page at `next_link`, which the caller has checked."""
    request = RequestInformation(Method.GET)
    request.url = next_link
    return _completed(request, headers=headers)


def batch_request(base_url: str, body: bytes) -> RequestInformation:
    """A `$batch` request with this JSON body."""
    request = RequestInformation(Method.POST)
    request.url = f"{base_url}/$batch"
    request.headers.try_add("Accept", "application/json")
    request.set_stream_content(body, "application/json")
    return request


def _completed(
    request: RequestInformation, json: object = None, headers: Mapping[str, str] | None = None
) -> RequestInformation:
    request.headers.try_add("Accept", "application/json")
    request.headers.try_add("Prefer", IMMUTABLE_ID)
    for name, value in (headers or {}).items():
        # Beside those that are there: a request may have several preferences.
        request.headers.add(name, value)
    if json is not None:
        request.set_stream_content(msgspec.json.encode(json), "application/json")
    return request


def _expanded(template: str, values: Mapping[str, Any]) -> str:
    """What the SDK's template library writes. That one works letter by letter, and is called three times a request.

    >>> _expanded("{+baseurl}/me/messages/{message%2Did}", {"baseurl": "https://g.test/v1", "message%2Did": "a/b="})
    'https://g.test/v1/me/messages/a%2Fb%3D'
    """
    return _VARIABLE.sub(
        lambda found: str(values[found[2]]) if found[1] else quote(str(values[found[2]]), safe=""), template
    )


def _query_string(query: Mapping[str, Any]) -> str:
    options = {name: _option(value) for name, value in query.items()}
    return f"?{urlencode(options, safe=',', quote_via=quote)}" if options else ""


def _option(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple | list) else str(value)
