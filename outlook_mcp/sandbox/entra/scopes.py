"""Scope strings: OpenID Connect scopes, and permissions of one resource, written short or in full."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from outlook_mcp.sandbox.directory import App, Directory
from outlook_mcp.sandbox.entra.errors import EntraError

GRAPH = "https://graph.microsoft.com"
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
DEFAULT = ".default"
OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
API_PERMISSION = "access_as_user"

DEFAULT_MAIL_PERMISSIONS = ("Mail.Read", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.ReadWrite", "User.Read")
GRAPH_PERMISSIONS = (
    *DEFAULT_MAIL_PERMISSIONS,
    "Mail.ReadBasic",
    "Mail.Read.Shared",
    "Mail.ReadBasic.Shared",
    "Mail.ReadWrite.Shared",
    "Mail.Send.Shared",
    "MailboxFolder.Read",
    "MailboxFolder.ReadWrite",
    "MailboxItem.Read",
    "MailboxSettings.Read",
    "Calendars.Read",
    "Calendars.Read.Shared",
    "Calendars.ReadBasic",
    "Calendars.ReadWrite",
    "Calendars.ReadWrite.Shared",
    "Contacts.Read",
    "Contacts.Read.Shared",
    "Contacts.ReadWrite",
    "Contacts.ReadWrite.Shared",
    "Directory.Read.All",
    "Files.Read",
    "Files.Read.All",
    "Files.ReadWrite",
    "Files.ReadWrite.All",
    "IMAP.AccessAsUser.All",
    "Notes.Read",
    "Notes.ReadWrite",
    "People.Read",
    "Place.Read.All",
    "POP.AccessAsUser.All",
    "Presence.Read",
    "Sites.Read.All",
    "Sites.ReadWrite.All",
    "SMTP.Send",
    "Tasks.Read",
    "Tasks.ReadWrite",
    "User.Read.All",
    "User.ReadBasic.All",
    "User.ReadWrite",
)
_BY_LOWER_NAME = {name.lower(): name for name in GRAPH_PERMISSIONS}


def graph_permission(name: str) -> str | None:
    """The canonical name of a Graph permission in any case, short or in full."""
    return _BY_LOWER_NAME.get(name.lower().removeprefix(f"{GRAPH}/"))


@dataclass(frozen=True, slots=True)
class Permission:
    """`resource` is Graph or the client id of an API; `prefix` is how the client wrote it, "" when short.

    `stands_for` is the permission itself, or all that `.default` means at the resource.
    """

    resource: str
    name: str
    prefix: str
    stands_for: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.resource}/{self.name}"


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a client asked for."""

    openid: tuple[str, ...]
    permissions: tuple[Permission, ...]

    @property
    def offline(self) -> bool:
        return "offline_access" in self.openid

    @property
    def resource(self) -> str:
        """The one resource a token is for; Graph when only OpenID scopes were asked for."""
        resources = {permission.resource for permission in self.permissions}
        if len(resources) > 1:
            raise EntraError(28000, scope=" ".join(permission.full_name for permission in self.permissions))
        return resources.pop() if resources else GRAPH

    @property
    def prefix(self) -> str:
        return next((permission.prefix for permission in self.permissions if permission.prefix), "")

    @property
    def asks_default(self) -> bool:
        return any(permission.name == DEFAULT for permission in self.permissions)

    @property
    def defaults(self) -> frozenset[str]:
        """The names that `.default` stands for."""
        return frozenset(
            name for permission in self.permissions if permission.name == DEFAULT for name in permission.stands_for
        )

    def needing_consent(self) -> frozenset[str]:
        """OpenID scopes and full permission names; `.default` stands for what the app was registered with."""
        needed = set(self.openid)
        for permission in self.permissions:
            needed.update(f"{permission.resource}/{name}" for name in permission.stands_for)
        return frozenset(needed)

    def of_first_resource(self) -> Scopes:
        """The part one token can carry, where a code was asked for with several resources."""
        if not self.permissions:
            return self
        first = self.permissions[0].resource
        return Scopes(self.openid, tuple(permission for permission in self.permissions if permission.resource == first))

    def granted_scope(self, granted: Iterable[str]) -> str:
        """The `scope` of a token answer: permissions in the form they were asked for, then OpenID scopes."""
        names = [f"{self.prefix}{name}" for name in sorted(granted)]
        if self.asks_default:
            names.append(f"{self.prefix}{DEFAULT}")
        return " ".join([*names, *(scope for scope in self.openid if scope != "offline_access")])


def read_scopes(text: str, directory: Directory, *, app_name: str, tenant: str) -> Scopes:
    """Scopes of a request; raises the refusal of an unknown resource or permission."""
    openid, permissions = [], []
    for word in text.split():
        if word.lower() in OPENID_SCOPES:
            openid.append(word.lower())
        else:
            permissions.append(_permission(word, directory, app_name, tenant))
    ordered = tuple(scope for scope in OPENID_SCOPES if scope in openid)
    return Scopes(ordered, tuple(dict.fromkeys(permissions)))


def _permission(word: str, directory: Directory, app_name: str, tenant: str) -> Permission:
    prefix, name = _split(word)
    resource: str
    known: str | None
    defaults: tuple[str, ...]
    if prefix.rstrip("/").lower() in ("", GRAPH, GRAPH_APP_ID):
        resource, known, defaults = GRAPH, graph_permission(name), DEFAULT_MAIL_PERMISSIONS
    else:
        api = _api(prefix, directory)
        if api is None:
            raise EntraError(500011, resource=prefix.rstrip("/"), tenant=tenant)
        resource, defaults = api.client_id, api.exposes or (API_PERMISSION,)
        known = name if name in defaults else None
    if name.lower() == DEFAULT:
        return Permission(resource, DEFAULT, prefix, defaults)
    if known is None:
        shown = GRAPH_APP_ID if resource == GRAPH else resource
        raise EntraError(650053, name=app_name, scope=name, resource=shown)
    return Permission(resource, known, prefix, (known,))


def _split(word: str) -> tuple[str, str]:
    if "/" not in word:
        return "", word
    head, _, name = word.rpartition("/")
    return f"{head}/", name


def _api(prefix: str, directory: Directory) -> App | None:
    """The app an API's prefix names: `api://{client id}/` or the bare client id."""
    client_id = prefix.rstrip("/").lower().removeprefix("api://")
    try:
        app = directory.app(str(uuid.UUID(client_id)))
    except ValueError:
        return None
    return app if app is not None and app.kind == "web" else None
