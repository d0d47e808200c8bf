"""The whole flow in headless Chromium: consent, sign-in, account page, end of access. Screenshots go to `tmp_path`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.listeners import Listener, bind, port_of, serving
from outlook_mcp.vault.vault import CredentialVault
from tests.browser import DEADLINE_MS
from tests.effort import usually
from tests.web.pages.person import Shown
from tests.web.pages.site import ALICE, DAVE, Site, site

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
MOST_TABS = 40
# Names of mailboxes that their fields do not show whole, and addresses that go on in a second line.
_CUT = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.value)"
_BROKEN = "all => all.filter(one => one.getClientRects().length > 1).map(one => one.textContent)"


@dataclass
class Screen:
    """One tab of a browser without script; every page that is shot must fit its width and break no rule of its own."""

    page: Page
    shots: Path
    complaints: list[str] = field(default_factory=list)

    async def shoot(self, name: str) -> None:
        await self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)
        width = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"{name} is {width} pixels wider than the screen"
        ours = self.page.url.partition("?")[0].rpartition("/")[0]
        assert [complaint for complaint in self.complaints if complaint.startswith(ours)] == []

    async def press(self, button: str) -> None:
        """With the mouse."""
        await self.page.get_by_role("button", name=button).click()

    async def key_to(self, button: str) -> None:
        """With Tab and Enter alone."""
        for _ in range(MOST_TABS):
            await self.page.keyboard.press("Tab")
            focused = self.page.locator(":focus")
            if await focused.count() and button in await focused.inner_text():
                outline = await focused.evaluate("element => getComputedStyle(element).outlineStyle")
                assert outline != "none", "nobody sees where the keyboard is"
                return await self.page.keyboard.press("Enter")
        raise AssertionError(f"the keyboard does not reach {button}")


@dataclass(frozen=True)
class Town:
    """Our site, and a client on another origin of the same machine."""

    office: Site
    client: str


@pytest.fixture
async def town(sandbox: Sandbox, vault: CredentialVault, audit: AuditLog) -> AsyncIterator[Town]:
    own, theirs = bind(0), bind(0)
    url = f"http://localhost:{port_of(own)}"

    async def back(_: Request) -> Response:
        return HTMLResponse("<h1>Back at the client</h1>")

    async def frame(_: Request) -> Response:
        return HTMLResponse(f'<h1>Win a prize</h1><iframe src="{url}/account"></iframe>')

    client = Starlette(routes=[Route("/back", back), Route("/frame", frame)])
    async with (
        site(sandbox, vault, audit, url) as office,
        serving(Listener(office.application, own), Listener(client, theirs)),
    ):
        yield Town(office, f"http://127.0.0.1:{port_of(theirs)}")


@asynccontextmanager
async def _screen(chromium: Browser, shots: Path, size: str, scheme: str = "light") -> AsyncIterator[Screen]:
    width, height = SIZES[size].values()
    context = await chromium.new_context(
        viewport={"width": width, "height": height},
        java_script_enabled=False,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    page.set_default_timeout(DEADLINE_MS)
    screen = Screen(page, shots)
    page.on("console", lambda message: screen.complaints.append(f"{message.location.get('url')} {message.text}"))
    try:
        yield screen
    finally:
        await context.close()


@pytest.mark.parametrize(("size", "hand"), [("desktop", "keyboard"), ("phone", "mouse")][: usually(1, thoroughly=2)])
async def test_from_consent_to_the_end_of_access(
    town: Town, chromium: Browser, tmp_path: Path, size: str, hand: str
) -> None:
    office = town.office
    url = await office.asks("Mail Robot", redirect=f"{town.client}/back", scopes=("mail.read", "mail.send"))
    async with _screen(chromium, tmp_path, size) as screen:
        press = screen.press if hand == "mouse" else screen.key_to
        await screen.page.goto(url)
        await expect(screen.page).to_have_title("Allow Mail Robot?")
        await screen.shoot("1-consent")
        await press("Allow")
        await expect(screen.page).to_have_title("Pick an account")
        await press("Alice Archer")
        await expect(screen.page.get_by_role("heading")).to_have_text("Back at the client")
        token = await office.redeems(Shown(screen.page.url).query["code"], "Mail Robot")
        assert await office.provider.load_access_token(token) is not None

        await screen.page.goto(f"{office.settings.public_url}/account")
        await expect(screen.page.get_by_role("heading", name="Mail Robot")).to_be_visible()
        await expect(screen.page.get_by_text(f"Signed in as {ALICE}")).to_be_visible()
        await screen.shoot("2-account")
        await press("End access")
        await expect(screen.page.get_by_text("No client has access.")).to_be_visible()
        assert await office.sessions.sessions_of(office.key(ALICE)) == ()
        await screen.shoot("3-ended")
        await press("Sign out")
        await expect(screen.page.get_by_role("button", name="Sign in")).to_be_visible()
        await screen.shoot("4-signed-out")


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")][: usually(1, thoroughly=2)])
async def test_a_link_out_of_a_tool_call_and_a_full_account(
    town: Town, chromium: Browser, tmp_path: Path, size: str, scheme: str
) -> None:
    office = town.office
    caller = await office.granted(ALICE, "Claude", "mail.read")
    await office.granted(ALICE, "An agent with a very long name that says all that it is good for", "mail.read")
    await office.sessions.note_use(caller.session, address="2001:db8:85a3::8a2e:370:7334", era="2026-07-28")
    link = await office.links.create_link(caller, "add")
    async with _screen(chromium, tmp_path, size, scheme) as screen:
        await screen.page.goto(link.url)
        await screen.shoot("1-sign-in-first")
        await screen.press("Sign in")
        await screen.press("Alice Archer")
        await expect(screen.page).to_have_title("Connect another mailbox")
        await screen.shoot("2-connect")
        await screen.press("Go on to Microsoft")
        await screen.press("Dave Duarte")
        await expect(screen.page).to_have_title("Done")
        await screen.shoot("3-done")
        await link.wait()

        widen = await office.links.create_link(caller, "widen", scopes=("mail.send", "mail.write"))
        await screen.page.goto(widen.url)
        await screen.shoot("4-widen")
        await screen.press("Allow")
        await expect(screen.page).to_have_title("Done")

        await screen.page.goto(f"{office.settings.public_url}/account")
        await screen.press("Connect another mailbox")
        await screen.press("Frida Falk")
        await expect(screen.page.get_by_role("heading", name=DAVE)).to_be_visible()
        await screen.shoot("5-account")
        assert await screen.page.locator("input[name=name]").evaluate_all(_CUT) == []
        assert await screen.page.locator("dd bdi").evaluate_all(_BROKEN) == []
        await screen.page.goto(await office.asks("W" * 200, kind="document", client_id="https://agent.example/id"))
        await screen.shoot("6-consent-signed-in")
        await screen.page.goto(f"{office.settings.public_url}/connect?ticket=unknown")
        await screen.page.screenshot(path=tmp_path / "7-ended-link.png")


async def test_framing_another_site_cannot_show_our_pages(town: Town, chromium: Browser, tmp_path: Path) -> None:
    async with _screen(chromium, tmp_path, "desktop") as screen:
        await screen.page.goto(f"{town.client}/frame")
        await expect(screen.page.get_by_role("heading", name="Win a prize")).to_be_visible()
        (framed,) = screen.page.main_frame.child_frames
        assert "Sign in" not in await framed.content()
        assert any("frame-ancestors" in complaint for complaint in screen.complaints)


async def test_hostile_names_stay_text_in_a_real_browser(town: Town, chromium: Browser, tmp_path: Path) -> None:
    name = '<img src=x onerror="document.title=1">javascript:alert(1)\u202e'
    async with _screen(chromium, tmp_path, "phone") as screen:
        await screen.page.goto(await town.office.asks(name))
        await screen.shoot("hostile-name")
        assert await screen.page.locator("img, script, iframe").count() == 0


async def test_double_clickjacking_a_click_as_soon_as_the_page_is_seen_decides_nothing(
    town: Town, chromium: Browser, tmp_path: Path
) -> None:
    """A window over the page takes the first click and closes, and the second one of the double click comes here."""
    async with _screen(chromium, tmp_path, "desktop") as screen:
        page, decided = screen.page, list[str]()
        page.on("request", lambda request: decided.append(request.url) if request.method == "POST" else None)
        browser = await page.context.new_cdp_session(page)
        await browser.send("Animation.enable")
        await browser.send("Animation.setPlaybackRate", {"playbackRate": 0})
        await page.goto(await town.office.asks(redirect=f"{town.client}/back"))
        button = page.get_by_role("button", name="Allow")
        box = await button.bounding_box()
        assert box is not None
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}
        for _ in range(2):
            for event in ("mousePressed", "mouseReleased"):
                await browser.send("Input.dispatchMouseEvent", {"type": event, **at})
        await expect(button).to_have_css("pointer-events", "none")
        await browser.send("Animation.setPlaybackRate", {"playbackRate": 1})
        await expect(button).to_have_css("pointer-events", "auto")
        await screen.press("Allow")
        await expect(page).to_have_title("Pick an account")
        assert decided == [f"{town.office.settings.public_url}/consent"]
