"""Show and change the settings of a mailbox."""

from outlook_mcp.mail.area import SETTINGS
from outlook_mcp.mail.lazy import SettingsChange, settings_answer, settings_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, record_of


@email_tool(
    toolset="mail-settings",
    destructive=True,
    open_world=True,
    after_deadline=SETTINGS.look_first,
    fields=settings_fields,
)
async def settings(
    call: Call,
    auto_reply: bool | None = None,
    start: str | None = None,
    end: str | None = None,
    internal: str | None = None,
    external: str | None = None,
    audience: str | None = None,
    time_zone: str | None = None,
    hours: str | None = None,
    language: str | None = None,
    signature: str | None = None,
    sender: str | None = None,
    inbox: str | None = None,
    category: str | None = None,
    color: str | None = None,
    account: str | None = None,
) -> Answer:
    """Show or change settings."""
    workspace = await callers_mailbox(call, account)
    change = SettingsChange(
        auto_reply=auto_reply,
        start=start,
        end=end,
        internal=internal,
        external=external,
        audience=audience,
        time_zone=time_zone,
        hours=hours,
        language=language,
        signature=signature,
        sender=sender,
        inbox=inbox,
        category=category,
        color=color,
    )
    if change.changes_replies and change.auto_reply is not False:
        # Before it is done: of a change whose answer is lost nobody may know whether it was made.
        record_of(call).replies_set()
    return answered(settings_answer, answer_context(call, workspace), await workspace.settings.change_settings(change))
