"""What was sent is on record by its own tag, as a count; who it went to is not."""

from __future__ import annotations

import pytest

from outlook_mcp.audit.verify import tail
from outlook_mcp.mail.drafts import sending
from outlook_mcp.sandbox.faults import Fault
from tests.e2e.office import Office, call, draft_of


async def records(office: Office, *, is_lost: bool) -> list[dict[str, object]]:
    """Of Alice sending one draft, from the begin of the call to its end."""
    async with office.client(office.alice) as client:
        draft = draft_of(await call(client, "draft_save", to=[office.bob.upn], subject="Once only", body="Hello."))
        if is_lost:
            office.sandbox.faults.replace([Fault(route="/v1.0/me/messages/*/send", status=504)])
        await client.call_tool("mail_send", {"draft": draft})
    log = office.configuration(office.alice).data_dir / "audit.log"
    assert office.bob.upn not in log.read_text()
    return tail(log, 3)


async def test_a_sent_draft_is_on_record_as_sent(office: Office) -> None:
    started, sent, finished = await records(office, is_lost=False)
    assert [started["tag"], finished["tag"]] == ["tool:call:started", "tool:call:finished"]
    user = f"{office.alice.tid}:{office.alice.oid}"
    assert (sent["tag"], sent["user"], sent["details"]) == ("mail:message:sent", user, {"drafts": 1})


async def test_a_send_nobody_can_vouch_for_is_on_record_as_such(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SETTLE_S", 0.3)
    _, unknown, finished = await records(office, is_lost=True)
    assert (unknown["tag"], unknown["details"]) == ("mail:message:send_unknown", {"drafts": 1})
    assert finished["details"] == {"tool": "mail_send", "outcome": "outcome_unknown"}
