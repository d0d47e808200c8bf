"""Hostile input of clients, other sites and unknown users: nothing of it runs, hides, changes or frames anything."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from outlook_mcp.errors import SignInRefused
from outlook_mcp.web.http.request_origin import RequestOrigin, request_origin
from outlook_mcp.web.pages.page import LARGEST_FORM
from outlook_mcp.web.pages.rendering import HEADERS, STYLE_PATH, checked_destination, forwarding_page, render
from tests.web.pages.person import SECURITY_HEADERS, Person
from tests.web.pages.site import ALICE, Site, handle_of

PATHS_OF_FORMS = (
    "/consent",
    "/connect",
    "/sign-in",
    "/sign-out",
    "/account/sessions/end",
    "/account/sessions/end-all",
    "/account/mailboxes/add",
    "/account/mailboxes/default",
    "/account/mailboxes/rename",
    "/account/mailboxes/disconnect",
)
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;",
    "</title><h1>Hacked</h1>",
)


async def test_csrf_a_form_without_the_token_of_the_page_is_refused(person: Person, office: Site) -> None:
    caller = await office.granted(ALICE)
    page = await person.sign_in(ALICE)
    token = page.form("Sign out").fields["csrf"]
    about = caller.session.id
    wrong = ("", "0" * 64, "ü", token, token.upper())
    for path, csrf in itertools.product(PATHS_OF_FORMS, wrong):
        refused = await person.send(path, {"about": about, "csrf": csrf, "decision": "allow", "name": "x"})
        assert refused.status == 403
        assert "out of date" in refused.words
    assert await office.sessions.sessions_of(caller.user) == (caller.session,)


async def test_csrf_the_token_of_another_browser_is_refused(person: Person, other_person: Person, office: Site) -> None:
    page = await person.open(await office.asks())
    await other_person.open("/account")
    assert (await other_person.send("/consent", {**page.form("Refuse").fields, "decision": "refuse"})).status == 403
    async with Person(office) as without_cookies:
        sent = {**page.form("Refuse").fields, "decision": "refuse"}
        assert (await without_cookies.send("/consent", sent)).status == 403


async def test_csrf_a_token_from_before_the_sign_in_ends_with_it(person: Person, office: Site) -> None:
    before = await person.open(await office.asks())
    await person.sign_in(ALICE)
    assert (await person.press(before, "Allow")).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8766"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:8765", "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_csrf_a_form_of_another_site_is_refused_even_with_the_token_of_the_page(
    person: Person, office: Site, headers: dict[str, str]
) -> None:
    page = await person.open(await office.asks())
    person.http.headers.update(headers)
    assert (await person.press(page, "Allow")).status == 403
    for name in headers:
        del person.http.headers[name]
    person.http.headers.update({"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert (await person.press(page, "Allow")).words.startswith("Pick an account")


async def test_csrf_the_token_of_another_request_is_refused(person: Person, office: Site) -> None:
    url = await office.asks("Evil", redirect="https://evil.example/cb")
    one, other = await person.open(await office.asks()), await person.open(url)
    mixed = {**one.form("Allow").fields, "about": other.form("Allow").fields["about"], "decision": "allow"}
    assert (await person.send("/consent", mixed)).status == 403


async def test_no_answer_may_be_framed_kept_or_run_script(person: Person, office: Site) -> None:
    """`Person` checks the headers of each answer it gets."""
    for path in ("/consent", "/connect", "/callback", "/account", *PATHS_OF_FORMS):
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            response = await person.http.request(method, office.settings.public_url + path)
            assert set(SECURITY_HEADERS.items()) <= set(response.headers.items())
            assert response.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    for directive in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert directive in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert "script-src" not in HEADERS["Content-Security-Policy"]


async def test_head_and_get_change_nothing(person: Person, other_person: Person, office: Site) -> None:
    url = await office.asks()
    caller = await office.granted(ALICE)
    await person.sign_in(ALICE)
    # A scanner that only looks does not become the owner of a request.
    assert (await other_person.http.head(url)).status_code == 200
    assert "set-cookie" not in (await other_person.http.head(url)).headers
    assert (await person.open(url)).status == 200
    for path in PATHS_OF_FORMS:
        await person.http.get(f"{office.settings.public_url}{path}?about={caller.session.id}&decision=allow")
    assert await office.sessions.sessions_of(caller.user) == (caller.session,)
    assert (await person.open("/account/sessions/end")).status == 405


async def test_html_in_a_client_name_is_text(person: Person, office: Site) -> None:
    pages = []
    for name in HOSTILE_NAMES:
        page = await person.open(await office.asks(name))
        assert f"Allow {name} to use your Outlook?" in page.words
        pages.append(page)
        await office.granted(ALICE, name)
    account = await person.sign_in(ALICE)
    assert all(name in account.words for name in HOSTILE_NAMES)
    for shown in (*pages, account):
        assert "<img" not in shown.text
        assert "<script" not in shown.text
        assert 'href="javascript:' not in shown.text
        assert shown.text.count("<h1>") == 1


async def test_bidi_and_hidden_characters_in_a_client_name_are_left_out(person: Person, office: Site) -> None:
    name = "Cla\u202eedu\u202c\u200b\u2066x\u2069\x00\x1b[31m\ufeff\n\nHost:\u00a0trusted"
    page = await person.open(await office.asks(name))
    for hidden in "\u202e\u202c\u200b\u2066\u2069\x00\x1b\ufeff":
        assert hidden not in page.text
    assert "Allow Claedux[31m Host: trusted to use your Outlook?" in page.words
    await office.granted(ALICE, name)
    assert "\u202e" not in (await person.sign_in(ALICE)).text


async def test_overlong_names_are_cut(person: Person, office: Site) -> None:
    page = await person.open(await office.asks("N" * 100_000))
    assert "N" * 79 + "…" in page.words
    assert len(page.text) < 20_000
    nothing = await person.open(await office.asks("\u202e\u200b"))
    assert "A client without a name" in nothing.words


async def test_a_redirect_host_that_looks_like_another_is_shown_as_it_is_sent(person: Person, office: Site) -> None:
    page = await person.open(await office.asks(redirect="https://аpple.example/cb"))
    assert "xn--pple-43d.example" in page.words


async def test_a_host_that_begins_like_another_cannot_push_its_end_off_any_page(person: Person, office: Site) -> None:
    """Shown as `claude.ai...` it was taken for the host of another client."""
    host = "claude.ai.api.mcp.auth-callback." + "o" * 50 + ".evil.example"
    redirect, document = f"https://{host}/cb", f"https://{host}/client.json"
    consent = await person.open(await office.asks(redirect=redirect, kind="document", client_id=document))
    assert consent.words.count(host) == 2
    assert consent.text.count("<strong>evil.example</strong>") == 2
    caller = await office.granted(ALICE, redirect=redirect)
    account = await person.sign_in(ALICE)
    widening = await person.open((await office.links.create_link(caller, "widen", scopes=("mail.send",))).url)
    for shown in (account, widening):
        assert (shown.words.count(host), shown.text.count("<strong>evil.example</strong>")) == (1, 1)
    forwarding = forwarding_page(redirect)
    refused = render("message.html", title="", text="", next_step="", link=(redirect, "Go back to the app"))
    for page in (forwarding, refused):
        assert bytes(page.body).count(b"<strong>evil.example</strong>") == 1
        assert host.removesuffix("evil.example").encode() in bytes(page.body)


async def test_a_hint_of_the_client_is_text(person: Person, office: Site) -> None:
    with request_origin(RequestOrigin(login_hint="<b>you\u202e</b>")):
        url = await office.asks()
    assert "<b>you</b>" in (await person.open(url)).words


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "http://agent.example/",
        "https://user@agent.example/",
        "https://agent.example/\r\nSet-Cookie: x=1",
        'https://agent.example/"x',
        "https://agent.example/ x",
        "//agent.example/",
        "",
        "https://[::1",
    ],
)
def test_no_redirect_goes_to_a_script_a_file_or_plain_http(url: str) -> None:
    with pytest.raises(SignInRefused):
        checked_destination(url)


@pytest.mark.parametrize("url", ["https://agent.example/cb?a=b", "http://127.0.0.1:9/cb", "cursor://cb?code=x"])
def test_redirects_to_https_loopback_and_configured_schemes_are_followed(url: str) -> None:
    assert checked_destination(url) == url


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"a=" + b"b" * 100_000 + b"&"


Body = Callable[[], bytes | AsyncIterator[bytes]]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (lambda: b"a=" + b"b" * LARGEST_FORM, "application/x-www-form-urlencoded", 413),
        (_endless, "application/x-www-form-urlencoded", 413),
        (lambda: b"{}", "application/json", 415),
        (lambda: b"a=b", "", 415),
        (lambda: b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (lambda: b"csrf=%ff", "application/x-www-form-urlencoded", 400),
        (lambda: b"csrf=\xff", "application/x-www-form-urlencoded", 400),
        (lambda: b"csrf=a&csrf=b", "application/x-www-form-urlencoded", 400),
        (lambda: b"&".join(b"f%d=" % number for number in range(50)), "application/x-www-form-urlencoded", 400),
        (lambda: b"", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_a_body_that_is_no_form_of_ours_is_refused(
    person: Person, office: Site, body: Body, kind: str, status: int
) -> None:
    for path in PATHS_OF_FORMS[:3]:
        url = office.settings.public_url + path
        response = await person.http.post(url, content=body(), headers={"content-type": kind} if kind else {})
        assert response.status_code == status
        assert "<h1>" in response.text


async def test_unknown_cookies_sign_nobody_in(person: Person, office: Site) -> None:
    for value in ("", "x", "A" * 43, "A" * 3000, "../../etc", "%00"):
        headers = {"cookie": f"outlook-mcp-browser={value}; outlook-mcp-session={value}"}
        response = await person.http.get(office.settings.public_url + "/account", headers=headers)
        assert "Signed in as" not in response.text
        assert response.status_code == 200


def _stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("vault.db*"))


async def test_the_store_holds_no_handle_cookie_or_state(person: Person, office: Site, tmp_path: Path) -> None:
    await person.sign_in(ALICE)
    request = await office.asks()
    left = httpx.URL(await person.sent_to(await person.open(request), "Allow"))
    link = await office.links.create_link(await office.granted(ALICE), "renew")
    stored = _stored(tmp_path)
    secrets = (
        *person.http.cookies.values(),
        left.params["state"],
        *(handle_of(url).get_secret_value() for url in (request, link.url)),
    )
    assert len(secrets) == 5
    assert b"connect" in stored
    assert not [secret for secret in secrets if secret.encode() in stored]


async def test_an_unexpected_error_shows_no_details(
    person: Person, office: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: SecretStr) -> None:
        raise RuntimeError("canary-secret")

    monkeypatch.setattr(office.provider, "pending_request", broken)
    page = await person.open("/consent?request=x")
    assert page.status == 500
    assert "canary" not in page.text
    assert "canary" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_the_style_sheet_may_be_kept(person: Person, office: Site) -> None:
    page = await person.open("/account")
    address = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    response = await person.http.get(office.settings.public_url + address)
    assert address.startswith(f"{STYLE_PATH}?v=")
    assert response.headers["content-type"].startswith("text/css")
    assert "immutable" in response.headers["cache-control"]
    assert "url(" not in response.text
