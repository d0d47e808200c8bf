"""What was sent is on record by its own tag, with the number of recipients; their addresses are not."""

from __future__ import annotations

from outlook_mcp.audit.tail import last_records
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.sandbox.faults import Fault
from tests.e2e.office import Office, call, draft_of
from tests.sending import sending


async def records(office: Office, *, is_lost: bool) -> list[dict[str, object]]:
    """Of Alice sending one draft, from the begin of the call to its end."""
    async with office.client(office.alice, mail=MailSettings(settle_s=0.3)) as client:
        draft = draft_of(await call(client, "draft_save", to=[office.bob.upn], subject="Once only", body="Hello."))
        arguments = await sending(client, draft)
        if is_lost:
            office.sandbox.faults.replace_rules([Fault(route="/v1.0/me/messages/*/send", status=504)])
        await client.call_tool("mail_send", arguments)
    log = office.configuration(office.alice).data_dir / "audit.log"
    assert office.bob.upn not in log.read_text()
    return last_records(log, 2)


async def test_a_sent_draft_is_on_record_as_sent(office: Office) -> None:
    started, sent = await records(office, is_lost=False)
    user = f"{office.alice.tid}:{office.alice.oid}"
    assert (started["tag"], sent["tag"], sent["user"]) == ("tool:call:started", "mail:message:sent", user)
    assert facts(sent) >= {("tool", "mail_send"), ("outcome", "ok"), ("recipients", 1)}


async def test_a_send_nobody_can_vouch_for_is_on_record_as_such(office: Office) -> None:
    started, unknown = await records(office, is_lost=True)
    assert (started["tag"], unknown["tag"]) == ("tool:call:started", "mail:message:send_unknown")
    assert facts(unknown) >= {("tool", "mail_send"), ("outcome", "outcome_unknown"), ("recipients", 1)}


def facts(record: dict[str, object]) -> set[tuple[str, object]]:
    details = record["details"]
    assert isinstance(details, dict)
    return set(details.items())
