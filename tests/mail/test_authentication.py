"""What the receiving server found out about a sender, and headers that are written to hide it."""

from __future__ import annotations

import pytest

from outlook_mcp.mail.authentication import failed_checks
from outlook_mcp.mail.models import Header


def failed(*results: str) -> tuple[str, ...]:
    return failed_checks([Header(name="Authentication-Results", value=value) for value in results])


@pytest.mark.parametrize(
    "value",
    [
        # The parenthesis of a local part makes no comment of what follows.
        'spf=pass smtp.mailfrom="("@evil.example; dmarc=fail header.from=contoso.example; dkim=pass header.i=")"@x',
        'spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example; dmarc=fail header.from=contoso.example',
        "mx.contoso.example; dmarc=(policy (reject) of the sender)fail",
        "mx.contoso.example 1; spf=pass; dmarc/1 = FAIL",
        "mx.contoso.example;\r\n\tspf=pass;\r\n\tdmarc=fail",
    ],
)
def test_a_failure_of_dmarc_is_seen_however_the_header_is_written(value: str) -> None:
    assert "DMARC" in failed(value)


def test_a_server_that_writes_several_headers_is_read_whole_and_no_other_server_is() -> None:
    assert failed("mx.contoso.example; spf=pass", "mx.contoso.example; dmarc=fail") == ("DMARC",)
    assert failed("mx.contoso.example; dmarc=fail", "mx.contoso.example; dmarc=pass") == ("DMARC",)
    assert failed("mx.contoso.example; dmarc=fail", "evil.example; dmarc=pass") == ("DMARC",)
    assert failed("mx.contoso.example; dmarc=pass", "list.example; dmarc=fail") == ()
    # Exchange Online gives no name, so nothing tells its own headers from those that it found.
    assert failed("spf=pass; dmarc=pass", "spf=fail; dmarc=fail") == ()
    assert failed() == ()
