"""What a person at a browser reads of the server's own failures."""

from __future__ import annotations

import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.web.pages.links import LinkFailure
from outlook_mcp.web.pages.page import refusal_for


def test_neither_a_page_nor_a_link_names_a_file_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    error = StoreUnavailable("The vault /data/vault.db is locked by another process.")
    page = bytes(refusal_for(error).page().body).decode()
    assert "/data" not in page
    assert "administrator of this server" in page
    assert "/data" not in LinkFailure.from_error(error).message
    assert "/data/vault.db" in caplog.text
