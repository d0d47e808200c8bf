"""The settings and the rules of a mailbox as fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Fields, Untrusted, all_words, local_time, words
from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.mail.mailbox_settings.changes import AUDIENCE_NAMES, colour_of
from outlook_mcp.mail.mailbox_settings.editor import ChangedSettings
from outlook_mcp.mail.mailbox_settings.models import AutomaticReplies, MailboxSettings, WorkingHours
from outlook_mcp.mail.rules.editor import ListedRules, RuleWords, UnsavedRule

_LONGEST_TEXT = 600
Part = TypeVar("Part")


class CategoryFields(Untrusted, frozen=True, kw_only=True):
    """A category of the list."""

    name: str
    color: str = ""


class SenderFields(Untrusted, frozen=True, kw_only=True):
    """Where mail of a sender always goes: focused or other."""

    address: str
    inbox: str = ""


class HoursFields(Untrusted, frozen=True, kw_only=True):
    """Days such as monday, and clock times in the zone."""

    days: list[str] = []
    start: str = ""
    end: str = ""
    time_zone: str = ""


class MailboxSettingsFields(Untrusted, frozen=True, kw_only=True):
    """`auto_reply` is disabled, alwaysEnabled or scheduled; `audience` who outside the organisation is answered.
    What a change did not touch is empty."""

    auto_reply: str = ""
    audience: str = ""
    start: datetime | None = None
    end: datetime | None = None
    time_zone: str = ""
    language: str = ""
    hours: HoursFields | None = None


class SettingsWords(Untrusted, frozen=True, kw_only=True):
    """Texts that programs of others may have set too. `changed` says in sentences what the call set."""

    changed: list[str] = []
    mailbox: MailboxSettingsFields | None = None
    internal: str = ""
    external: str = ""
    signature: str = ""
    categories: list[CategoryFields] = []
    senders: list[SenderFields] = []


class SettingsShown(Fields, frozen=True, kw_only=True):
    """What was changed as it is set now, or everything that is set. `unread` tells why a part could not be read."""

    unread: list[str] = []
    untrusted: SettingsWords


class RuleFields(Untrusted, frozen=True, kw_only=True):
    """`effects` are what it does that sends mail to others, at `reaches`, or loses it."""

    name: str = ""
    order: int = 0
    enabled: bool = False
    has_error: bool = False
    read_only: bool = False
    when: list[str] = []
    unless: list[str] = []
    do: list[str] = []
    effects: list[str] = []
    reaches: list[str] = []


class RulesWords(Untrusted, frozen=True, kw_only=True):
    """The rules in their order; the name of the one that was changed; the one that waits for its code."""

    rules: list[RuleFields] = []
    changed: str = ""
    to_confirm: RuleFields | None = None


class RulesShown(Fields, frozen=True, kw_only=True):
    """`done` says what was done with a rule. `confirm` saves the rule that sends mail to others or loses it. `unread`
    tells why the rules could not be read after a change."""

    done: str = ""
    confirm: str = ""
    unread: str = ""
    untrusted: RulesWords


def settings_fields(context: AnswerContext, changed: ChangedSettings) -> SettingsShown:
    """What was changed and how it is set now, or everything that is set."""
    change, now = changed.change, changed.now
    unread = [part for part in (now.mailbox, now.categories, now.overrides) if isinstance(part, OutlookError)]
    return SettingsShown(
        unread=[context.error_text(error) for error in unread],
        untrusted=SettingsWords(
            changed=all_words(changed.done, _LONGEST_TEXT),
            mailbox=_settings(context, now.mailbox) if isinstance(now.mailbox, MailboxSettings) else None,
            internal=words(now.internal, _LONGEST_TEXT),
            external=words(now.external, _LONGEST_TEXT),
            signature=words(now.signature_text, _LONGEST_TEXT) if change.is_empty or change.signature else "",
            categories=[
                CategoryFields(name=words(category.display_name), color=colour_of(category.color))
                for category in _parts_of(now.categories)
            ],
            senders=[
                SenderFields(address=words(sender.sender_email_address.address), inbox=words(sender.classify_as))
                for sender in _parts_of(now.overrides)
            ],
        ),
    )


def _parts_of(parts: Sequence[Part] | OutlookError | None) -> Sequence[Part]:
    return () if parts is None or isinstance(parts, OutlookError) else parts


def _settings(context: AnswerContext, settings: MailboxSettings) -> MailboxSettingsFields:
    known = settings.automatic_replies_setting
    replies = known or AutomaticReplies()
    is_scheduled = replies.status == "scheduled"
    return MailboxSettingsFields(
        auto_reply=words(replies.status) if known else "",
        audience=words(AUDIENCE_NAMES.get(replies.external_audience or "", replies.external_audience)) if known else "",
        start=_moment(context, replies.scheduled_start_date_time) if is_scheduled else None,
        end=_moment(context, replies.scheduled_end_date_time) if is_scheduled else None,
        time_zone=words(settings.time_zone),
        language=words(settings.language.locale) if settings.language else "",
        hours=_hours(settings.working_hours) if settings.working_hours else None,
    )


def _moment(context: AnswerContext, zoned: ZonedTime | None) -> datetime | None:
    return local_time(context, zoned.moment if zoned else None)


def _hours(hours: WorkingHours) -> HoursFields:
    return HoursFields(
        days=all_words(hours.days_of_week),
        start=words(hours.start_time)[:5],
        end=words(hours.end_time)[:5],
        time_zone=words(hours.time_zone.name) if hours.time_zone else "",
    )


def rules_fields(context: AnswerContext, edited: ListedRules | UnsavedRule) -> RulesShown:
    """What was changed and all rules in order, or the rule that was not saved yet and its code."""
    if isinstance(edited, UnsavedRule):
        return RulesShown(confirm=edited.code, untrusted=RulesWords(to_confirm=_rule(edited.rule)))
    return RulesShown(
        done=edited.done,
        unread=context.error_text(edited.unread) if edited.unread else "",
        untrusted=RulesWords(rules=[_rule(rule) for rule in edited.rules], changed=words(edited.name)),
    )


def _rule(told: RuleWords) -> RuleFields:
    rule = told.rule
    return RuleFields(
        name=words(rule.name),
        order=rule.sequence or 0,
        enabled=bool(rule.is_enabled),
        has_error=bool(rule.has_error),
        read_only=bool(rule.is_read_only),
        when=all_words(told.when, _LONGEST_TEXT),
        unless=all_words(told.unless, _LONGEST_TEXT),
        do=all_words(told.do, _LONGEST_TEXT),
        effects=list(told.effects),
        reaches=all_words(told.reaches),
    )
