"""Messages that wait for the time to be sent, kept for all servers: which draft, its check, and whose.

The record belongs to its user, and an entry of the server says only that the user has one. So nothing can be sent for a
user who was erased. Neither holds anything of the message but the id of its draft.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from outlook_mcp.errors import GenerationConflict, RecordBroken, Remedy
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.vault.records import NewValue, OpenRecord, RecordKey
from outlook_mcp.vault.vault import CredentialVault

_log = logging.getLogger(__name__)
KIND = "held_send"
# So long the account page tells of a message that was not sent.
_TOLD_S = 7 * 86_400.0

# `begun`: its POST may have been made. `stopped`: it was not sent, and will not be.
HeldState = Literal["waiting", "claimed", "begun", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSend:
    """A draft that `user` agreed to in this session, with the check of what they saw; times are Unix time in seconds.

    `claimed_until` is when another server may take it over from the one that claimed it. `reason` tells why it was
    stopped. `nonce` tells a draft that is held once more from the time before, which may have been taken back.
    """

    user: UserKey
    connection: ConnectionId | None
    session: str
    draft: str
    check: str
    due: float
    state: HeldState = "waiting"
    claimed_until: float = 0.0
    reason: str = ""
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def id(self) -> str:
        """One for each draft, so that no draft is held twice."""
        return held_send_id(self.draft)

    @property
    def revocable_name(self) -> str:
        """Another one each time that the draft is held."""
        return f"held send {self.nonce}"


def held_send_id(draft: str) -> str:
    """The id of the held message of this draft."""
    return hashlib.sha256(draft.encode()).hexdigest()[:32]


class VaultHeldSends:
    """The held messages of all users."""

    def __init__(self, vault: CredentialVault) -> None:
        self._vault = vault

    async def add_held(self, held: HeldSend) -> bool:
        """False when the draft is held already. One that was stopped before is replaced."""
        key, new = _key(held.user, held.id), _stored(held)
        present = await self._vault.get_record(key)
        open_one = _unrevoked(held.user, present)
        if open_one is not None and open_one.state != "stopped":
            return False
        # The entry first: one without a record is dropped when it is looked at, a record without entry would stay.
        entry = json.dumps({"tid": held.user.tid, "oid": held.user.oid}).encode()
        await self._vault.replace_record(_key(SERVER, held.id), entry, expires_at=new.expires_at)
        generation = None if present is None else present.generation
        try:
            await self._vault.put_record(key, new.value, expected_generation=generation, expires_at=new.expires_at)
        except GenerationConflict:
            return False
        return True

    async def find_held(self, user: UserKey, held_id: str) -> HeldSend | None:
        """None when it was sent, was taken back or never held."""
        return _unrevoked(user, await self._vault.get_record(_key(user, held_id)))

    async def change_held(self, held: HeldSend, change: Callable[[HeldSend], HeldSend | None]) -> HeldSend | None:
        """What is kept after `change`, when it gives something for what is kept now; None when it does not.

        No two callers on any server change the same state.
        """
        changed: HeldSend | None = None

        def apply(value: bytes | None) -> NewValue | None:
            nonlocal changed
            changed = None if value is None else change(_parsed(held.user, value))
            return None if changed is None else _stored(changed)

        await self._vault.update_record(_key(held.user, held.id), apply)
        return changed

    async def stop_held(self, held: HeldSend, reason: str) -> None:
        """Keeps for some days that it was not sent, and why."""
        await self.change_held(held, lambda present: replace(present, state="stopped", reason=reason))
        await self._vault.delete_record(_key(SERVER, held.id))

    async def revoke_held(self, held: HeldSend) -> None:
        """Forgets one that was taken back, for good: no row that is put back from a copy of the store is sent."""
        await self._vault.revoke_name(held.user, held.revocable_name)
        await self.remove_held(held)

    async def remove_held(self, held: HeldSend) -> None:
        """Forgets one that was sent."""
        await self._vault.delete_record(_key(held.user, held.id))
        await self._vault.delete_record(_key(SERVER, held.id))

    async def of_user(self, user: UserKey) -> list[HeldSend]:
        """The messages of the user that wait or were stopped, the next first."""
        ids = await self._vault.record_ids_of(user, KIND)
        found = [await self.find_held(user, held_id) for held_id in ids]
        return sorted((held for held in found if held is not None), key=lambda held: held.due)

    async def open_ones(self) -> list[HeldSend]:
        """The messages of all users that are not stopped."""
        found = []
        for held_id in await self._vault.record_ids_of(SERVER, KIND):
            try:
                held = await self._open_one(held_id)
            except RecordBroken as error:
                # Such as a row of an erased user that was put back: it holds up nobody else's.
                _log.warning("A held message cannot be read: %s", error.message)
            else:
                found += [] if held is None else [held]
        return found

    async def _open_one(self, held_id: str) -> HeldSend | None:
        entry = await self._vault.get_record(_key(SERVER, held_id))
        if entry is None:
            return None
        row = json.loads(entry.value)
        held = await self.find_held(UserKey(row["tid"], row["oid"]), held_id)
        if held is None or held.state == "stopped":
            await self._vault.delete_record(_key(SERVER, held_id))
            return None
        return held


def _key(user: UserKey, held_id: str) -> RecordKey:
    return RecordKey(user, KIND, held_id)


def _stored(held: HeldSend) -> NewValue:
    fields = {name: value for name, value in asdict(held).items() if name != "user"}
    return NewValue(json.dumps(fields).encode(), held.due + _TOLD_S)


def _parsed(user: UserKey, value: bytes) -> HeldSend:
    """Raises RecordBroken for one that a newer version holds: only that knows all that it is to look at."""
    try:
        return HeldSend(user=user, **json.loads(value))
    except (TypeError, ValueError):
        raise RecordBroken(
            "A message that waits to be sent was stored by another version of outlook-mcp.",
            remedy=Remedy.UPDATE_SERVER,
        ) from None


def _unrevoked(user: UserKey, record: OpenRecord | None) -> HeldSend | None:
    """None also for one that was taken back, whose row was put back since."""
    held = None if record is None else _parsed(user, record.value)
    if record is None or held is None or record.revoked.ends(held.revocable_name, epoch=record.revoked.epoch):
        return None
    return held
