"""Parses the parameters of a request to an OAuth endpoint strictly (RFC 6749, 3.1 and 3.2)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from starlette.requests import Request

LONGEST_BODY = 64 * 1024
LONGEST_QUERY = 16 * 1024
MOST_PARAMETERS = 40
FORM = "application/x-www-form-urlencoded"
# Only these are named in an answer: of other names a stranger could make a sentence that stands on a page of ours.
_NAMED = frozenset(
    (
        *("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"),
        *("grant_type", "code", "code_verifier", "refresh_token", "client_secret", "token", "resource", "login_hint"),
    )
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ParametersRefused(Exception):
    """`description` says why, for the developer of the client; `status` is the HTTP status of the answer."""

    def __init__(self, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.status = status


def query_parameters(request: Request) -> dict[str, str]:
    """The parameters of the address. Raises ParametersRefused."""
    query: bytes = request.scope["query_string"]
    if len(query) > LONGEST_QUERY:
        raise ParametersRefused("The address is too long.", status=414)
    return _parsed(query)


async def form_parameters(request: Request) -> dict[str, str]:
    """The parameters of a form in the body. Raises ParametersRefused."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise ParametersRefused(f"Content-Type: expected {FORM}.")
    return _parsed(await body_of(request))


async def body_of(request: Request) -> bytes:
    """The whole body. Raises ParametersRefused when it is longer than `LONGEST_BODY`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise ParametersRefused("The body is too long.", status=413)
    return bytes(body)


def _parsed(encoded: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict"
        )
    except ValueError:
        raise ParametersRefused("The parameters cannot be read.") from None
    names = [name for name, _ in pairs]
    if repeated := {name if name in _NAMED else "another parameter" for name in names if names.count(name) > 1}:
        raise ParametersRefused(f"Given more than once: {', '.join(sorted(repeated))}.")
    if any(_CONTROL.search(value) for _, value in pairs):
        raise ParametersRefused("A parameter has control characters.")
    # A parameter without a value counts as omitted (RFC 6749, 3.1).
    return {name: value for name, value in pairs if value}
