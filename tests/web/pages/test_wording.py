"""Names, addresses and times on the pages cannot mislead a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from outlook_mcp.web.pages.wording import destination_of, display_text, formatted_time, scope_descriptions


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("Claude", "Claude"),
        ("  two\n\nlines\t ", "two lines"),
        ("a\u202eb\u2066c", "abc"),
        ("\u2800\u00ad\u200d\u3164", ""),
        ("x" * 81, "x" * 79 + "…"),
        ("שלום", "שלום"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 3),
        ("Việt Nguyễn".replace("ệ", "e\u0323\u0302"), "Vie\u0323\u0302t Nguyễn"),
        ("Cla\u20ddude\u0489", "Claude"),
        ("", ""),
    ],
)
def test_names_from_outside_become_one_short_visible_line(given: str, read: str) -> None:
    assert display_text(given) == read


@pytest.mark.parametrize(
    ("url", "host", "is_here"),
    [
        ("https://claude.ai/api/mcp/auth_callback", "claude.ai", False),
        ("https://claude.ai:8443/cb", "claude.ai:8443", False),
        ("http://127.0.0.1:6276/oauth/callback", "127.0.0.1:6276", True),
        ("http://[::1]:80/cb", "[::1]:80", True),
        ("http://localhost/cb", "localhost", True),
        ("https://localhost.evil.example/cb", "localhost.evil.example", False),
        ("https://[::ffff:127.0.0.1]/cb", "[::ffff:127.0.0.1]", True),
        ("https://0.0.0.0/cb", "0.0.0.0", True),
        ("https://[::]:8443/cb", "[::]:8443", True),
        ("https://localhost./cb", "localhost.", True),
        ("https://claude.localhost/cb", "claude.localhost", True),
        ("https://claude.ai.evil.example.:0/cb", "claude.ai.evil.example.:0", False),
        ("https://bücher.example/", "xn--bcher-kva.example", False),
        ("cursor://anysphere/cb", "cursor:", True),
        ("https://[", "an address that cannot be read", False),
    ],
)
def test_an_address_is_shown_by_its_host(url: str, host: str, is_here: bool) -> None:
    destination = destination_of(url)
    assert (destination.host, destination.is_this_computer) == (host, is_here)


def test_a_long_host_is_shown_whole_and_what_was_registered_is_told_from_what_precedes_it() -> None:
    host = "claude.ai.api.mcp.auth-callback." + "x" * 50 + ".login.evil.co.uk"
    shown = destination_of(f"https://{host}:8443/cb")
    assert (shown.host, shown.owned) == (f"{host}:8443", "evil.co.uk")
    assert (shown.before, shown.after) == (host.removesuffix("evil.co.uk"), ":8443")


@pytest.mark.parametrize(
    ("url", "owned"),
    [
        ("https://claude.ai/", "claude.ai"),
        ("https://claude.ai.evil.github.io/", "evil.github.io"),
        ("https://github.io/", "github.io"),
        ("https://claude.ai.evil.example./", "evil.example"),
        ("https://192.0.2.7/", "192.0.2.7"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
        ("http://localhost:80/", "localhost"),
        ("https://login.xn--pple-43d.com/", "xn--pple-43d.com"),
    ],
)
def test_the_part_of_a_host_that_somebody_registered_is_stressed(url: str, owned: str) -> None:
    assert destination_of(url).owned == owned


def test_a_name_in_other_letters_is_marked_as_one() -> None:
    assert [destination_of(f"https://{host}/").is_international for host in ("а.xn--p1ai", "apple.com")] == [
        True,
        False,
    ]


def test_times_are_utc() -> None:
    assert formatted_time(datetime(2026, 5, 3, 14, 5, tzinfo=UTC)) == "3 May 2026, 14:05 UTC"
    assert formatted_time(datetime(2026, 5, 3, 1, 5, tzinfo=timezone(timedelta(hours=2)))) == "2 May 2026, 23:05 UTC"


def test_scopes_are_listed_from_the_least_to_the_most_powerful() -> None:
    assert scope_descriptions(("mail.send", "mail.read", "unknown")) == (
        "Read your mail and your folders",
        "Send mail in your name",
    )
