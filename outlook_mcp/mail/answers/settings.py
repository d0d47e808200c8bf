"""The settings of a mailbox, and what was changed of them."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed
from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.mail.mailbox_settings.changes import AUDIENCE_NAMES, colour_of
from outlook_mcp.mail.mailbox_settings.editor import ChangedSettings
from outlook_mcp.mail.mailbox_settings.models import AutomaticReplies, MailboxSettings, SettingsNow, WorkingHours
from outlook_mcp.text.characters import one_line

_LONGEST_TEXT = 600
_MOST_LISTED = 60


def settings_answer(context: AnswerContext, changed: ChangedSettings) -> str:
    """What was changed and how it is set now, or everything that is set; a part that could not be read says why."""
    change, now = changed.change, changed.now
    lines = []
    if isinstance(now.mailbox, MailboxSettings):
        lines += _mailbox_lines(context, now, now.mailbox)
    elif now.mailbox is not None:
        lines.append(f"Settings not read: {context.error_text(now.mailbox)}")
    lines += [*_sender_lines(context, now, change.sender), *_category_lines(context, now, change.category)]
    if change.is_empty:
        return framed("\n".join([*lines, _signature_line(now)]))
    lines += [_signature_line(now)] if change.signature is not None else []
    told = [f"Changed: {'; '.join(changed.done)}.", *([framed("\n".join(lines))] if lines else [])]
    return "\n".join([*told, "Without arguments settings shows all that is set."])


def _mailbox_lines(context: AnswerContext, now: SettingsNow, settings: MailboxSettings) -> list[str]:
    replies = settings.automatic_replies_setting
    lines = _reply_lines(context, now, replies) if replies else []
    if settings.time_zone:
        lines.append(f"Time zone: {one_line(settings.time_zone, 80)}")
    if settings.working_hours:
        lines.append(f"Working hours: {_hours(settings.working_hours)}")
    if settings.language:
        lines.append(f"Language: {one_line(settings.language.locale or 'unknown', 40)}")
    return lines


def _reply_lines(context: AnswerContext, now: SettingsNow, replies: AutomaticReplies) -> list[str]:
    audience = AUDIENCE_NAMES.get(replies.external_audience or "", replies.external_audience or "all")
    if replies.status == "scheduled":
        start, end = (
            _time(context, zoned) for zoned in (replies.scheduled_start_date_time, replies.scheduled_end_date_time)
        )
        state = f"from {start} to {end} ({context.zone})"
    else:
        state = "off" if replies.status == "disabled" else "on until switched off"
    lines = [f"Automatic replies: {state}; outside the organisation to: {one_line(audience, 20)}"]
    for name, text in (("internal", now.internal), ("external", now.external)):
        lines.append(f"  {name}: {one_line(text, _LONGEST_TEXT) or '(empty)'}")
    if replies.status != "disabled":
        if not now.internal:
            lines.append("  The internal text is empty: give internal.")
        if audience != "none" and not now.external:
            lines.append("  The external text is empty: give external, or audience=none.")
    return lines


def _sender_lines(context: AnswerContext, now: SettingsNow, asked: str | None) -> list[str]:
    if now.overrides is None:
        return []
    if isinstance(now.overrides, OutlookError):
        return [f"Senders not read: {context.error_text(now.overrides)}"]
    if asked is not None and not now.overrides:
        return [f"Mail of {one_line(asked, 100)}: as Outlook decides"]
    lines = [
        f"Mail of {one_line(override.sender_email_address.address or '', 100)}: {one_line(override.classify_as, 20)}"
        for override in now.overrides[:_MOST_LISTED]
    ]
    return [*lines, *_more(len(now.overrides))]


def _category_lines(context: AnswerContext, now: SettingsNow, asked: str | None) -> list[str]:
    if now.categories is None:
        return []
    if isinstance(now.categories, OutlookError):
        return [f"Categories not read: {context.error_text(now.categories)}"]
    shown = [
        f"{one_line(category.display_name or '', 60)} ({colour_of(category.color)})"
        for category in now.categories[:_MOST_LISTED]
    ]
    if asked is not None:
        return [f"Category: {category}" for category in shown]
    return [f"Categories (Graph cannot rename them): {', '.join(shown) or 'none'}", *_more(len(now.categories))]


def _signature_line(now: SettingsNow) -> str:
    if now.signature is None:
        return "Signature of drafts: none (this server keeps its own; that of Outlook cannot be read)"
    kind = "HTML" if now.signature.is_html else "text"
    return f"Signature of drafts ({kind}): {one_line(now.signature_text, _LONGEST_TEXT)}"


def _more(count: int) -> list[str]:
    return [f"and {count - _MOST_LISTED} more"] if count > _MOST_LISTED else []


def _hours(hours: WorkingHours) -> str:
    days = ", ".join(one_line(day, 10)[:3] for day in hours.days_of_week)
    zone = one_line((hours.time_zone and hours.time_zone.name) or "", 80)
    return f"{days} {(hours.start_time or '')[:5]}-{(hours.end_time or '')[:5]} ({zone})"


def _time(context: AnswerContext, zoned: ZonedTime | None) -> str:
    moment = zoned.moment if zoned else None
    return context.time(moment) if moment else "an unknown time"
