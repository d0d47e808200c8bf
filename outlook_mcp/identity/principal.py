"""The verified caller of a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """`issuer` and `subject` of the access token (RFC 9068), and the OAuth client that presented it, if any."""

    issuer: str
    subject: str
    client_id: str | None = None
