"""Who a mailbox and its credentials belong to."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, Self

Kind = Literal["entra", "issuer", "profile", "server"]

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# In the place of a tenant id, which is never such a word.
_ISSUER, _PROFILE, _SERVER = "oidc-", "local", "server"


@dataclass(frozen=True, slots=True, order=True)
class UserKey:
    """Entra tenant id and object id, or what stands for them. Everything of a user is stored under this key alone."""

    tid: str
    oid: str

    def __str__(self) -> str:
        return f"{self.tid}:{self.oid}"

    @classmethod
    def of_entra(cls, tid: object, oid: object) -> Self | None:
        """The user of these claims, in lower case; None when they are no ids of Entra.

        >>> str(UserKey.of_entra("9188040D-6C67-4C5B-B112-36A304B66DAD", "00000000-0000-0000-0000-00000000ABCD"))
        '9188040d-6c67-4c5b-b112-36a304b66dad:00000000-0000-0000-0000-00000000abcd'
        >>> UserKey.of_entra("contoso.example", None) is None
        True
        """
        if not (isinstance(tid, str) and isinstance(oid, str) and GUID.fullmatch(tid) and GUID.fullmatch(oid)):
            return None
        return cls(tid.lower(), oid.lower())

    @classmethod
    def of_issuer(cls, realm: str, subject: str) -> Self:
        """A user of another issuer than Entra ID. The subject is unique within `realm`.

        >>> UserKey.of_issuer("https://id.example.com", "alice")
        UserKey(tid='oidc-3d38e146cf9fbc8c', oid='alice')
        """
        return cls(f"{_ISSUER}{hashlib.sha256(realm.encode()).hexdigest()[:16]}", subject)

    @classmethod
    def of_profile(cls, name: str) -> Self:
        """The key under which records of a local profile itself are kept."""
        return cls(_PROFILE, name)

    @property
    def kind(self) -> Kind:
        """A person of Entra ID or of another issuer, a local profile, or the server itself."""
        if self.tid == _SERVER:
            return "server"
        if self.tid == _PROFILE:
            return "profile"
        return "issuer" if self.tid.startswith(_ISSUER) else "entra"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person whose identity an issuer's validated token proves.

    `address` and `display_name` are for display only: they change and are never keys.
    """

    user: UserKey
    address: str
    display_name: str


# The key under which a server keeps what belongs to no user yet, such as a sign-in in progress.
SERVER = UserKey(_SERVER, _SERVER)
