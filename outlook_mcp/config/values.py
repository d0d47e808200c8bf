"""The types of settings: each checks a value and says in its ValueError what is expected."""

from __future__ import annotations

import json
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr
from pydantic_settings import NoDecode

from outlook_mcp.audit.syslog_copy import syslog_address
from outlook_mcp.config.certificates import check_authorities, check_key_pair
from outlook_mcp.config.master_key import check_master_key
from outlook_mcp.config.permissions import check_permissions
from outlook_mcp.config.reading import is_path, without_tilde
from outlook_mcp.config.store import check_store_address
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.profile import check_profile_name
from outlook_mcp.identity.user import GUID
from outlook_mcp.net.addresses import is_protected, origin

_SERVICE = "an https:// address (http:// for this machine only), without user name, query or fragment"
_ORIGIN = (
    "the origin that clients reach, such as https://mail.example.com (http:// for this machine only), "
    "an international name as xn--"
)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
# A tenant of Entra ID, or the digest that stands for another issuer (see UserKey.of_issuer).
_REALM = re.compile(rf"{GUID.pattern}|oidc-[0-9a-f]{{16}}", re.IGNORECASE)
_MAIL_DOMAIN = re.compile(r"@?([a-z0-9-]+\.)+[a-z0-9-]+", re.IGNORECASE)
_USER = re.compile(
    rf"{GUID.pattern}:{GUID.pattern}|oidc-[0-9a-f]{{16}}:[!-~]{{1,255}}|[^\s:@]+@[^\s:@]+", re.IGNORECASE
)


def _guid(value: str) -> str:
    if not GUID.fullmatch(value):
        raise ValueError("the application (client) id of the Entra app registration, a GUID")
    return value.lower()


def _host(value: str) -> str:
    if not _HOST.fullmatch(value.lower()):
        raise ValueError("an address of this machine or a name of it, without a port, which has a setting of its own")
    return value


def _tenant(value: str) -> str:
    value = value.lower()
    if value in ("common", "organizations", "consumers") or GUID.fullmatch(value) or _DOMAIN.fullmatch(value):
        return value
    raise ValueError("a tenant id, a domain, or one of common, organizations, consumers")


def _service_url(value: str) -> str:
    _parts(value, _SERVICE)
    return value.rstrip("/")


def _authority(value: str) -> str:
    if _parts(value, _SERVICE).path not in ("", "/"):
        raise ValueError(f"{_SERVICE}, and without a path: the tenant has a setting of its own")
    return value.rstrip("/")


def _issuer_url(value: str) -> str:
    _service_url(value)
    # Issuers are compared character by character, so a trailing slash is kept.
    return value


def _public_url(value: str) -> str:
    """Normalized as clients send it in `Host` and compare it: in lower case, without the scheme's default port."""
    parts = _parts(value, _ORIGIN)
    scheme, host, port = origin(value)
    if parts.path not in ("", "/") or not _HOST.fullmatch(host):
        raise ValueError(_ORIGIN)
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if port is None else f"{scheme}://{name}:{port}"


def _parts(url: str, expected: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(expected) from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("an address whose port, if it has one, is 1 to 65535")
    if not is_protected(url) or parts.query or parts.fragment:
        raise ValueError(expected)
    return parts


def _proxy_url(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        is_address = parts.scheme == "http" and bool(parts.hostname) and parts.path in ("", "/") and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError("the address of an HTTP proxy, such as http://proxy.example.com:3128")
    return value


def _profile(value: str) -> str:
    try:
        return check_profile_name(value)
    except ConfigurationError:
        raise ValueError("1 to 32 of the characters a-z, 0-9 and -") from None


def _without_tilde(value: Path) -> Path:
    """Raises ValueError for the home of a user that there is not, and for what is no path."""
    if not is_path(value):
        raise ValueError("a path, not what stands in a file")
    path = without_tilde(value)
    if str(path).startswith("~"):
        raise ValueError(f"a path: {path.parts[0]} is the home of no user of this machine")
    return path


def _file(value: Path) -> Path:
    value = _without_tilde(value)
    if os.path.isfile(value) and os.access(value, os.R_OK):
        return value
    raise ValueError("the path of a readable file")


def _not_empty(value: object) -> object:
    if value == "":
        raise ValueError("a folder that can be written, or made")
    return value


def _folder(value: Path) -> Path:
    """The absolute path. It is not created yet, so its nearest existing parent must be writable."""
    value = _without_tilde(value).absolute()
    existing = next(folder for folder in (value, *value.parents) if os.path.exists(folder))
    if os.path.isdir(existing) and os.access(existing, os.W_OK | os.X_OK):
        return value
    raise ValueError(f"a folder that can be written, or made: {existing} is none")


def _paths(value: object) -> object:
    """Written in one variable as the system writes its search path."""
    return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value


def _folders(values: tuple[Path, ...]) -> tuple[Path, ...]:
    """The absolute paths of folders that are there, none of them the whole disk."""
    folders = tuple(_without_tilde(value).absolute() for value in values)
    for folder in folders:
        if not os.path.isdir(folder) or folder.resolve().parent == folder.resolve():
            raise ValueError(f"folders that are there ({str(folder)!r} is none), and not the whole disk")
    return folders


def _file_path(value: Path) -> Path:
    """The absolute path of a file that need not exist yet; its folder must be writable."""
    value = _without_tilde(value).absolute()
    if os.path.isdir(value) or not os.access(value.parent, os.W_OK | os.X_OK):
        raise ValueError("the path of a file in a folder that can be written")
    return value


def _syslog(value: str) -> str:
    syslog_address(value)
    return value


def _words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _tables(value: object) -> object:
    """The tables of the file, which a variable holds as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("a list of clients, in a variable as JSON") from None
    if isinstance(value, dict):
        raise ValueError("a list: in the file a table headed [[clients]] for each")
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        networks = [ip_network(word) for word in value]
    except ValueError:
        networks = []
    # A network of all addresses would let every client forge its address in a forwarded header.
    if len(networks) < len(value) or not all(network.prefixlen for network in networks):
        raise ValueError("addresses or networks, such as 10.0.0.5 or 10.0.0.0/24")
    return tuple(map(str, networks))


def _issuers(words: tuple[str, ...]) -> tuple[str, ...]:
    if not all(is_protected(word) for word in words):
        raise ValueError("https:// addresses (http:// for this machine only)")
    return words


def _redirect_domains(words: tuple[str, ...]) -> tuple[str, ...]:
    domains = () if words == ("none",) else tuple(word.lower() for word in words)
    if not all(_MAIL_DOMAIN.fullmatch(domain) and "@" not in domain for domain in domains):
        raise ValueError("domains, such as example.com, or the word none")
    return domains


def _each(form: re.Pattern[str], expected: str) -> AfterValidator:
    """Checks every word: a mistyped one would silently allow or deny nobody."""

    def check(words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if not form.fullmatch(word):
                raise ValueError(f"{expected} ({word!r} is none)")
        return words

    return AfterValidator(check)


Guid = Annotated[str, AfterValidator(_guid)]
HostName = Annotated[str, AfterValidator(_host)]
Tenant = Annotated[str, AfterValidator(_tenant)]
ServiceUrl = Annotated[str, AfterValidator(_service_url)]
AuthorityUrl = Annotated[str, AfterValidator(_authority)]
IssuerUrl = Annotated[str, AfterValidator(_issuer_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
ProxyUrl = Annotated[SecretStr, AfterValidator(_proxy_url)]
ProfileName = Annotated[str, AfterValidator(_profile)]
DataFolder = Annotated[Path, BeforeValidator(_not_empty), AfterValidator(_folder)]
FilePath = Annotated[Path, AfterValidator(_file_path)]
Folders = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths), AfterValidator(_folders)]
ExistingFile = Annotated[Path, AfterValidator(_file)]
Authorities = Annotated[Path, AfterValidator(_file), AfterValidator(check_authorities)]
KeyPair = Annotated[Path, AfterValidator(_file), AfterValidator(check_key_pair)]
Permissions = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(check_permissions)]
MasterKey = Annotated[SecretStr, AfterValidator(check_master_key)]
StoreAddress = Annotated[SecretStr, AfterValidator(check_store_address)]
SyslogAddress = Annotated[str, AfterValidator(_syslog)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Issuers = Annotated[Words, AfterValidator(_issuers)]
GrantType = Literal["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"]
Tenants = Annotated[Words, _each(_REALM, "tenant ids, as the Entra admin center shows them")]
MailDomains = Annotated[Words, _each(_MAIL_DOMAIN, "mail domains, such as example.com")]
RedirectDomains = Annotated[Words, AfterValidator(_redirect_domains)]
Users = Annotated[Words, _each(_USER, "mail addresses, or tenant:object as `users list` shows them")]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_networks)]


def platform_token_file() -> Path | None:
    """The token file that Azure's workload identity sets in the environment; None without one."""
    named = os.environ.get("AZURE_FEDERATED_TOKEN_FILE")
    return Path(named) if named else None


class ClientEntry(BaseModel):
    """A client that the administrator registered: a `[[clients]]` table of the TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    secret: SecretStr | None = None
    secret_method: Literal["client_secret_post", "client_secret_basic"] = "client_secret_post"  # noqa: S105
    grant_types: tuple[GrantType, ...] = ("authorization_code", "refresh_token")


Clients = Annotated[tuple[ClientEntry, ...], NoDecode, BeforeValidator(_tables)]
