"""Who is signed in under which local profile, kept as sealed records."""

from __future__ import annotations

import json

from outlook_mcp.identity.profile import profile_of, profile_owner
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault


class VaultProfiles:
    """A `ProfileStore`: one record for each profile."""

    def __init__(self, vault: CredentialVault) -> None:
        self._vault = vault

    async def user_of(self, profile: str) -> UserKey | None:
        record = await self._vault.get_record(_record(profile))
        return None if record is None else UserKey(*json.loads(record.value))

    async def bind_profile(self, profile: str, user: UserKey) -> None:
        await self._vault.replace_record(_record(profile), json.dumps([user.tid, user.oid]).encode())

    async def forget_profile(self, profile: str) -> None:
        await self._vault.erase_user(profile_owner(profile))

    async def profiles(self) -> dict[str, UserKey]:
        names = (profile_of(owner) for owner in await self._vault.users())
        users = {name: await self.user_of(name) for name in names if name is not None}
        return {name: user for name, user in users.items() if user is not None}


def _record(profile: str) -> RecordKey:
    return RecordKey(profile_owner(profile), "profile", "user")
