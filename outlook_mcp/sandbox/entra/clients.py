"""Client authentication: which app sends a request, and whether it proves that."""

from __future__ import annotations

import base64
import hmac
import uuid
from collections.abc import Mapping
from urllib.parse import unquote_plus

from outlook_mcp.sandbox.directory import App, Directory
from outlook_mcp.sandbox.entra.authority import Authority
from outlook_mcp.sandbox.entra.client_assertion import check_client_assertion
from outlook_mcp.sandbox.entra.errors import EntraError


def find_app(directory: Directory, authority: Authority, client_id: str) -> App:
    if not client_id:
        raise EntraError(900144, field="client_id")
    try:
        guid = uuid.UUID(client_id)
    except ValueError:
        raise EntraError(700038, app=client_id) from None
    if guid.int == 0:
        raise EntraError(700038, app=client_id)
    app = directory.app(str(guid))
    if app is None:
        raise EntraError(700016, app=client_id, tenant=authority.name)
    return app


def authenticated_app(
    directory: Directory, authority: Authority, fields: Mapping[str, str], authorization: str, now: float
) -> App:
    """client_secret_post, client_secret_basic, private_key_jwt, or none for a public client."""
    client_id, secret = fields.get("client_id", ""), fields.get("client_secret", "")
    if authorization.lower().startswith("basic "):
        client_id, secret = _basic(authorization[6:])
    app = find_app(directory, authority, client_id)
    if app.is_public:
        if secret or "client_assertion" in fields:
            raise EntraError(700025)
        return app
    if "client_assertion" in fields:
        check_client_assertion(authority, app, fields, now)
        return app
    if not secret:
        raise EntraError(7000218)
    if app.secret is None or not hmac.compare_digest(secret.encode(), app.secret.get_secret_value().encode()):
        raise EntraError(7000215, app=app.client_id)
    return app


def _basic(encoded: str) -> tuple[str, str]:
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise EntraError(9002313) from None
    return unquote_plus(client_id), unquote_plus(secret)
