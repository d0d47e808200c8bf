"""A sign-in with a code that is entered on another device."""

from __future__ import annotations

import httpx
import pytest

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.errors import SignInRefused
from tests.oauth.components import ALICE, Components


async def test_a_device_signs_in_with_a_code(components: Components) -> None:
    sign_in = await components.manager.begin_device()
    assert sign_in is await components.manager.begin_device()
    assert sign_in.user_code
    async with httpx.AsyncClient(trust_env=False) as browser:
        await browser.post(sign_in.url, data={"user_code": sign_in.user_code, "user": ALICE})
    assert (await sign_in.wait(10)).address == ALICE


async def test_the_start_and_the_end_of_a_sign_in_with_a_device_are_on_record(components: Components) -> None:
    sign_in = await components.manager.begin_device()
    assert [record["tag"] for record in last_records(components.audit.path, 9)] == [AuditTag.SIGN_IN_STARTED]
    async with httpx.AsyncClient(trust_env=False) as browser:
        await browser.post(sign_in.url, data={"user_code": sign_in.user_code, "user": ALICE})
    connection = await sign_in.wait(10)
    ended = last_records(components.audit.path, 9)[-1]
    assert (ended["tag"], ended["user"]) == (AuditTag.SIGNED_IN, str(connection.owner))


async def test_a_device_sign_in_can_be_declined(components: Components) -> None:
    sign_in = await components.manager.begin_device()
    async with httpx.AsyncClient(trust_env=False) as browser:
        await browser.post(sign_in.url, data={"user_code": sign_in.user_code, "decision": "cancel"})
    with pytest.raises(SignInRefused):
        await sign_in.wait(10)
