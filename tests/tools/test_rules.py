"""Inbox rules are listed, saved and deleted in plain words; those that send or lose mail are asked about first."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.sandbox.message import Message
from tests.faults.office import Office
from tests.tools.asking import answer, code_in, failed, recorded_effects, refusal, said

pytestmark = pytest.mark.asyncio(loop_scope="module")
RULES = "/v1.0/me/mailFolders/inbox/messageRules"


async def test_a_rule_is_saved_listed_changed_and_deleted(office: Office) -> None:
    office.alice.ensure_folder("Invoices")
    assert await answer(office, "rules") == "There are no inbox rules."
    told = await answer(
        office,
        "rules",
        action="save",
        rule="Bills",
        when='from billing@fabrikam.example; subject contains invoice, "Net 30, due"; has attachments',
        unless="importance is high; size over 500 KB",
        do="move to Invoices; category Money; mark read; stop",
    )
    assert told.startswith("Created: Bills.\n")
    assert told.endswith("Without arguments rules shows 1 inbox rule in order.")
    assert (
        "1. Bills\n"
        '   when: from billing@fabrikam.example; subject contains invoice, "Net 30, due"; has attachments\n'
        "   unless: importance is high; size over 500 KB\n"
        "   do: move to Invoices; category Money; mark read; stop\n"
    ) in told
    told = await answer(office, "rules", action="save", rule="bills", when="sent only to me", enabled=False, order=3)
    assert "3. Bills [off]\n   when: sent only to me\n   unless: importance is high" in told
    assert "There are no inbox rules." in await answer(office, "rules", action="delete", rule="Bills")


WORDS = (
    "sender contains x; recipient contains y; subject contains z; body contains q; subject or body contains w; "
    "header contains h; category is Red; from a@b.example, c@d.example; to e@f.example; importance is high; "
    "sensitivity is private; flagged for doNotForward; has attachments; sent to me; sent only to me; cc me; "
    "to or cc me; not to me; is an approval request; is forwarded automatically; is an automatic reply; is encrypted; "
    "is a meeting request; is a meeting response; is a non-delivery report; is permission controlled; "
    "is a read receipt; is signed; is a voicemail; size 10 to 100 KB"
)


async def test_every_condition_and_action_is_saved_and_told_in_the_words_that_it_is_written_in(office: Office) -> None:
    """Those of messageRulePredicates and messageRuleActions."""
    office.alice.ensure_folder("Long")
    await answer(office, "folder_edit", action="create", folder="Long/A\\/B")
    do = (
        "move to Long/A\\/B; copy to Archive; forward to a@b.example; forward as attachment to c@d.example; "
        'redirect to e@f.example; category Red, "B, C"; importance low; mark read; delete; delete permanently; stop'
    )
    arguments = {"action": "save", "rule": "All", "when": WORDS, "unless": WORDS, "do": do}
    shown = await answer(office, "rules", **arguments)
    saved = await answer(office, "rules", **arguments, confirm=code_in(shown))
    shown_do = do.replace("\\", "")
    for told in (shown, saved):
        assert f"\n   when: {WORDS}\n   unless: {WORDS}\n   do: {shown_do}\n" in told
    assert "…\n" in await answer(office, "rules")
    await answer(office, "rules", action="delete", rule="All")


async def test_a_change_shows_the_rule_that_it_changed_and_none_of_the_others(office: Office) -> None:
    await answer(office, "rules", action="save", rule="One", do="stop")
    told = await answer(office, "rules", action="save", rule="Two", do="mark as read")
    assert ("One" in told, "2. Two\n   do: mark read\n" in told) == (False, True)
    assert await answer(office, "rules", action="delete", rule="One") == (
        "Deleted: One.\nWithout arguments rules shows 1 inbox rule in order."
    )
    assert "no inbox rules" in await answer(office, "rules", action="delete", rule="Two")


async def test_a_saved_rule_is_applied_to_mail_that_comes(office: Office) -> None:
    folder = office.alice.ensure_folder("Sorted")
    await answer(office, "rules", action="save", rule="Sort", when="subject contains parcel", do="move to Sorted")
    stored = office.sandbox.store.receive(office.alice, Message(subject="Your parcel is here", body="x"))
    assert stored.row["folder"] == folder.key
    await answer(office, "rules", action="delete", rule="Sort")


@pytest.mark.parametrize(
    ("do", "told", "recorded"),
    [
        ("forward to eve@evil.example", "[forwards, to outside contoso.example: evil.example]", "forwards"),
        ("redirect to bob@contoso.example", "[redirects]", "redirects"),
        ("move to trash", "[deletes]", "deletes"),
        ("delete permanently; stop", "[deletes permanently]", "deletes permanently"),
    ],
)
async def test_a_rule_that_sends_or_loses_mail_is_saved_only_with_the_code_of_what_was_shown(
    office: Office, do: str, told: str, recorded: str
) -> None:
    shown = await answer(office, "rules", action="save", rule="Danger", do=do)
    assert f"Nothing was saved yet: this rule {recorded} mail without asking again." in shown
    assert f"Danger {told}" in shown
    assert "It has no condition, so it is applied to all mail that comes." in shown
    assert await answer(office, "rules") == "There are no inbox rules."
    other = await answer(office, "rules", action="save", rule="Danger", do=f"{do}; mark read", confirm=code_in(shown))
    assert other.startswith("The code does not fit: the rule differs from what was shown")
    saved = await answer(office, "rules", action="save", rule="Danger", do=do, confirm=code_in(shown))
    assert f"1. Danger {told}" in saved
    assert recorded_effects(office)[-1] == recorded
    assert "1. Danger [off, " in await answer(office, "rules", action="save", rule="Danger", enabled=False)
    again = await answer(office, "rules", action="save", rule="Danger", enabled=True)
    assert again.startswith("Nothing was saved yet")
    await answer(office, "rules", action="delete", rule="Danger")


async def test_a_rule_made_elsewhere_is_shown_with_all_whom_it_reaches_and_switched_on_for_no_look_alike(
    office: Office,
) -> None:
    people = [{"emailAddress": {"name": "Everybody I know"}}, {"emailAddress": {"address": "alice@c0ntoso.example"}}]
    rule = {"displayName": "Copies", "sequence": 1, "isEnabled": False, "actions": {"forwardTo": people[:1]}}
    office.alice.records("rule").put_record("AQAAAJ8001", rule)
    shown = await answer(office, "rules", action="save", rule="Copies", enabled=True)
    assert "do: forward to Everybody I know" in shown
    assert "to outside contoso.example: everybody i know" in shown
    rule["actions"] = {"forwardTo": people[1:]}
    office.alice.records("rule").put_record("AQAAAJ8001", rule)
    assert "looks like" in await refusal(office, "rules", action="save", rule="Copies", enabled=True)
    await answer(office, "rules", action="save", rule="Copies", enabled=False)
    await answer(office, "rules", action="delete", rule="Copies")


async def test_a_rule_that_may_have_been_saved_is_in_the_audit_log_with_what_it_does(office: Office) -> None:
    arguments = {"action": "save", "rule": "Lost", "do": "forward to eve@evil.example"}
    code = code_in(await answer(office, "rules", **arguments))
    before = len(recorded_effects(office))
    unseen = Fault(route=RULES, method="GET", status=500, skip=1)
    office.sandbox.faults.replace_rules([Fault(route=RULES, method="POST", cut="after"), unseen])
    try:
        await refusal(office, "rules", **arguments, confirm=code)
    finally:
        office.sandbox.faults.replace_rules([])
    assert recorded_effects(office)[before:] == ["forwards"]
    await answer(office, "rules", action="delete", rule="Lost")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"action": "save"}, "save needs `rule`: its name"),
        ({"action": "delete", "rule": "None such"}, "There is no rule 'None such'. There are: none."),
        ({"action": "save", "rule": "x"}, "The rule does nothing. Give `do`: move to FOLDER; copy to FOLDER; forward"),
        ({"action": "save", "rule": "x", "do": "explode"}, "'explode' is no action. There are: move to FOLDER"),
        ({"action": "save", "rule": "x", "do": "move to Nowhere"}, "There is no folder 'Nowhere'."),
        ({"action": "save", "rule": "x", "do": "forward to Bob"}, "it is not one address"),
        ({"action": "save", "rule": "x", "do": "category"}, "'category' is no action"),
        (
            {"action": "save", "rule": "x", "do": "stop", "when": "from shop"},
            "The condition 'from' takes addresses. 'shop' cannot be",
        ),
        ({"action": "save", "rule": "x", "do": "stop", "when": "it rains"}, "'it rains' is no condition. There are: s"),
        ({"action": "save", "rule": "x", "do": "stop", "when": "importance is huge"}, "takes one of low, normal, high"),
        ({"action": "save", "rule": "x", "do": "stop", "when": "size 9 to 3 KB"}, "smallest size has to be below"),
        ({"action": "run", "rule": "x"}, "rules: `action`"),
        ({"action": "list", "account": "nobody"}, "You have connected no mailbox of that name"),
    ],
)
async def test_a_wrong_argument_is_refused_with_what_there_is(
    office: Office, arguments: dict[str, Any], told: str
) -> None:
    assert told in await refusal(office, "rules", **arguments)
    assert await answer(office, "rules") == "There are no inbox rules."


async def test_what_was_saved_is_told_also_when_the_rules_cannot_be_read_afterwards(office: Office) -> None:
    faults = office.sandbox.faults
    faults.replace_rules([Fault(route=RULES, method="GET", skip=1, status=403)])
    try:
        told = await answer(office, "rules", action="save", rule="Blind", do="stop")
    finally:
        faults.replace_rules([])
    assert told.startswith("Created: Blind.\nThe rules could not be read afterwards: Microsoft Graph refused (403")
    await answer(office, "rules", action="delete", rule="Blind")


SAVE = {"action": "save", "rule": "Faulty", "do": "mark read"}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"status": 403, "body": said("ErrorAccessDenied")}, "The permission MailboxSettings.ReadWrite was granted"),
        ({"status": 429, "headers": {"Retry-After": "120"}}, "Nothing was changed. Try again later"),
        ({"status": 409, "body": said("ErrorIrresolvableConflict")}, "Read it again and repeat."),
        ({"status": 400, "body": said("ErrorInboxRulesValidationError")}, "Exchange does not take this rule"),
        ({"status": 503}, "A look afterwards shows that nothing was changed."),
    ],
)
async def test_a_refusal_of_graph_is_told_and_nothing_is_saved(
    office: Office, fault: dict[str, Any], told: str
) -> None:
    assert told in await failed(office, Fault(route=RULES, method="POST", **fault), "rules", **SAVE)
    assert await answer(office, "rules") == "There are no inbox rules."


async def test_a_change_whose_answer_was_lost_is_looked_for(office: Office) -> None:
    faults = office.sandbox.faults
    routes = (("POST", RULES), ("PATCH", f"{RULES}/*"), ("DELETE", f"{RULES}/*"))
    faults.replace_rules([Fault(route=route, method=method, cut="after", times=1) for method, route in routes])
    try:
        assert (await answer(office, "rules", **SAVE)).startswith("Created: Faulty.")
        changed = await answer(office, "rules", **{**SAVE, "do": "stop; mark read", "when": "from bob@contoso.example"})
        assert changed.startswith("Changed: Faulty.")
        told = await answer(office, "rules", action="delete", rule="Faulty")
        assert told == "Deleted: Faulty.\nThere are no inbox rules."
        assert faults.applied == 3
    finally:
        faults.replace_rules([])


async def test_a_rule_forwards_no_mail_to_a_look_alike_of_a_correspondent(office: Office) -> None:
    look_alike = "alice@c0ntoso.example"
    for do in (f"forward to {look_alike}", f"redirect to {look_alike}", f"forward as attachment to {look_alike}"):
        told = await refusal(office, "rules", action="save", rule="Copies", do=do)
        assert told.startswith(f"{look_alike} cannot be a recipient: it looks like alice@contoso.example")
    assert await answer(office, "rules") == "There are no inbox rules."
