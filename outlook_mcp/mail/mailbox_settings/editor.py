"""Shows and changes the settings of one mailbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from outlook_mcp.errors import ChangeIncomplete, InvalidInput, NotFound, OutlookError
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.identity.email_config import Signature
from outlook_mcp.identity.time_zone import resolve_time_zone
from outlook_mcp.mail.kept_settings import KeptSettings
from outlook_mcp.mail.mailbox_settings.categories import CategoryEditor
from outlook_mcp.mail.mailbox_settings.changes import (
    AUDIENCES,
    SettingsChange,
    language_tag,
    preset_of,
    reply_times,
    time_zone_name,
    working_hours,
)
from outlook_mcp.mail.mailbox_settings.comparison import has_settings
from outlook_mcp.mail.mailbox_settings.models import (
    SETTINGS,
    Category,
    MailboxSettings,
    SenderOverride,
    SettingsNow,
)
from outlook_mcp.mail.mailbox_settings.senders import SenderEditor
from outlook_mcp.mail.settling import settled
from outlook_mcp.net.clock import utc_now
from outlook_mcp.text.html import convert
from outlook_mcp.text.written_body import body_to_html
from outlook_mcp.text.written_html import is_html

_LONGEST_SIGNATURE = 20_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSettings:
    """What was set, in words, and what of that is set now; for an empty `change` everything that is set."""

    change: SettingsChange
    done: Sequence[str]
    now: SettingsNow


class SettingsEditor:
    """For one mailbox: `graph` asks for its settings, `mail` for what needs the permissions of mail.

    When the answer to a change is lost, the setting is looked at.
    """

    def __init__(
        self,
        graph: GraphClient,
        mail: GraphClient,
        kept: KeptSettings,
        *,
        look_again_s: float,
    ) -> None:
        self._graph = graph
        self._mail = mail
        self._kept = kept
        self._look_again_s = look_again_s

    async def change_settings(self, change: SettingsChange) -> ChangedSettings:
        """Sets what is given, one after the other, and reads it again; for an empty change reads everything.

        Raises InvalidInput before anything is changed, ChangeIncomplete when only a part was.
        """
        change.check()
        fields = await self._fields(change)
        steps = self._steps(change, fields)
        done: list[str] = []
        for step in steps:
            try:
                done.append(await step())
            except OutlookError as error:
                if not done:
                    raise
                raise ChangeIncomplete(f"Changed: {'; '.join(done)}. The rest was not.", error) from None
        try:
            now = await self._read_settings(change, list(fields))
        except OutlookError as error:
            if not done:
                raise
            # What was changed is changed, whether or not it can be read afterwards.
            now = SettingsNow(mailbox=error)
        return ChangedSettings(change=change, done=done, now=now)

    def _steps(self, change: SettingsChange, fields: dict[str, Any]) -> list[Callable[[], Awaitable[str]]]:
        """The changes, each checked already."""
        steps: list[Callable[[], Awaitable[str]]] = []
        if fields:
            steps.append(lambda: self._patch_settings(fields))
        if "timeZone" in fields:
            steps.append(lambda: self._keep_zone(fields["timeZone"]))
        if change.signature is not None:
            signature = _signature(change.signature)
            steps.append(lambda: self._keep_signature(signature))
        sender, inbox = change.sender, change.inbox
        if sender is not None and inbox is not None:
            steps.append(lambda: SenderEditor(self._mail, self._look_again_s).place_sender(sender, inbox))
        category, color = change.category, change.color
        if category is not None:
            if color is not None and color.strip().lower() != "delete":
                preset_of(color)
            steps.append(lambda: CategoryEditor(self._graph, self._look_again_s).edit_category(category, color))
        return steps

    async def _fields(self, change: SettingsChange) -> dict[str, Any]:
        """The JSON of mailboxSettings."""
        fields: dict[str, Any] = {}
        if change.time_zone is not None:
            fields["timeZone"] = time_zone_name(change.time_zone)
        if change.language is not None:
            fields["language"] = {"locale": language_tag(change.language)}
        if change.hours is not None or change.changes_replies:
            zone = fields.get("timeZone") or (await self._kept.current()).time_zone
            if change.hours is not None:
                fields["workingHours"] = working_hours(change.hours, zone)
            if change.changes_replies:
                fields["automaticRepliesSetting"] = await self._replies(change, zone)
        return fields

    async def _replies(self, change: SettingsChange, zone: str) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if change.auto_reply is not None:
            fields["status"] = "alwaysEnabled" if change.auto_reply else "disabled"
        if change.end is not None:
            times = reply_times(change.start, change.end, resolve_time_zone(zone), utc_now())
            fields |= {"status": "scheduled", **times.fields()}
        if change.audience is not None:
            fields["externalAudience"] = AUDIENCES[change.audience]
        for name, text in (("internalReplyMessage", change.internal), ("externalReplyMessage", change.external)):
            if text is not None:
                fields[name] = await body_to_html(text) if text.strip() else ""
        return fields

    async def _patch_settings(self, fields: dict[str, Any]) -> str:
        builder = self._graph.me.mailbox_settings
        request = self._graph.request(builder, "PATCH", json=fields)

        async def change() -> bool:
            answer = await self._graph.answer_to(request, dict[str, Any])
            # Graph answers what was changed; without it another server may have answered.
            return fields.keys() <= answer.keys() or await look()

        async def look() -> bool:
            now = await self._graph.answer_to(self._graph.request(builder, query={"$select": SETTINGS}), dict[str, Any])
            if not has_settings(now, fields):
                # Exchange may write a setting otherwise than it was sent, so this does not show that it was not made.
                raise NotFound("The settings are not as they were sent.")
            return True

        await settled(change, look, look_again_s=self._look_again_s)
        names = {
            "timeZone": "time zone",
            "language": "language",
            "workingHours": "working hours",
            "automaticRepliesSetting": "automatic replies",
        }
        return ", ".join(words for name, words in names.items() if name in fields)

    async def _keep_zone(self, name: str) -> str:
        """Answers show times in it from now on."""
        await self._kept.change_config(time_zone=name)
        return "zone of the times in answers"

    async def _keep_signature(self, signature: Signature | None) -> str:
        await self._kept.change_config(signature=signature)
        return "signature"

    async def _read_settings(self, change: SettingsChange, fields: Sequence[str]) -> SettingsNow:
        """Of a change only what it named: those `fields`, that category, that sender."""
        graph, is_whole = self._graph, change.is_empty
        requests: dict[str, Any] = {}
        if is_whole or fields:
            requests["mailbox"] = graph.request(graph.me.mailbox_settings, query={"$select": fields or SETTINGS})
        if is_whole or change.category is not None:
            requests["categories"] = graph.request(graph.me.outlook.master_categories)
        if is_whole or change.sender is not None:
            requests["overrides"] = graph.request(graph.me.inference_classification.overrides)
        answers = dict(zip(requests, await graph.answers_to(list(requests.values())), strict=True))
        mailbox = _decoded(answers.get("mailbox"), MailboxSettings)
        categories = _decoded(answers.get("categories"), Page[Category])
        overrides = _decoded(answers.get("overrides"), Page[SenderOverride])
        replies = mailbox.automatic_replies_setting if isinstance(mailbox, MailboxSettings) else None
        signature = (await self._kept.current()).signature
        return SettingsNow(
            mailbox=mailbox,
            categories=[category for category in categories.value if _is_named(category.display_name, change.category)]
            if isinstance(categories, Page)
            else categories,
            overrides=[
                override
                for override in overrides.value
                if _is_named(override.sender_email_address.address, change.sender)
            ]
            if isinstance(overrides, Page)
            else overrides,
            signature=signature,
            internal=await _plain(replies.internal_reply_message if replies else None),
            external=await _plain(replies.external_reply_message if replies else None),
            signature_text=await _signature_text(signature),
        )


def _is_named(name: str | None, wanted: str | None) -> bool:
    """True for every name where none is wanted."""
    return wanted is None or (name or "").lower() == wanted.strip().lower()


def _decoded(answer: BatchAnswer | None, model: type[T]) -> T | OutlookError | None:
    if answer is None:
        return None
    return answer.decode(model) if answer.is_success else answer.error()


async def _plain(html: str | None) -> str:
    return (await convert(html)).text if html and html.strip() else ""


async def _signature_text(signature: Signature | None) -> str:
    if signature is None:
        return ""
    return await _plain(signature.content) if signature.is_html else signature.content


def _signature(written: str) -> Signature | None:
    if len(written) > _LONGEST_SIGNATURE:
        raise InvalidInput(
            f"The signature has {counted(len(written), 'character')}; the most is {_LONGEST_SIGNATURE:,}."
        )
    return Signature(content=written, is_html=is_html(written)) if written.strip() else None
