"""`/authorize`: which requests go on to the consent page, and where errors are shown."""

from __future__ import annotations

import base64
import logging
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from outlook_mcp.web.http.rate_limits import RateLimits
from tests.web.authorization.replica import (
    BROWSER,
    CHALLENGE,
    PUBLIC,
    REDIRECT,
    URL,
    Replica,
    authorization,
    query_of,
    replica,
)
from tests.web.pages.person import link_of


async def test_a_good_request_goes_on_to_consent(server: Replica) -> None:
    answer = await server.authorize()
    location = answer.headers["location"]
    assert (answer.status_code, location.partition("?")[0]) == (302, f"{URL}/consent")
    assert list(query_of(location)) == ["request"]
    assert answer.headers["cache-control"] == "no-store"


async def test_the_sealed_request_holds_all_that_the_client_asked_for(server: Replica) -> None:
    handle = await server.asked(login_hint="alice@contoso.example", resource=f"{URL}/mcp/")
    request = await server.provider.pending_request(handle)
    assert request is not None
    assert request.model_dump() == {
        "client_id": "public-client",
        "client_name": "A Public Client",
        "client_kind": "configured",
        "redirect_uri": REDIRECT,
        "redirect_uri_provided_explicitly": True,
        "state": "a state",
        "code_challenge": CHALLENGE,
        "scopes": ("mail.read", "mail.write"),
        "resource": f"{URL}/mcp",
        "login_hint": "alice@contoso.example",
    }
    assert await server.provider.pending_request(handle) == request


async def test_a_flood_of_authorization_requests_stores_nothing(
    server: Replica, second: Replica, tmp_path: Path
) -> None:
    def stored() -> object:
        with closing(sqlite3.connect(tmp_path / "vault.db")) as database:
            return database.execute("SELECT count(*) FROM record").fetchone()

    before = stored()
    handles = [await server.asked(state=f"state {n}") for n in range(20)]
    requests = [await second.provider.pending_request(handle) for handle in handles]
    assert [request and request.state for request in requests] == [f"state {n}" for n in range(20)]
    assert stored() == before
    text = handles[0].get_secret_value()
    assert "client.example" not in base64.urlsafe_b64decode(text + "==").decode("latin-1")


async def test_a_sealed_request_that_was_changed_is_refused(server: Replica, tmp_path: Path) -> None:
    handle = (await server.asked()).get_secret_value()
    changed = [handle[:n] + ("A" if handle[n] != "A" else "B") + handle[n + 1 :] for n in range(0, len(handle), 40)]
    async with replica(tmp_path / "elsewhere") as elsewhere:
        foreign = (await elsewhere.asked()).get_secret_value()
    for text in (*changed, foreign, handle[:-4], handle + "AAAA", "é", ""):
        assert await server.provider.pending_request(SecretStr(text)) is None
        assert not await server.provider.bind(SecretStr(text), BROWSER)


async def test_a_request_may_come_by_post(server: Replica) -> None:
    answer = await server.post("/authorize", authorization())
    assert answer.headers["location"].startswith(f"{URL}/consent?request=")


async def test_the_login_hint_of_one_request_is_not_in_the_next(server: Replica) -> None:
    await server.asked(login_hint="alice@contoso.example")
    request = await server.provider.pending_request(await server.asked())
    assert request is not None
    assert request.login_hint is None


@pytest.mark.parametrize("hint", ["a b", "<script>", "x" * 321])
async def test_a_login_hint_that_is_no_sign_in_name_is_dropped(server: Replica, hint: str) -> None:
    request = await server.provider.pending_request(await server.asked(login_hint=hint))
    assert request is not None
    assert request.login_hint is None


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        (None, ("mail.read",)),
        ("offline_access", ("mail.read",)),
        ("openid profile", ("mail.read",)),
        ("mail.send mail.read settings Mail.Send offline_access", ("mail.read", "mail.send")),
    ],
)
async def test_unknown_scopes_are_dropped_and_reading_is_asked_for_when_none_is_left(
    server: Replica, scope: str | None, granted: tuple[str, ...]
) -> None:
    request = await server.provider.pending_request(await server.asked(scope=scope))
    assert request is not None
    assert request.scopes == granted


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "c" * 42}, "invalid_request"),
        ({"code_challenge": "c" * 129}, "invalid_request"),
        ({"code_challenge": "c" * 42 + "="}, "invalid_request"),
        ({"code_challenge": "c" * 42 + "é"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"resource": f"{URL}/mcp/other"}, "invalid_target"),
        ({"resource": URL}, "invalid_target"),
    ],
)
async def test_an_error_goes_back_to_the_client_with_state_and_issuer_when_the_user_follows_the_link(
    server: Replica, changes: dict[str, str | None], error: str
) -> None:
    answer = await server.authorize(**changes)
    assert answer.status_code == 400
    assert not {"location", "refresh"} & set(answer.headers)
    back = link_of(answer)
    assert back.startswith(f"{REDIRECT}?")
    told = query_of(back)
    assert (told["error"], told["state"], told["iss"]) == (error, "a state", URL)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": f"{REDIRECT}/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "no url"},
        {"redirect_uri": "https://evil.example/callback", "code_challenge": None},
        {"client_id": "<script>alert(1)</script>"},
        {"state": "two\r\nlines"},
    ],
)
async def test_an_error_is_shown_and_not_redirected_when_client_or_redirect_uri_is_wrong(
    server: Replica, changes: dict[str, str | None]
) -> None:
    answer = await server.authorize(**changes)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert link_of(answer) == ""
    assert answer.headers["cache-control"] == "no-store"
    assert "<h1>This sign-in cannot continue</h1>" in answer.text


@pytest.mark.parametrize("twice", ["redirect_uri", "client_id", "state", "scope", "resource", "nonsense"])
async def test_a_parameter_given_twice_is_refused(server: Replica, twice: str) -> None:
    pairs = [*authorization().items(), (twice, "one"), (twice, "one")]
    answer = await server.http.get("/authorize", params=tuple(pairs))
    assert answer.status_code == 400
    assert f"more than once: {'another parameter' if twice == 'nonsense' else twice}." in answer.text


async def test_no_words_of_a_link_stand_on_the_page_of_an_error(server: Replica) -> None:
    """Who clicks on it would take them for words of this server."""
    words = "Call 555 0100"
    for changed in (
        {words: "1"},
        *(
            {name: words}
            for name in ("client_id", "redirect_uri", "response_type", "code_challenge_method", "resource")
        ),
    ):
        pairs = [*{**authorization(), **changed}.items(), *([(words, "2")] if words in changed else [])]
        answer = await server.http.get(f"/authorize?{urlencode(pairs)}")
        assert answer.status_code == 400
        assert words not in re.sub(r'href="[^"]*"', "", answer.text)


async def test_a_parameter_without_a_value_counts_as_omitted(server: Replica) -> None:
    request = await server.provider.pending_request(await server.asked(state="", scope="", resource=""))
    assert request is not None
    assert (request.state, request.scopes) == (None, ("mail.read",))


async def test_a_state_of_more_than_two_kib_is_refused(server: Replica) -> None:
    assert (await server.authorize(state="s" * 2048)).status_code == 302
    assert (await server.authorize(state="é" * 1025)).status_code == 400
    refused = await server.http.post("/authorize", data=authorization(state="s" * 2049))
    assert (refused.status_code, "location" in refused.headers) == (400, False)
    assert "2048 bytes" in refused.text


async def test_an_address_that_is_too_long_is_refused(server: Replica) -> None:
    assert (await server.authorize(state="s" * 17_000)).status_code == 414


async def test_a_form_that_is_too_long_is_refused(server: Replica) -> None:
    assert (await server.post("/authorize", authorization(state="s" * 70_000))).status_code == 413


async def test_too_many_requests_from_one_address_are_refused_for_a_while(tmp_path: Path) -> None:
    async with replica(tmp_path, limits=RateLimits(authorize=2)) as server:
        answers = [await server.authorize() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[2].headers["retry-after"] == "60"


async def test_a_request_is_refused_while_the_store_is_unavailable(
    server: Replica, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await server.lose_store(tmp_path)
    answer = await server.authorize()
    assert answer.status_code == 503
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert str(tmp_path) not in answer.text
    assert PUBLIC.client_id not in answer.text


async def test_a_page_names_the_site_of_the_app_that_this_server_cannot_reach(
    server: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    """Not this server is out of order, and waiting helps nobody whose firewall keeps it from the site."""
    answer = await server.authorize(client_id="https://app.invalid/client.json")
    assert answer.status_code == 503
    assert "This server cannot read what app.invalid says of this app." in answer.text
    assert "tell the administrator of this server that it cannot reach app.invalid" in answer.text
    assert "OUTLOOK_MCP_CLIENT_DOCUMENTS=false" in caplog.text


async def test_an_unknown_handle_finds_no_request(server: Replica) -> None:
    assert await server.provider.pending_request(SecretStr("guess")) is None
