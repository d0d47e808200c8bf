"""Dynamic client registration (RFC 7591), for clients without a metadata document.

Anybody can register, so few clients are stored before a user has allowed them. Those beyond carry their registration
sealed in their client_id: however many register, nobody is kept out and nothing more is stored.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

from mcp.server.auth.provider import RegistrationError
from mcp.shared.auth import DEFAULT_GRANT_TYPES, OAuthClientInformationFull
from pydantic import BaseModel

from outlook_mcp.errors import GenerationConflict, StoreUnavailable
from outlook_mcp.identity.user import SERVER
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.net.redirects import RedirectRefused, accepted_redirects
from outlook_mcp.text.characters import one_line
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.metadata import AUTH_METHODS
from outlook_mcp.web.authorization.sealed_text import SealedText
from outlook_mcp.web.http.rate_limits import is_over_limit

KIND = "client"
# Clients that no user has allowed yet: anybody can register one, so they are counted apart, and are small.
UNGRANTED_KIND = "ungranted_client"
STORED = "stored registrations"
LONGEST_NAME = 80
# An ungranted client is unknown after a day.
UNGRANTED_S = 86_400.0
WINDOW_S = 3600.0
MOST_BYTES = 4096
# A client that a user allowed is deleted when unused for this long; use renews that, at most once a day.
IDLE_S = 90 * 86_400.0
RENEWED_EVERY_S = 86_400.0
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
# Longer than those, and as long as what MOST_BYTES become when they are sealed.
_CARRYING_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{65,5600}")


class TooManyRegistrations(RegistrationError):
    """Answered with status 429; after `retry_after_s` seconds it may be tried again."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("invalid_client_metadata", "Too many clients registered. Try again later.")
        self.retry_after_s = max(1, ceil(retry_after_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationLimits:
    """Registrations an hour from one address, and how many clients are stored in a day before a user has allowed them.

    A whole company or all users of a hosted client may share an address.
    """

    per_address: int = 60
    ungranted: int = 600


class _Registration(BaseModel):
    """The stored record; `issued_at` and `ends_at` are Unix time in seconds."""

    client_name: str | None
    redirect_uris: list[str]
    token_endpoint_auth_method: str
    grant_types: list[str]
    client_secret: str | None
    client_secret_expires_at: int | None
    issued_at: int
    ends_at: float
    is_granted: bool = False


class Registrations:
    """Registered clients, in sealed records that all servers sharing the vault see. `clock` is Unix time in seconds."""

    def __init__(self, vault: CredentialVault, limits: RegistrationLimits, *, clock: UnixClock = unix_time) -> None:
        self._vault = vault
        self._limits = limits
        self._clock = clock
        self._carried = SealedText(vault.derive_key, purpose="client registrations", kind="sealed_registration")

    async def find_client(self, client_id: str) -> OAuthClient | None:
        """The client, whose registration this renews; None when it is unknown or was deleted."""
        if not (_CLIENT_ID.fullmatch(client_id) or _CARRYING_CLIENT_ID.fullmatch(client_id)):
            return None
        registration = await self._find_registration(KIND, client_id) or await self._find_ungranted(client_id)
        if registration is None:
            return None
        if self._renewed(registration) is not None:
            # Renewed at the same moment, or the store takes no writes: the client is valid all the same.
            with suppress(GenerationConflict, StoreUnavailable):
                await self._renew(client_id)
        return _client(client_id, registration)

    async def note_grant(self, client_id: str) -> None:
        """A user allowed the client, so it is kept longer; does nothing for an unknown client."""
        registration = await self._find_ungranted(client_id)
        if registration is None:
            return
        granted = registration.model_copy(update={"is_granted": True, "ends_at": self._clock() + IDLE_S})
        # Written before the other record is deleted, so that the client is known at every moment.
        await self._vault.update_record(_key(KIND, client_id), lambda present: None if present else _stored(granted))
        await self._vault.delete_record(_key(UNGRANTED_KIND, client_id))

    async def register(self, info: OAuthClientInformationFull, *, address: str) -> OAuthClient:
        """Stores a new client under `info.client_id`, if there is room: else it gets an id that carries what it is.

        Raises RegistrationError.
        """
        registration = self._checked(info)
        if not _CLIENT_ID.fullmatch(info.client_id):
            raise RegistrationError("invalid_client_metadata", "The client_id is not one of ours.")
        await self._count_registration(address)
        # Counted and not listed: a list makes a store look at all that it holds.
        if await self._vault.increment_counter(STORED, window_s=UNGRANTED_S) > self._limits.ungranted:
            return _client(await self._carried.seal_text(registration.model_dump_json().encode()), registration)
        try:
            new = _stored(registration)
            await self._vault.put_record(
                _key(UNGRANTED_KIND, info.client_id), new.value, expected_generation=None, expires_at=new.expires_at
            )
        except GenerationConflict:
            # A record that is there already is the answer, not a reason to write again.
            raise RegistrationError("invalid_client_metadata", "This client_id is taken.") from None
        return _client(info.client_id, registration)

    def _parsed(self, value: bytes | None) -> _Registration | None:
        """None when there is no registration or it has ended."""
        registration = None if value is None else _Registration.model_validate_json(value)
        return None if registration is None or registration.ends_at <= self._clock() else registration

    def _renewed(self, registration: _Registration) -> _Registration | None:
        """None when it need not be renewed."""
        ends_at = self._clock() + IDLE_S
        if not registration.is_granted or ends_at - registration.ends_at < RENEWED_EVERY_S:
            return None
        return registration.model_copy(update={"ends_at": ends_at})

    async def _find_registration(self, kind: str, client_id: str) -> _Registration | None:
        record = await self._vault.get_record(_key(kind, client_id))
        return self._parsed(None if record is None else record.value)

    async def _find_ungranted(self, client_id: str) -> _Registration | None:
        if _CARRYING_CLIENT_ID.fullmatch(client_id):
            return self._parsed(await self._carried.open_text(client_id))
        return await self._find_registration(UNGRANTED_KIND, client_id) if _CLIENT_ID.fullmatch(client_id) else None

    async def _renew(self, client_id: str) -> None:
        def renewed(value: bytes | None) -> NewValue | None:
            registration = self._parsed(value)
            changed = None if registration is None else self._renewed(registration)
            return None if changed is None else _stored(changed)

        await self._vault.update_record(_key(KIND, client_id), renewed)

    def _checked(self, info: OAuthClientInformationFull) -> _Registration:
        try:
            redirect_uris = accepted_redirects(info.redirect_uris or ())
        except RedirectRefused as refused:
            raise RegistrationError("invalid_redirect_uri", str(refused)) from None
        method = info.token_endpoint_auth_method or "none"
        _require(method in AUTH_METHODS, f"token_endpoint_auth_method must be one of {', '.join(AUTH_METHODS)}.")
        _require(method == "none" or bool(info.client_secret), f"{method} needs a secret.")
        _require("authorization_code" in info.grant_types, "grant_types must include authorization_code.")
        _require("code" in info.response_types, "response_types must include code.")
        is_public = method == "none"
        now = self._clock()
        registration = _Registration(
            client_name=one_line(info.client_name or "", LONGEST_NAME) or None,
            redirect_uris=[str(uri) for uri in redirect_uris],
            token_endpoint_auth_method=method,
            grant_types=[grant_type for grant_type in DEFAULT_GRANT_TYPES if grant_type in info.grant_types],
            client_secret=None if is_public else info.client_secret,
            client_secret_expires_at=None if is_public else info.client_secret_expires_at or 0,
            issued_at=int(now),
            ends_at=now + UNGRANTED_S,
        )
        is_small = len(registration.model_dump_json().encode()) <= MOST_BYTES
        _require(is_small, f"More than {MOST_BYTES} bytes of metadata: name fewer or shorter redirect URIs.")
        return registration

    async def _count_registration(self, address: str) -> None:
        """Raises TooManyRegistrations for an address that registers too many clients."""
        if await is_over_limit(self._vault, "register", address, self._limits.per_address, window_s=WINDOW_S):
            raise TooManyRegistrations(WINDOW_S)


def _stored(registration: _Registration) -> NewValue:
    return NewValue(registration.model_dump_json().encode(), registration.ends_at)


def _key(kind: str, client_id: str) -> RecordKey:
    carries = _CARRYING_CLIENT_ID.fullmatch(client_id)
    return RecordKey(SERVER, kind, hashlib.sha256(client_id.encode()).hexdigest() if carries else client_id)


def _client(client_id: str, registration: _Registration) -> OAuthClient:
    return OAuthClient.model_validate(
        {
            **registration.model_dump(exclude={"issued_at", "ends_at"}),
            "kind": "registered",
            "client_id": client_id,
            "client_id_issued_at": registration.issued_at,
        }
    )


def _require(holds: bool, description: str) -> None:
    if not holds:
        raise RegistrationError("invalid_client_metadata", description)
