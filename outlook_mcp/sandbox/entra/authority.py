"""The {tenant} part of a URL: who may sign in there, and the issuer of its tokens."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from outlook_mcp.sandbox.directory import CONSUMERS, Directory, User
from outlook_mcp.sandbox.entra.errors import EntraError

SHARED = ("common", "organizations", "consumers")


@dataclass(frozen=True, slots=True)
class Authority:
    """`tid` is None where more than one tenant can sign in."""

    origin: str
    name: str
    tid: str | None

    @classmethod
    def of(cls, request: Request, directory: Directory) -> Authority:
        origin = origin_of(request)
        name = request.path_params["tenant"].lower()
        if name in SHARED:
            return cls(origin, name, CONSUMERS.tid if name == "consumers" else None)
        tenant = directory.tenant(name)
        if tenant is None:
            raise EntraError(90002, tenant=name)
        return cls(origin, name, tenant.tid)

    @property
    def issuer(self) -> str:
        """Where tenants share an address the issuer holds a literal {tenantid}."""
        return self.issuer_for(self.tid or "{tenantid}")

    @property
    def is_organization(self) -> bool:
        """Whether it is one tenant of an organisation."""
        return self.tid not in (None, CONSUMERS.tid)

    @property
    def endpoints(self) -> str:
        return f"{self.origin}/{self.tid or self.name}"

    def issuer_for(self, tid: str) -> str:
        return f"{self.origin}/{tid}/v2.0"

    def admits(self, user: User) -> bool:
        if self.name == "organizations":
            return user.tid != CONSUMERS.tid
        return self.tid in (None, user.tid)


def origin_of(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
