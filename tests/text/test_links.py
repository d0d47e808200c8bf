from __future__ import annotations

from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.html.job import run
from outlook_mcp.text.links import Link, host_of, original_url, real_url
from outlook_mcp.text.plain_text import plain_text

TARGET = "https://contoso.com/report?id=7"


@pytest.mark.parametrize(
    "wrapped",
    [
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(TARGET, safe='')}&data=05%7C01&reserved=0",
        f"https://www.google.com/url?q={quote(TARGET, safe='')}&sa=D",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__contoso.com_report-3Fid-3D7&d=DwMF",
        f"https://urldefense.com/v3/__{TARGET}__;!!abc!def$",
        f"https://www.google.co.uk/url?url={quote(TARGET, safe='')}",
        f"https://www.youtube.com/redirect?event=x&q={quote(TARGET, safe='')}",
        f"https://clicktime.symantec.com/3Abc?u={quote(TARGET, safe='')}",
        TARGET + "&utm_source=x&utm_campaign=y&fbclid=1",
        TARGET + "&fbclid=IwAR0a1b2c3d4e5f6g7h8i9j0kLmN&utm_content=5d41402abc4b2a76b9719d911017c592",
    ],
)
def test_wrappers_and_tracking_are_taken_off(wrapped: str) -> None:
    assert real_url(wrapped) == TARGET


@pytest.mark.parametrize(
    ("wrapped", "inside"),
    [
        ("https://urldefense.com/v3/__https://a.example/x*y__;Iw!!Abc!z$", "https://a.example/x#y"),
        ("https://urldefense.us/v3/__https:/a.example/x**Ay__;w6nDqA!!Abc!z$", "https://a.example/xéèy"),
        (
            "https://urldefense.proofpoint.com/v1/url?u=http%3A%2F%2Fa.example%2F%3Fp%3D1%26amp%3Bq%3D2",
            "http://a.example/?p=1&q=2",
        ),
        ("https://urldefense.us/v2/url?u=https-3A__a.example_x-3Fp-3D1-26q-3D2&d=a", "https://a.example/x?p=1&q=2"),
    ],
)
def test_a_rewritten_address_is_restored_with_the_characters_it_lost(wrapped: str, inside: str) -> None:
    assert real_url(wrapped) == inside


@pytest.mark.parametrize(
    "url",
    [
        # Another number of characters was lost than is told.
        "https://urldefense.com/v3/__https://a.example/x*y*z__;Iw!!Abc!z$",
        # Hosts and places that only look like those of a service.
        "https://google.evil/url?q=https%3A%2F%2Fbank.example",
        "https://www.google.com/urls?q=https%3A%2F%2Fbank.example",
        "https://urldefense.com.evil.example/v3/__https://bank.example__;!!a!b$",
        "https://urldefense.com@evil.example/v3/__https://bank.example__;!!a!b$",
        "https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fbank.example",
        "https://nam01.safelinks.protection.outlook.com/?url=nothing&data=1",
        # Numbers of parcels, of sessions, and whatever has a signature.
        "https://www.fedex.com/fedextrack/?trknbr=770012345678",
        "https://a.example/?mc_number=1&_hsession=2",
        "https://files.example/a?utm_source=x&sig=abc%2F1",
        "https://files.example/a?utm_source=x&oauth_signature=abc",
        "https://files.example/?" + "&".join(f"part{n}=abcdefghij" for n in range(200)) + "&sig=END",
    ],
)
def test_what_cannot_be_told_for_sure_stays_as_it_is(url: str) -> None:
    assert real_url(url) == url


_SIGNED = """sign=a sig=a md5=a mac=a digest=a token_signature=a X-Amz-Security-Token=a auth_key=a jwt=a s=a hash=a
    verify=a Expires=1 %73ign=a h=a exp=1 crc32=a ticket=a otp=1 x=5d41402abc4b2a76b9719d911017c592
    x=XUFAKrxLKna5cZ2REBfFkg%3D%3D x=dGhpcyBpcyBh.c2lnbmF0dXJl"""


@pytest.mark.parametrize("pair", _SIGNED.split())
def test_a_query_that_may_be_signed_stays_whole(pair: str) -> None:
    url = f"https://files.example/a?{pair}&utm_source=x"
    assert real_url(url) == url


@pytest.mark.parametrize(
    ("href", "base", "meant"),
    [
        ("https:\\\\evil.example/x", "", "https://evil.example/x"),
        ("https:evil.example", "", "https://evil.example"),
        ("//evil.example/x", "", "https://evil.example/x"),
        ("\\\\evil.example/x", "http://a.example/", "http://evil.example/x"),
        ("pay?id=1", "https://a.example/b/c", "https://a.example/b/pay?id=1"),
        ("pay?id=1", "", ""),
        (" https://a.example/my file.pdf\n", "", "https://a.example/my%20file.pdf"),
        ("https://a.exa\tmple/\nx", "", "https://a.example/x"),
        ('https://a.example/?q="<b>"', "", "https://a.example/?q=%22%3Cb%3E%22"),
    ],
)
def test_addresses_are_resolved_as_browsers_do(href: str, base: str, meant: str) -> None:
    assert real_url(href, base) == meant


@pytest.mark.parametrize("href", ["https:\\\\evil.example/x", "//evil.example/x", "https:evil.example/x", "x"])
def test_an_address_that_does_not_plainly_name_its_host_is_warned_of(href: str) -> None:
    converted = html_to_text(f'<a href="{href}">Pay</a>', base="https://evil.example/")
    assert converted.text == "Pay[1→evil.example]"
    assert converted.links[0].is_disguised
    assert not html_to_text('<a href="HTTPS://a.example/?utm_source=x">Pay</a>').links[0].is_disguised


@pytest.mark.parametrize(
    ("href", "is_disguised"),
    [
        ("https://www.paypal.example@evil.example/x", True),
        ("https://paypal.example:443@evil.example", True),
        ("https://2130706433/", True),
        ("https://0x7f000001/x", True),
        ("https://ｅvil.example/", True),
        ("https://evil。example/", True),
        ("https://user:pass@a.example/", False),
        ("https://a.example/@user.name", False),
        ("https://a.example/?to=b.example@c.example", False),
        ("https://192.0.2.1/", False),
        ("https://münchen.example/", False),
    ],
)
def test_a_host_behind_another_name_or_in_other_letters_is_warned_of(href: str, is_disguised: bool) -> None:
    assert html_to_text(f'<a href="{href}">Pay</a>').links[0].is_disguised == is_disguised


def test_links_of_a_part_count_from_the_base_of_the_whole_body() -> None:
    whole = "<html><head><base href='https://a.example/b/'></head><body><a href=pay>Pay</a></body></html>"
    parts = (b"<a href=pay>Pay</a>", whole.encode())
    assert b"https://a.example/b/pay" in run([], msgspec.msgpack.encode(parts))


def test_an_address_too_long_to_be_shown_says_that_it_is_cut() -> None:
    assert real_url("https://a.example/" + "x" * 20_000).endswith("characters]")


def test_a_link_keeps_its_original_address_where_that_differs_and_says_when_it_is_cut() -> None:
    wrapped = f"https://www.google.com/url?q={quote(TARGET, safe='')}&sa=D"
    [link] = html_to_text(f"<a href='{wrapped}'>report</a>").links
    assert (link.url, link.original) == (TARGET, wrapped)
    [link] = plain_text(wrapped).links
    assert (link.url, link.original) == (TARGET, wrapped)
    assert original_url(f" {TARGET}", TARGET) == ""
    long = f"{TARGET}&utm_source={'x' * 3_000}"
    assert original_url(long, TARGET) == f"{long[:2_000]}[cut here, so it cannot be used: {len(long):,} characters]"
    long = f"{TARGET}&x={'x' * 20_000}"
    assert original_url(long, real_url(long)) == ""


def test_wrapped_wrappers_are_undone_a_bounded_number_of_times() -> None:
    url = TARGET
    for _ in range(20):
        url = f"https://www.google.com/url?q={quote(url, safe='')}"
    assert host_of(real_url(url)) in ("google.com", "contoso.com")


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "cid:a", "#top", "", "c:\\x.doc", "{{url}}"],
)
def test_scripts_files_and_parts_of_the_message_are_no_links(href: str) -> None:
    assert real_url(href) == ""


def test_a_host_in_other_letters_shows_its_ascii_form() -> None:
    assert host_of("https://www.pаypal.com/") == "xn--pypal-4ve.com"


@pytest.mark.parametrize(
    ("text", "url", "is_misleading"),
    [
        ("www.paypal.com", "https://evil.example/x", True),
        ("paypal.com", "https://shop.paypal.com/x", False),
        ("Click here", "https://evil.example/x", False),
        ("Visit www.paypal.com", "https://evil.example/", True),
        ("Pay at https://paypal.com/login now", "https://paypal.com.evil.example/", True),
        ("Pay at https://paypal.com/login now", "https://www.paypal.com/login", False),
        ("https://paypal.com@evil.example/", "https://evil.example/", False),
        ("münchen.example", "https://münchen.example/x", False),
        ("пример.рф", "https://evil.example/", True),
        ("report.pdf", "https://a.example/report.pdf", False),
        ("README.md", "https://a.example/", False),
    ],
)
def test_a_text_that_names_another_host_is_misleading(text: str, url: str, is_misleading: bool) -> None:
    assert Link(1, text, url, host_of(url)).is_misleading is is_misleading


@given(st.text(max_size=80) | st.text(max_size=40).map(lambda text: f"https://www.google.com/url?q={text}"))
def test_any_href_gives_a_url_without_spaces_or_nothing(href: str) -> None:
    url = real_url(href)
    assert not any(character.isspace() for character in url)
    host_of(url)


_PICTURE = "background:url(https://img.example/button.png) no-repeat"


@pytest.mark.parametrize(
    ("html", "told"),
    [
        (f'<a href="https://shop.example/" style="display:block;width:200px;height:60px;{_PICTURE}"></a>', True),
        (f'<a href="https://shop.example/"><b style="display:inline-block;height:9px;{_PICTURE}"></b></a>', True),
        (f"<style>.b{{display:block;height:9px;{_PICTURE}}}</style><a class=b href=https://shop.example/></a>", True),
        (f'<a href="https://shop.example/" style="{_PICTURE}"></a>', False),
        (f'<a href="https://shop.example/" style="display:block;height:0;{_PICTURE}"></a>', False),
        (f'<a href="https://shop.example/" style="display:none;height:9px;{_PICTURE}"></a>', False),
        (f'<a href="https://shop.example/" style="display:block;height:9px;opacity:0;{_PICTURE}"></a>', False),
        (f'<p style="height:90px;{_PICTURE}">x <a href="https://shop.example/"></a></p>', False),
        ('<a href="https://shop.example/" style="display:block;height:9px;background:red"></a>', False),
    ],
)
def test_a_link_whose_button_is_a_picture_of_its_style_is_told(html: str, told: bool) -> None:
    text = html_to_text(html)
    assert ("[image][1]" in text.text) is told
    assert [link.url for link in text.links] == ["https://shop.example/"] * told
