"""What a header says of unsubscribing is read as RFC 2369, 6068, 8058 and 6376 have it."""

from __future__ import annotations

import pytest

from outlook_mcp.mail.models import Header
from outlook_mcp.mail.unsubscribing.headers import UnsubscribeMail, unsubscribe_ways

COVERED = "From:Subject:List-Unsubscribe:List-Unsubscribe-Post"


def signed(results: str, signature: str) -> str:
    headers = [Header(name="Authentication-Results", value=results), Header(name="DKIM-Signature", value=signature)]
    return unsubscribe_ways(headers).vouched


@pytest.mark.parametrize(
    ("results", "signature", "vouched"),
    [
        ("mx.example; dkim=pass header.d=l.example", f"v=1; d=l.example; h={COVERED}", "yes"),
        (
            "dkim=pass (good) header.i=@L.example",
            "d=l.example; h=from : LIST-unsubscribe :\tList-Unsubscribe-Post",
            "yes",
        ),
        ("dkim=fail header.d=l.example", f"d=l.example; h={COVERED}", "no"),
        ("dkim=none", f"d=l.example; h={COVERED}", "no"),
        ("dkim=pass header.d=l.example", "d=l.example; h=From:List-Unsubscribe", "no"),
        ("dkim=pass header.d=evil.example", f"d=l.example; h={COVERED}", "no"),
        ("spf=pass (dkim=pass header.d=l.example)", f"d=l.example; h={COVERED}", "no"),
    ],
)
def test_a_signature_vouches_when_it_passed_and_covers_both_headers(results: str, signature: str, vouched: str) -> None:
    assert signed(results, signature) == vouched


@pytest.mark.parametrize(
    ("uri", "mail"),
    [
        ("mailto:u@l.example", UnsubscribeMail("u@l.example", "", "")),
        ("MAILTO:u%2Bx@l.example?Subject=a%20b+c&body=x%0Ay", UnsubscribeMail("u+x@l.example", "a b+c", "x\ny")),
        (
            "mailto:u@l.example?subject=a%0D%0ABcc:%20e@evil.example",
            UnsubscribeMail("u@l.example", "a Bcc: e@evil.example", ""),
        ),
        ("mailto:u@l.example?cc=e@evil.example&bcc=f@evil.example", UnsubscribeMail("u@l.example", "", "")),
        ("mailto:u@l.example,e@evil.example", None),
        ("mailto:", None),
    ],
)
def test_a_mailto_address_gives_one_recipient_a_subject_and_a_text(uri: str, mail: UnsubscribeMail | None) -> None:
    assert unsubscribe_ways([Header(name="List-Unsubscribe", value=f"<{uri}>")]).mail == mail


@pytest.mark.parametrize("value", ["List-Unsubscribe=One-Click", " list-unsubscribe = one-click "])
def test_one_click_needs_the_second_header(value: str) -> None:
    header = Header(name="List-Unsubscribe", value="<https://l.example/u>")
    assert unsubscribe_ways([header]).one_click is None
    assert unsubscribe_ways([header, Header(name="list-unsubscribe-post", value=value)]).one_click is not None
    twice = [Header(name="List-Unsubscribe-Post", value=value)] * 2
    assert unsubscribe_ways([header, *twice]).one_click is None


@pytest.mark.parametrize(
    "uri",
    [
        "https://l.example:8443/u",
        "https://[::1]/u",
        "https://2130706433/u",
        "https://localhost/u",
        "https://l.example\\@x/u",
    ],
)
def test_an_address_that_no_list_has_is_refused(uri: str) -> None:
    headers = [
        Header(name="List-Unsubscribe", value=f"<{uri}>"),
        Header(name="List-Unsubscribe-Post", value="List-Unsubscribe=One-Click"),
    ]
    ways = unsubscribe_ways(headers)
    assert (ways.one_click, ways.pages, len(ways.refused)) == (None, [], 1)
