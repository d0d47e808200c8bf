"""List, save and delete inbox rules."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.mail.area import SETTINGS
from outlook_mcp.mail.choices import RuleAction
from outlook_mcp.mail.lazy import RuleDraft, rules_answer, rules_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, record_of


@email_tool(
    toolset="mail-settings", destructive=True, open_world=True, after_deadline=SETTINGS.look_first, fields=rules_fields
)
async def rules(
    call: Call,
    action: RuleAction | None = None,
    rule: str | None = None,
    when: Annotated[str | None, Field(description="from a@b.c; subject contains x")] = None,
    unless: str | None = None,
    do: str | None = None,
    order: int | None = None,
    enabled: bool | None = None,
    confirm: str | None = None,
    account: str | None = None,
) -> Answer:
    """List or edit inbox rules."""
    workspace = await callers_mailbox(call, account)
    draft = RuleDraft(when=when, unless=unless, do=do, order=order, enabled=enabled)
    edited = await workspace.rules.edit_rules(
        action or "list",
        rule,
        draft,
        confirm,
        # Before it is saved: of a rule whose answer is lost nobody may know whether it was.
        lambda saved: record_of(call).rule_saved(saved.effects, saved.reaches),
    )
    return answered(rules_answer, answer_context(call, workspace), edited)
