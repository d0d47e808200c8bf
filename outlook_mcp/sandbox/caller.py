"""Who sends a request to the sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """`app` is a client id; `oid` and `upn` are empty for an app that acts for nobody."""

    tid: str
    oid: str
    upn: str
    scopes: frozenset[str]
    app: str
