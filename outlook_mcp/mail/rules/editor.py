"""Lists, saves and deletes the inbox rules of one mailbox.

A rule that sends mail to others or loses it is saved only with a code, which a first call gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outlook_mcp.answers.frame import framed_names
from outlook_mcp.errors import Conflict, InvalidInput, NotFound, OutlookError, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.mail.choices import RuleAction
from outlook_mcp.mail.confirmation import Confirmations
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.rules.actions import describe_actions, effects_of, parse_actions, reached_by
from outlook_mcp.mail.rules.conditions import describe_conditions, parse_conditions
from outlook_mcp.mail.rules.models import Rule
from outlook_mcp.mail.settling import settled, settled_deletion

_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """What a caller wants of a rule, in words; None leaves a part as it is."""

    when: str | None = None
    unless: str | None = None
    do: str | None = None
    order: int | None = None
    enabled: bool | None = None

    @property
    def only_disables(self) -> bool:
        return self.enabled is False and (self.when, self.unless, self.do) == (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWords:
    """A rule in words. `effects` are what it does that sends mail to others, `reaches`, or loses it."""

    rule: Rule
    when: Sequence[str]
    unless: Sequence[str]
    do: Sequence[str]
    effects: Sequence[str]
    reaches: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRules:
    """All rules, in the order in which Outlook applies them; `done` is what was changed of the rule called `name`.

    `unread` tells why they could not be read after that.
    """

    rules: Sequence[RuleWords]
    unread: OutlookError | None = None
    done: str = ""
    name: str = ""
    changed: RuleWords | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsavedRule:
    """Nothing was saved yet: this rule sends mail to others or loses it, and `code` confirms it."""

    rule: RuleWords
    code: str
    was_refused: bool


NoteRule = Callable[[RuleWords], object]


def note_nothing(_: RuleWords) -> None:
    """For callers that keep no record of what is saved."""


class RuleEditor:
    """For one mailbox. When the answer to a change is lost, the rules are looked at."""

    def __init__(
        self,
        graph: GraphClient,
        folders: MailFolders,
        confirmations: Confirmations,
        correspondents: Correspondents,
        *,
        look_again_s: float,
    ) -> None:
        self._graph = graph
        self._folders = folders
        self._confirmations = confirmations
        self._correspondents = correspondents
        self._look_again_s = look_again_s

    async def edit_rules(
        self, action: RuleAction, name: str | None, draft: RuleDraft, confirm: str | None, note: NoteRule = note_nothing
    ) -> ListedRules | UnsavedRule:
        """Lists, saves or deletes. A rule that is about to be saved is given to `note` first.

        Raises InvalidInput for arguments that do not fit, NotFound where there is no rule of the name to delete."""
        if action == "list":
            return ListedRules(rules=await self._in_words(await self._rules()))
        if not name or not name.strip() or len(name) > _LONGEST_NAME:
            raise InvalidInput(f"{action} needs `rule`: its name, of at most {_LONGEST_NAME} characters.")
        return await (
            self._save_rule(name.strip(), draft, confirm, note) if action == "save" else self._delete_rule(name.strip())
        )

    async def _save_rule(
        self, name: str, draft: RuleDraft, confirm: str | None, note: NoteRule
    ) -> ListedRules | UnsavedRule:
        known = _named(await self._rules(), name)
        if known is not None:
            _require_writable(known)
        fields = await self._fields(name, draft, known)
        wanted = _merged(known, name, fields)
        (words,) = await self._in_words([wanted])
        facts = ("rule", wanted.id, fields, wanted.display_name, wanted.conditions, wanted.exceptions, wanted.actions)
        if words.effects and not draft.only_disables:
            # Also of a rule that was made elsewhere, and is switched on or changed here.
            await self._correspondents.check_recipients(words.reaches)
            if not self._confirmations.confirms(confirm, *facts):
                code = self._confirmations.code_for(*facts)
                return UnsavedRule(rule=words, code=code, was_refused=confirm is not None)
        note(words)
        await settled(
            lambda: self._write_rule(known, fields),
            lambda: self._is_written(known, wanted),
            look_again_s=self._look_again_s,
        )
        done = "Created" if known is None else "Changed"
        return await self._rules_after(done, name, words)

    async def _delete_rule(self, name: str) -> ListedRules:
        rules = await self._rules()
        known = _named(rules, name)
        if known is None:
            names = framed_names([rule.name for rule in rules], most=40) if rules else "none"
            raise NotFound(f"There is no rule {name[:80]!r}.", status=404, next_step=f"There are: {names}.")
        _require_writable(known)

        async def is_listed() -> bool:
            return any(rule.id == known.id for rule in await self._rules())

        request = self._graph.request(self._item(known), "DELETE")
        await settled_deletion(lambda: self._graph.perform(request), is_listed, look_again_s=self._look_again_s)
        return await self._rules_after("Deleted", name)

    async def _rules_after(self, done: str, name: str, changed: RuleWords | None = None) -> ListedRules:
        """What was done is done, whether or not the rules can be read afterwards."""
        try:
            rules = await self._in_words(await self._rules())
        except OutlookError as error:
            return ListedRules(rules=(), unread=error, done=done, name=name, changed=changed)
        return ListedRules(rules=rules, done=done, name=name, changed=changed)

    async def _fields(self, name: str, draft: RuleDraft, known: Rule | None) -> dict[str, Any]:
        """The JSON of what the draft sets. Raises InvalidInput when that is nothing."""
        fields: dict[str, Any] = {}
        if draft.when is not None:
            fields["conditions"] = parse_conditions(draft.when)
        if draft.unless is not None:
            fields["exceptions"] = parse_conditions(draft.unless)
        if draft.do is not None or known is None:
            fields["actions"] = await parse_actions(draft.do or "", self._folder_id)
        if draft.order is not None and draft.order < 0:
            raise InvalidInput("`order` is the place of the rule among the others, 0 or more.")
        if draft.order is not None:
            fields["sequence"] = draft.order
        if draft.enabled is not None:
            fields["isEnabled"] = draft.enabled
        if not fields:
            raise InvalidInput("Nothing to save was given.", next_step="Give when, unless, do, order or enabled.")
        if known is None:
            fields = {"displayName": name, "isEnabled": True, **fields}
        return fields

    async def _folder_id(self, name: str) -> str:
        return (await self._folders.find_folder(name)).id

    async def _write_rule(self, known: Rule | None, fields: Mapping[str, Any]) -> bool:
        try:
            if known is None:
                await self._graph.answer_to(self._graph.request(self._all, "POST", json=fields), Rule)
            else:
                await self._graph.answer_to(self._graph.request(self._item(known), "PATCH", json=fields), Rule)
        except RequestRejected as error:
            error.next_step = error.next_step or "Exchange does not take this rule: change its conditions or actions."
            raise
        return True

    async def _is_written(self, known: Rule | None, wanted: Rule) -> bool | None:
        """None for a rule that is as before. Raises Conflict for one that is neither so nor as it was sent."""
        now = _named(await self._rules(), wanted.name)
        if now is None or known is None:
            return now is not None or None
        if _says(now) == _says(known):
            return None
        if _says(now) != _says(wanted):
            raise Conflict("The rule is not as it was sent.")
        return True

    async def _rules(self) -> list[Rule]:
        page = await self._graph.answer_to(self._graph.request(self._all), Page[Rule])
        found = list(page.value)
        while page.next_link:
            page = await self._graph.next_page(page.next_link, Page[Rule])
            found += page.value
        return sorted(found, key=lambda rule: rule.sequence or 0)

    async def _in_words(self, rules: Sequence[Rule]) -> list[RuleWords]:
        if not rules:
            return []
        paths = await self._folders.folder_paths()
        builder = self._graph.me.mail_folders.by_mail_folder_id("deleteditems")
        bin_ = await self._graph.answer_to(self._graph.request(builder, query={"$select": ("id",)}), Item)
        return [
            RuleWords(
                rule=rule,
                when=describe_conditions(rule.conditions),
                unless=describe_conditions(rule.exceptions),
                do=describe_actions(rule.actions, lambda folder: paths.get(FolderId(folder), "an unknown folder")),
                effects=effects_of(rule.actions, bin_.id),
                reaches=reached_by(rule.actions),
            )
            for rule in rules
        ]

    @property
    def _all(self) -> Any:
        return self._graph.me.mail_folders.by_mail_folder_id("inbox").message_rules

    def _item(self, rule: Rule) -> Any:
        return self._all.by_message_rule_id(rule.id)


def _named(rules: Sequence[Rule], name: str) -> Rule | None:
    """The rule of this name, in which case makes no difference. Raises InvalidInput when several have the name."""
    found = [rule for rule in rules if (rule.display_name or "").casefold() == name.casefold()]
    if len(found) > 1:
        raise InvalidInput(f"Several rules are called {name[:80]!r}.", next_step="Rename one of them in Outlook.")
    return found[0] if found else None


def _require_writable(rule: Rule) -> None:
    if rule.is_read_only:
        raise InvalidInput(
            f"The rule {rule.name[:80]!r} can be changed only in Outlook: it holds what Graph does not know."
        )


def _merged(known: Rule | None, name: str, fields: Mapping[str, Any]) -> Rule:
    """The rule as it will be."""
    base = known or Rule(id="", display_name=name)
    return Rule(
        id=base.id,
        display_name=base.display_name,
        sequence=fields.get("sequence", base.sequence),
        is_enabled=fields.get("isEnabled", base.is_enabled),
        has_error=base.has_error,
        is_read_only=base.is_read_only,
        conditions=fields.get("conditions", base.conditions),
        exceptions=fields.get("exceptions", base.exceptions),
        actions=fields.get("actions", base.actions),
    )


def _says(rule: Rule) -> list[object]:
    """What matters of a rule, without names that Exchange adds to addresses."""
    return [
        rule.sequence,
        rule.is_enabled,
        sorted(describe_conditions(rule.conditions)),
        sorted(describe_conditions(rule.exceptions)),
        sorted(describe_actions(rule.actions, str)),
    ]
