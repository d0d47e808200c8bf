"""No stored message makes a route fail, whatever its HTML is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from outlook_mcp.sandbox.mime import html_to_text
from outlook_mcp.sandbox.mime.documents import document, new_part, without_active_content
from outlook_mcp.sandbox.mime.markup import is_too_complex, limit_attributes
from outlook_mcp.sandbox.store import Mailbox
from tests.sandbox.graph.conftest import Client, mail

BROKEN_CONDITIONAL = "<p>one<![= if mso]>two<script>alert(1)</script>three</p>"
ROUTES = (
    "/me/messages/{id}",
    "/me/messages/{id}?$select=uniqueBody",
    "/me/messages?$top=50",
    "/me/mailFolders/inbox/messages/delta",
)
PIECES = st.sampled_from(
    [
        *("<![", "<![=", "<!-->", "<!--", "-->", "]]>", "<script>", "</script>", "<p onclick=x>", "<body", "</body>"),
        *("<a href='javascript:x'>", "</", "<", ">", '"', "'", "&#", "&#x;", "&", "\x00"),
        "<meta http-equiv=refresh>",
        *(
            "<frameset>",
            "<noscript>",
            "<svg>",
            "<math>",
            "<template>",
            "<table>",
            "<style>",
            "<title>",
            "word",
            " on==",
        ),
    ]
)


@pytest.mark.parametrize("html", [BROKEN_CONDITIONAL, "<!-->a<script>x</script>b", "<![CDATA[<p onload=x>", "<script"])
async def test_every_route_reads_a_message_with_broken_html(anna: Client, mailbox: Mailbox, html: str) -> None:
    stored = mailbox.insert_message(mail(body=html))
    for route in ROUTES:
        await anna.get(route.format(id=stored.id))
    for action in ("createReply", "createForward", "copy"):
        body = {"destinationId": "archive"} if action == "copy" else {}
        await anna.post(f"/me/messages/{stored.id}/{action}", body)


async def test_text_around_a_broken_conditional_comment_stays(anna: Client, mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(mail(body=BROKEN_CONDITIONAL))
    content = (await anna.get(f"/me/messages/{stored.id}"))["body"]["content"]
    assert "onetwothree" in content
    assert "alert" not in content


async def test_text_after_an_empty_comment_stays(anna: Client, mailbox: Mailbox) -> None:
    """`<!-->` is a whole comment (HTML Standard, 13.2.5.43)."""
    stored = mailbox.insert_message(mail(body="<p>one<!-->two</p><p onclick='x()'>three</p>"))
    assert "<p>onetwo</p><p>three</p>" in (await anna.get(f"/me/messages/{stored.id}"))["body"]["content"]
    text = await anna.get(f"/me/messages/{stored.id}", headers={"Prefer": 'outlook.body-content-type="text"'})
    assert text["body"]["content"] == "onetwo\r\n\r\nthree"


@example(pieces=["<body", " on=="])
@given(pieces=st.lists(PIECES, max_size=30))
def test_any_html_has_a_safe_form_and_a_text(pieces: list[str]) -> None:
    html = document("".join(pieces), "html")
    parsed = LexborHTMLParser(without_active_content(html))
    assert parsed.css("script, frameset") == []
    assert not any(name.startswith("on") for node in parsed.css("*") for name in node.attributes)
    html_to_text(html)
    new_part(html, "html")


def test_an_element_keeps_at_most_200_attributes() -> None:
    many = " ".join(f"a{number}='>'" for number in range(1_000))
    limited = limit_attributes(f"<p>before</p><div {many}>text</div>")
    assert limited.startswith("<p>before</p><div a0=")
    assert limited.endswith(">text</div>")
    assert limited.count("'>'") == 199


@pytest.mark.parametrize("attributes", ["a=b", "a='b'", 'a="<b>"', "a", "a = b", "a='"])
def test_ordinary_tags_keep_their_attributes(attributes: str) -> None:
    html = f"<p {attributes}>text</p>"
    assert limit_attributes(html) == html


@pytest.mark.parametrize(
    "html",
    ["<div>" * 2_000, "".join(f"<b a{number}>" for number in range(1_400)) + "<p>x</p>" * 2_000],
    ids=["deep", "open formatting"],
)
def test_nesting_that_costs_a_parser_quadratic_time_is_not_parsed(html: str) -> None:
    assert is_too_complex(html)
    assert "<script" not in without_active_content(document(f"{html}<script>x</script>", "html"))


async def test_a_mistake_of_the_sandbox_has_the_error_body_of_graph(
    anna: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("outlook_mcp.sandbox.graph.core.routing.read_options", broken_options)
    response = await anna.request("GET", "/me/messages")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "InternalServerError"
    assert response.json()["error"]["innerError"]["request-id"] == response.headers["request-id"]
    assert "GET /v1.0/me/messages failed" in caplog.text


def broken_options(_query: str) -> None:
    raise RuntimeError("a mistake")


def test_a_body_element_without_a_document_around_it_keeps_its_attributes_and_what_stands_before_it() -> None:
    whole = document("<style>p{color:red}</style><body bgcolor=black>Hello", "html")
    assert whole.endswith("</head><body bgcolor=black><style>p{color:red}</style>Hello</body></html>")
