from __future__ import annotations

from typing import Any

import anyio
import pytest

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.email_config import Signature, UserEmailConfig, UserEmailConfigStore
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.identity.profile import ProfileStore
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.profiles import VaultProfiles
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.contract import ALICE, BOB


async def keep(configs: UserEmailConfigStore, user: UserKey, config: UserEmailConfig) -> None:
    await configs.change_config(user, lambda _: config)


async def test_mail_settings_are_kept_per_user(vault: CredentialVault) -> None:
    configs: UserEmailConfigStore = VaultEmailConfigs(vault)
    alice = UserEmailConfig(address="alice@contoso.example", time_zone="Tokyo Standard Time", mailbox_guid="g")
    await keep(configs, ALICE, UserEmailConfig(address="old@contoso.example"))
    await keep(configs, ALICE, alice)
    await keep(configs, BOB, UserEmailConfig(address="bob@contoso.example"))
    assert await configs.config_of(ALICE) == alice
    await configs.delete_config(ALICE)
    await configs.delete_config(ALICE)
    assert await configs.config_of(ALICE) is None
    assert await configs.config_of(BOB) == UserEmailConfig(address="bob@contoso.example")


async def test_of_several_changes_of_mail_settings_at_once_none_is_lost(vault: CredentialVault) -> None:
    configs = VaultEmailConfigs(vault)
    found = UserEmailConfig(address="alice@contoso.example")
    changes: list[dict[str, Any]] = [
        {"signature": Signature(content="A.")},
        {"time_zone": "Asia/Tokyo"},
        {"special_folders": {"j": "Junk"}},
    ]

    async def change(fields: dict[str, Any]) -> None:
        await configs.change_config(ALICE, lambda known: (known or found).model_copy(update=fields))

    async with anyio.create_task_group() as tasks:
        for fields in changes:
            tasks.start_soon(change, fields)
    kept = await configs.config_of(ALICE)
    assert kept == found.model_copy(update={name: value for fields in changes for name, value in fields.items()})


async def test_where_a_change_of_mail_settings_makes_nothing_nothing_is_kept(vault: CredentialVault) -> None:
    configs = VaultEmailConfigs(vault)
    assert await configs.change_config(ALICE, lambda known: known) is None
    assert await configs.config_of(ALICE) is None


async def test_a_signature_is_kept_and_a_record_from_before_there_were_any_is_read(vault: CredentialVault) -> None:
    configs = VaultEmailConfigs(vault)
    signed = UserEmailConfig(address="alice@contoso.example", signature=Signature(content="<p>A.</p>", is_html=True))
    await keep(configs, ALICE, signed)
    assert await configs.config_of(ALICE) == signed
    before = b'{"address":"alice@contoso.example","display_name":"Alice","time_zone":"UTC","mailbox_guid":"00"}'
    assert UserEmailConfig.model_validate_json(before).signature is None


async def test_a_profile_means_the_user_last_bound_to_it(vault: CredentialVault) -> None:
    profiles: ProfileStore = VaultProfiles(vault)
    assert await profiles.user_of("default") is None
    await profiles.bind_profile("work", ALICE)
    await profiles.bind_profile("default", ALICE)
    await profiles.bind_profile("default", BOB)
    await keep(VaultEmailConfigs(vault), ALICE, UserEmailConfig(address="alice@contoso.example"))
    assert await profiles.profiles() == {"default": BOB, "work": ALICE}
    await profiles.forget_profile("default")
    await profiles.forget_profile("default")
    assert await profiles.user_of("default") is None
    assert await profiles.profiles() == {"work": ALICE}


async def test_the_other_profiles_of_a_user_are_those_alone_that_are_bound_to_them(vault: CredentialVault) -> None:
    profiles = VaultProfiles(vault)
    for name, user in (("default", ALICE), ("work", ALICE), ("home", ALICE), ("laptop", BOB)):
        await profiles.bind_profile(name, user)
    caller = LocalCaller("default", profiles, lambda: 0.0)
    assert sorted(await caller.other_profiles_of(ALICE)) == ["home", "work"]
    assert await caller.other_profiles_of(BOB) == ("laptop",)


async def test_a_profile_of_another_shape_is_refused(vault: CredentialVault) -> None:
    with pytest.raises(ConfigurationError, match=r"profile is '\.\./etc'"):
        await VaultProfiles(vault).user_of("../etc")
