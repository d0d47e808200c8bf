"""The site takes what Microsoft Graph tells of new mail where that is wanted, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web.http.notices import NOTICES_PATH
from tests.web.site.served import Served, served


async def test_notices_are_taken_only_where_they_are_wanted(sandbox: Sandbox, site: Served, tmp_path: Path) -> None:
    asked = {"validationToken": "Validation: a+b"}
    assert (await site.http.post(NOTICES_PATH, params=asked)).status_code == 404
    async with served(sandbox, tmp_path, change_notifications=True) as told:
        assert (await told.http.post(NOTICES_PATH, params=asked)).text == asked["validationToken"]
        assert (await told.http.post(NOTICES_PATH, json={"value": [{"clientState": "guessed"}]})).status_code == 202


async def test_a_form_of_another_site_puts_no_words_at_our_address(sandbox: Sandbox, tmp_path: Path) -> None:
    """As the token of a validation, which is answered as it came; Graph is no browser."""
    asked = {"validationToken": "Call 555 0100"}
    async with served(sandbox, tmp_path, change_notifications=True) as told:
        for site in ("cross-site", "same-site", "none"):
            answer = await told.http.post(NOTICES_PATH, params=asked, headers={"Sec-Fetch-Site": site})
            assert (answer.status_code, "555" in answer.text) == (400, False)
