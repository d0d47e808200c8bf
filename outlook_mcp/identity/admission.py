"""Who may use this server: tenants, domains and users, allowed or denied by configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from outlook_mcp.errors import Remedy, SignInRefused
from outlook_mcp.identity.user import UserKey

# `Admission.check_user`, or a function like it.
Admit = Callable[[UserKey, str], None]


class Admission:
    """Allow lists and deny lists. A denial wins; if any allow list has entries, only users on one of them are admitted.

    Tenants are tenant ids, domains are whole domains of mail addresses, users are `tenant id:object id` or an address.
    Addresses and domains concern users of an OpenID Connect issuer, which has verified the address. In tokens of
    Entra ID the address is `preferred_username`, which can change and is written by the tenant: it decides nothing.
    https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    """

    def __init__(
        self,
        *,
        allowed_tenants: Iterable[str] = (),
        allowed_domains: Iterable[str] = (),
        allowed_users: Iterable[str] = (),
        denied_tenants: Iterable[str] = (),
        denied_domains: Iterable[str] = (),
        denied_users: Iterable[str] = (),
    ) -> None:
        self._allowed = _AccountList(allowed_tenants, allowed_domains, allowed_users)
        self._denied = _AccountList(denied_tenants, denied_domains, denied_users)

    def check_user(self, user: UserKey, account: str) -> None:
        """Raises SignInRefused when the user with the address `account` may not use this server."""
        self.check_mailbox(user, account)
        if not self._allowed.is_empty and not self._allowed.contains(user, account):
            raise _refusal(f"The account {account or user} is not on an allow list of this server.")

    def check_mailbox(self, user: UserKey, account: str) -> None:
        """Raises SignInRefused when the mailbox may not be linked by a user who was let in: denials alone count."""
        if self._denied.contains(user, account):
            raise _refusal(f"The account {account or user} may not be used with this server.")


class _AccountList:
    def __init__(self, tenants: Iterable[str], domains: Iterable[str], users: Iterable[str]) -> None:
        users = tuple(user.strip() for user in users)
        self._tenants = _folded(tenants)
        self._domains = frozenset(domain.removeprefix("@") for domain in _folded(domains))
        self._users = _folded(users)
        # Subjects of another issuer than Entra ID may differ by case alone.
        self._subjects = frozenset(users)

    @property
    def is_empty(self) -> bool:
        return not (self._tenants or self._domains or self._users)

    def contains(self, user: UserKey, account: str) -> bool:
        address = account.lower() if user.kind == "issuer" else ""
        domain = address.rpartition("@")[2] if "@" in address else ""
        return (
            user.tid.lower() in self._tenants
            or (domain != "" and domain in self._domains)
            or str(user) in (self._subjects if user.kind == "issuer" else self._users)
            or (address != "" and address in self._users)
        )


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in words if word.strip())


def _refusal(message: str) -> SignInRefused:
    return SignInRefused(message, remedy=Remedy.ADMIT_ACCOUNT)
