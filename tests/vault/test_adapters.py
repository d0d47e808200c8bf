from __future__ import annotations

import pytest

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.email_config import Signature, UserEmailConfig, UserEmailConfigStore
from outlook_mcp.identity.profile import ProfileStore
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.profiles import VaultProfiles
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.contract import ALICE, BOB


async def test_mail_settings_are_kept_per_user(vault: CredentialVault) -> None:
    configs: UserEmailConfigStore = VaultEmailConfigs(vault)
    alice = UserEmailConfig(address="alice@contoso.example", time_zone="Tokyo Standard Time", mailbox_guid="g")
    await configs.save_config(ALICE, UserEmailConfig(address="old@contoso.example"))
    await configs.save_config(ALICE, alice)
    await configs.save_config(BOB, UserEmailConfig(address="bob@contoso.example"))
    assert await configs.config_of(ALICE) == alice
    await configs.delete_config(ALICE)
    await configs.delete_config(ALICE)
    assert await configs.config_of(ALICE) is None
    assert await configs.config_of(BOB) == UserEmailConfig(address="bob@contoso.example")


async def test_a_signature_is_kept_and_a_record_from_before_there_were_any_is_read(vault: CredentialVault) -> None:
    configs = VaultEmailConfigs(vault)
    signed = UserEmailConfig(address="alice@contoso.example", signature=Signature(content="<p>A.</p>", is_html=True))
    await configs.save_config(ALICE, signed)
    assert await configs.config_of(ALICE) == signed
    before = b'{"address":"alice@contoso.example","display_name":"Alice","time_zone":"UTC","mailbox_guid":"00"}'
    assert UserEmailConfig.model_validate_json(before).signature is None


async def test_a_profile_means_the_user_last_bound_to_it(vault: CredentialVault) -> None:
    profiles: ProfileStore = VaultProfiles(vault)
    assert await profiles.user_of("default") is None
    await profiles.bind_profile("work", ALICE)
    await profiles.bind_profile("default", ALICE)
    await profiles.bind_profile("default", BOB)
    await VaultEmailConfigs(vault).save_config(ALICE, UserEmailConfig(address="alice@contoso.example"))
    assert await profiles.profiles() == {"default": BOB, "work": ALICE}
    await profiles.forget_profile("default")
    await profiles.forget_profile("default")
    assert await profiles.user_of("default") is None
    assert await profiles.profiles() == {"work": ALICE}


async def test_a_profile_of_another_shape_is_refused(vault: CredentialVault) -> None:
    with pytest.raises(ConfigurationError, match=r"profile is '\.\./etc'"):
        await VaultProfiles(vault).user_of("../etc")
