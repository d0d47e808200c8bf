"""Each of Graph's 168 operations on mail is answered, or refused as not imitated; none is taken for a typo."""

from __future__ import annotations

import re
from pathlib import Path

from outlook_mcp.sandbox.store import Mailbox
from tests.sandbox.graph.conftest import Client, mail

_OPERATIONS = Path(__file__).parents[2] / "data" / "graph" / "mail-operations.txt"
_MAIL = re.compile(
    r"/(?:subscriptions\b.*|\$batch|me/(?:messages|mailFolders|mailboxSettings|outlook|inferenceClassification|sendMail"
    r"|getMailTips|translateExchangeIds)\b.*)"
)


def mail_operations() -> list[tuple[str, str]]:
    """Method and path of each, with {names} for ids."""
    lines = [line.split(" ") for line in _OPERATIONS.read_text().splitlines()]
    return [(method, path) for method, path in lines if _MAIL.fullmatch(path)]


async def test_every_mail_operation_of_graph_is_answered_or_refused_as_not_imitated(
    anna: Client, mailbox: Mailbox
) -> None:
    operations = mail_operations()
    ids = {
        "mailFolder-id": mailbox.folders.by_name("inbox").id,
        "mailFolder-id1": mailbox.ensure_folder("inbox/Below").id,
        "message-id": mailbox.insert_message(mail()).id,
        "TimeZoneStandard": "windows",
    }
    odd = {}
    for method, path in operations:
        filled = re.sub(r"\{([\w-]+)\}", lambda found: ids.get(found[1], "x"), path)
        body: dict[str, str] | None = {} if method in ("POST", "PATCH", "PUT") else None
        answer = await anna.request(method, filled, **({} if body is None else {"json": body}))
        error = answer.json()["error"] if answer.status_code >= 400 else {}
        refused = answer.status_code == 501 and error["code"] == "NotImitated" and "not imitated" in error["message"]
        known = answer.status_code not in (405, 500, 501) and "for the segment" not in error.get("message", "")
        if not (refused or known):
            odd[f"{method} {path}"] = answer.text
    assert odd == {}
    assert len(operations) == 168
