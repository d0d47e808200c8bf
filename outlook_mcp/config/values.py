"""What a setting may hold; each check says what is expected."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr
from pydantic_settings import NoDecode

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.profile import check_profile_name
from outlook_mcp.oauth.addresses import is_loopback, is_protected

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)


def _guid(value: str) -> str:
    if not _GUID.fullmatch(value):
        raise ValueError("the application (client) id of the Entra app registration, a GUID")
    return value.lower()


def _tenant(value: str) -> str:
    if value in ("common", "organizations", "consumers") or _GUID.fullmatch(value) or _DOMAIN.fullmatch(value):
        return value
    raise ValueError("a tenant id, a domain, or one of common, organizations, consumers")


def _service_url(value: str) -> str:
    parts = urlsplit(value)
    if is_protected(value) and not (parts.query or parts.fragment):
        return value.rstrip("/")
    raise ValueError("an https:// address (http:// for this machine only), without user name, query or fragment")


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if is_protected(value) and parts.path in ("", "/") and not (parts.query or parts.fragment):
        return f"{parts.scheme}://{parts.netloc.lower()}"
    raise ValueError("the origin that clients reach, such as https://mail.example.com (http:// for this machine only)")


def _profile(value: str) -> str:
    try:
        return check_profile_name(value)
    except ConfigurationError:
        raise ValueError("1 to 32 of the characters a-z, 0-9 and -") from None


def _file(value: Path) -> Path:
    if value.is_file():
        return value
    raise ValueError("the path of a readable file")


def _words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(word)) for word in value)
    except ValueError:
        raise ValueError("addresses or networks, such as 10.0.0.5 or 10.0.0.0/24") from None


Guid = Annotated[str, AfterValidator(_guid)]
Tenant = Annotated[str, AfterValidator(_tenant)]
ServiceUrl = Annotated[str, AfterValidator(_service_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
ProfileName = Annotated[str, AfterValidator(_profile)]
ExistingFile = Annotated[Path, AfterValidator(_file)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_networks)]


def is_served_to_others(host: str) -> bool:
    """True when a listener on `host` can be reached from another machine."""
    return not is_loopback(host)


class ClientEntry(BaseModel):
    """A client that the administrator registered: a `[[clients]]` table of the TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    secret: SecretStr | None = None
    secret_method: Literal["client_secret_post", "client_secret_basic"] = "client_secret_post"  # noqa: S105
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
