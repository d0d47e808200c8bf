"""Users whom an administrator keeps out, as sealed records of the server that all of its replicas read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from cachetools import FIFOCache

from outlook_mcp.errors import Remedy, SignInRefused, StoreUnavailable
from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "blocked_user"
# A blocked user is refused on every server after this long.
LIFETIME_S = 5.0
_MOST_USERS = 4096


@dataclass(frozen=True, slots=True)
class BlockedUser:
    """`addresses` are those that were known when the user was blocked, for showing."""

    user: UserKey
    addresses: tuple[str, ...] = ()


class BlockedUsers:
    """The list of blocked users. An answer about one user is used for 5 seconds before the store is asked again."""

    def __init__(self, vault: CredentialVault, *, clock: MonotonicClock = seconds_since_boot) -> None:
        self._vault = vault
        self._clock = clock
        self._known: FIFOCache[UserKey, tuple[bool, float]] = FIFOCache(_MOST_USERS)

    async def block_user(self, user: UserKey, addresses: Sequence[str] = ()) -> None:
        """Keeps the user out until `unblock_user`."""
        value = json.dumps({"tid": user.tid, "oid": user.oid, "addresses": list(addresses)}).encode()
        await self._vault.replace_record(_key(user), value)
        self._known.pop(user, None)

    async def unblock_user(self, user: UserKey) -> bool:
        """False when the user was not blocked."""
        self._known.pop(user, None)
        return await self._vault.delete_record(_key(user))

    async def blocked_users(self) -> list[BlockedUser]:
        """Everybody who is blocked, in the order of their keys."""
        ids = await self._vault.record_ids_of(SERVER, KIND)
        records = [await self._vault.get_record(RecordKey(SERVER, KIND, record_id)) for record_id in ids]
        fields = [json.loads(record.value) for record in records if record is not None]
        blocked = [BlockedUser(UserKey(row["tid"], row["oid"]), tuple(row["addresses"])) for row in fields]
        return sorted(blocked, key=lambda row: row.user)

    async def is_blocked(self, user: UserKey) -> bool:
        """Whether the user is blocked, as the store said at most 5 seconds ago.

        While the store cannot be reached, nobody can be blocked there, so its last answer holds. Raises
        StoreUnavailable when it has given none.
        """
        known = self._known.get(user)
        asked_at = self._clock()
        if known is not None and asked_at < known[1]:
            return known[0]
        try:
            is_blocked = await self._vault.get_record(_key(user)) is not None
        except StoreUnavailable:
            if known is None:
                raise
            return known[0]
        self._known[user] = is_blocked, asked_at + LIFETIME_S
        return is_blocked

    async def refuse_blocked(self, user: UserKey, address: str) -> None:
        """Raises SignInRefused for a blocked user, who is told the `address`, if it is known."""
        if await self.is_blocked(user):
            account = f"The account {address}" if address else "Your account"
            raise SignInRefused(f"{account} is blocked on this server.", remedy=Remedy.ADMIT_ACCOUNT)


def _key(user: UserKey) -> RecordKey:
    return RecordKey(SERVER, KIND, hashlib.sha256(str(user).encode()).hexdigest()[:32])
