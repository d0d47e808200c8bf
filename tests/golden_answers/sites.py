"""What a model is told when the site of a mailing list does not agree to a one-click request, over real TLS."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from tests.answers import text_of
from tests.faults.office import Office
from tests.tools.asking import code_in
from tests.tools.test_one_click_over_https import PUBLIC, mailing_list
from tests.tools.test_unsubscribe import POST, SIGNED, URL, deliver

# Enough for a handshake on a busy machine.
_DEADLINE_S = 5.0


class Failing(NamedTuple):
    """How the site fails, or its name; with `mailto` the list takes a message as well."""

    status: str = "200 OK"
    silence: Literal["", "close", "wait"] = ""
    certificate_for: str = "list.example"
    addresses: Sequence[str] = (PUBLIC,)
    password: str | None = None
    mailto: str = ""


SITES: Mapping[str, Failing] = {
    "site refuses": Failing("410 Gone"),
    "site refuses, takes mail": Failing("410 Gone", mailto="<mailto:leave@list.example>, "),
    "redirect": Failing("302 Found"),
    "server error": Failing("503 Service Unavailable"),
    "private address": Failing(addresses=("10.0.0.1",)),
    "certificate of another": Failing(certificate_for="other.example"),
    "proxy refuses": Failing(password="user:secret"),
    "timeout": Failing(silence="wait"),
    "lost": Failing(silence="close"),
}


async def told_of_site(office: Office, name: str) -> str:
    """The answer to a confirmed one-click request, as a model reads it."""
    failing = SITES[name]
    message = deliver(office, ("List-Unsubscribe", f"{failing.mailto}<{URL}>"), POST, *SIGNED)
    with tempfile.TemporaryDirectory() as folder:
        async with mailing_list(
            office,
            Path(folder),
            host=failing.certificate_for,
            addresses=failing.addresses,
            password=failing.password,
            # One that nothing waits for may be long.
            deadline_s=_DEADLINE_S if failing.silence == "wait" else 30.0,
        ) as (here, site, _):
            site.status, site.silence = failing.status, failing.silence
            code = code_in(text_of(await here.client.call_tool("unsubscribe", {"id": message})))
            answer = await here.client.call_tool("unsubscribe", {"id": message, "confirm": code})
    return f"{'error' if answer.is_error else 'answer'}: {text_of(answer)}"
