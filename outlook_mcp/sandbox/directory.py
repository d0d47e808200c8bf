"""The tenants, users and apps of the sandbox, and the consents of users."""

from __future__ import annotations

import json
import secrets
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

PUBLIC_CLIENT_ID = "6f1c1b52-0c3e-4f1e-9a55-3b1d3f0c7a01"
CONFIDENTIAL_CLIENT_ID = "b4a2d7c8-5e91-4c36-8d0f-9e6a2c4b8f02"
NATIVE_CLIENT_REDIRECT = "https://login.microsoftonline.com/common/oauth2/nativeclient"
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_COLLEAGUES = uuid.UUID("5d0c8c1e-63a2-4f0b-9d57-c0a1f4e29a07")
POLICY_CODES = frozenset({50076, 50078, 50079, 53003, 70043})

AppKind = Literal["native", "web", "spa"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """`tid` is a GUID; `domain` is that of its users' addresses."""

    tid: str
    domain: str
    display_name: str


@dataclass(frozen=True, slots=True)
class User:
    """`tid` and `oid` are GUIDs; `upn` is the user principal name, here also the mail address."""

    tid: str
    oid: str
    upn: str
    display_name: str


CONTOSO = Tenant("2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001", "contoso.example", "Contoso")
FABRIKAM = Tenant("7c9d0e4a-3b52-4f68-a1d7-4e8c6b2f9002", "fabrikam.example", "Fabrikam")
# Where all personal accounts live; the id is the same everywhere.
CONSUMERS = Tenant("9188040d-6c67-4c5b-b112-36a304b66dad", "freemail.example", "Personal accounts")

TENANTS = (CONTOSO, FABRIKAM, CONSUMERS)
USERS = (
    User(CONTOSO.tid, "a1c5d2e0-6b3f-4a17-8e94-0d2b7c6f1001", "alice@contoso.example", "Alice Archer"),
    User(CONTOSO.tid, "b2d6e3f1-7c40-4b28-9fa5-1e3c8d702002", "bob@contoso.example", "Bob Brandt"),
    User(CONTOSO.tid, "c3e7f402-8d51-4c39-a0b6-2f4d9e813003", "carol@contoso.example", "Carol Castellano"),
    User(FABRIKAM.tid, "d4f80513-9e62-4d4a-b1c7-305eaf924004", "dave@fabrikam.example", "Dave Duarte"),
    User(FABRIKAM.tid, "e5091624-af73-4e5b-82d8-416fb0a35005", "erin@fabrikam.example", "Erin Eriksen"),
    User(CONSUMERS.tid, "00000000-0000-0000-6a2b-527c1b46006f", "frida.falk@freemail.example", "Frida Falk"),
)


def colleagues(count: int) -> tuple[User, ...]:
    """More users at Contoso, so many, who are the same at every start."""
    return tuple(
        User(CONTOSO.tid, str(uuid.uuid5(_COLLEAGUES, str(number))), f"user{number}@{CONTOSO.domain}", f"User {number}")
        for number in range(1, count + 1)
    )


@dataclass(frozen=True, slots=True)
class FederatedCredential:
    """Tokens of this issuer for this subject stand for the app; `jwks` holds the issuer's keys (RFC 7517)."""

    issuer: str
    subject: str
    jwks: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class App:
    """A registered application; `trusted` means an administrator consented for everybody.

    An app of the kind `web` proves itself by its secret, its certificate (PEM) or a federated credential. `exposes` are
    the scopes of its own API.
    """

    client_id: str
    name: str
    kind: AppKind
    redirect_uris: tuple[str, ...]
    secret: SecretStr | None = None
    trusted: bool = False
    certificate: str | None = None
    federated: FederatedCredential | None = None
    exposes: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.kind != "web"

    def accepts_redirect(self, uri: str) -> bool:
        """Exact match; for `http` loopback addresses of a native app the port is free (RFC 8252, 7.3)."""
        if uri in self.redirect_uris:
            return True
        return self.kind == "native" and any(_same_loopback(known, uri) for known in self.redirect_uris)


def _same_loopback(known: str, asked: str) -> bool:
    try:
        left, right = urlsplit(known), urlsplit(asked)
        # Reading the port raises ValueError where it is none.
        foreign = right.port == 0 or right.username is not None or bool(right.fragment)
    except ValueError:
        return False
    loopback = left.scheme == right.scheme == "http" and right.hostname in LOOPBACK_HOSTS
    same_path = left.path == "/*" or (left.path or "/") == (right.path or "/")
    return loopback and left.hostname == right.hostname and same_path and not foreign


class Directory:
    """Tenants and users are fixed; apps and consents live in the given SQLite database."""

    def __init__(self, database: sqlite3.Connection, users: Sequence[User] = USERS) -> None:
        self._database = database
        self._users = users
        self._users_by_name = {name: user for user in users for name in (user.oid, user.upn)}
        self._requirements: dict[str, int] = {}
        database.execute(
            "CREATE TABLE IF NOT EXISTS directory_app"
            " (client_id TEXT PRIMARY KEY, name TEXT, kind TEXT, redirect_uris TEXT, secret TEXT, trusted INTEGER)"
        )
        database.execute(
            "CREATE TABLE IF NOT EXISTS directory_app_api"
            " (client_id TEXT PRIMARY KEY, certificate TEXT, federated TEXT, exposes TEXT)"
        )
        database.execute(
            "CREATE TABLE IF NOT EXISTS directory_consent"
            " (client_id TEXT, oid TEXT, scope TEXT, PRIMARY KEY (client_id, oid, scope))"
        )
        self._register_own_apps()

    @property
    def users(self) -> Sequence[User]:
        return self._users

    def tenant(self, name: str) -> Tenant | None:
        """A tenant by its id or domain."""
        return next((tenant for tenant in TENANTS if name.lower() in (tenant.tid, tenant.domain)), None)

    def user(self, name: str) -> User | None:
        """A user by object id or user principal name."""
        return self._users_by_name.get(name.lower())

    def app(self, client_id: str) -> App | None:
        row = self._database.execute(
            "SELECT client_id, name, kind, redirect_uris, secret, trusted, certificate, federated, exposes"
            " FROM directory_app LEFT JOIN directory_app_api USING (client_id) WHERE client_id = ?",
            (client_id.lower(),),
        ).fetchone()
        if row is None:
            return None
        found, name, kind, redirect_uris, secret, trusted, certificate, federated, exposes = row
        return App(
            found,
            name,
            kind,
            tuple(redirect_uris.split()),
            None if secret is None else SecretStr(secret),
            bool(trusted),
            certificate,
            FederatedCredential(**json.loads(federated)) if federated else None,
            tuple((exposes or "").split()),
        )

    def register(
        self,
        name: str,
        redirect_uris: Iterable[str],
        *,
        kind: AppKind = "native",
        secret: SecretStr | None = None,
        certificate: str | None = None,
        federated: FederatedCredential | None = None,
        exposes: Iterable[str] = (),
    ) -> App:
        """A new app that nobody has consented to yet."""
        app = App(
            str(uuid.uuid4()),
            name,
            kind,
            tuple(redirect_uris),
            secret,
            certificate=certificate,
            federated=federated,
            exposes=tuple(exposes),
        )
        self._save_app(app)
        return app

    def consented(self, app: App, user: User) -> frozenset[str]:
        """The full scope names the user accepted for the app; a trusted app needs none."""
        rows = self._database.execute(
            "SELECT scope FROM directory_consent WHERE client_id = ? AND oid = ?", (app.client_id, user.oid)
        )
        return frozenset(scope for (scope,) in rows)

    def consent(self, app: App, user: User, scopes: Iterable[str]) -> None:
        self._database.executemany(
            "INSERT OR IGNORE INTO directory_consent VALUES (?, ?, ?)",
            [(app.client_id, user.oid, scope) for scope in scopes],
        )

    def withdraw_consent(self, app: App, user: User) -> None:
        self._database.execute(
            "DELETE FROM directory_consent WHERE client_id = ? AND oid = ?", (app.client_id, user.oid)
        )

    def require(self, user: User, aadsts: int) -> None:
        """From now on tokens are refused with this code of conditional access."""
        if aadsts not in POLICY_CODES:
            raise ValueError(f"{aadsts} is none of {sorted(POLICY_CODES)}")
        self._requirements[user.oid] = aadsts

    def requirement(self, user: User) -> int | None:
        return self._requirements.get(user.oid)

    def satisfy(self, user: User) -> None:
        """The user did what was required while signing in."""
        self._requirements.pop(user.oid, None)

    def reset(self) -> None:
        """Forget every app, consent and requirement that was added since the start."""
        self._requirements.clear()
        self._database.execute("DELETE FROM directory_app WHERE NOT trusted")
        self._database.execute("DELETE FROM directory_app_api")
        self._database.execute("DELETE FROM directory_consent")

    def _register_own_apps(self) -> None:
        loopback = tuple(f"http://{host}/*" for host in ("localhost", "127.0.0.1", "[::1]"))
        self._save_app(
            App(
                PUBLIC_CLIENT_ID,
                "Sandbox desktop app",
                "native",
                (*loopback, NATIVE_CLIENT_REDIRECT),
                trusted=True,
            )
        )
        self._save_app(
            App(
                CONFIDENTIAL_CLIENT_ID,
                "Sandbox web app",
                "web",
                ("http://localhost:8000/oauth/callback", "http://127.0.0.1:8000/oauth/callback"),
                SecretStr(secrets.token_urlsafe(30)),
                trusted=True,
            )
        )

    def _save_app(self, app: App) -> None:
        secret = None if app.secret is None else app.secret.get_secret_value()
        self._database.execute(
            "INSERT OR IGNORE INTO directory_app VALUES (?, ?, ?, ?, ?, ?)",
            (app.client_id, app.name, app.kind, " ".join(app.redirect_uris), secret, app.trusted),
        )
        federated = json.dumps(asdict(app.federated)) if app.federated else None
        self._database.execute(
            "INSERT OR IGNORE INTO directory_app_api VALUES (?, ?, ?, ?)",
            (app.client_id, app.certificate, federated, " ".join(app.exposes)),
        )
