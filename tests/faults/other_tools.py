"""Changes of rules, folders and subscriptions to mailing lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store import Folder
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.rules import rules_of
from tests.faults.attempts import Attempt, Operation, Prepare, Prepared, batched, is_in, numbers, single
from tests.faults.office import Office

FOLDERS = "/v1.0/me/mailFolders"
RULES = f"{FOLDERS}/inbox/messageRules"
# More than one batch holds, and no more than the server of these tests empties.
MANY = 15


def saving_a_rule(do: str) -> Prepare:
    def prepare(office: Office) -> Attempt:
        name = f"Rule {next(numbers)}"
        arguments = {"action": "save", "rule": name, "when": "subject contains parcel", "do": do}
        return Attempt(
            tool="rules",
            arguments=arguments,
            parts={"rule": lambda: name in _rule_names(office)},
            is_confirmed="forward" in do,
        )

    return prepare


def changing_a_rule(**change: Any) -> Prepare:
    """`change` is what the tool is given of a rule that is enabled and marks mail as read."""

    def prepare(office: Office) -> Attempt:
        name = _new_rule(office)

        def is_changed() -> bool:
            (rule,) = [rule for rule in rules_of(office.alice).values() if rule["displayName"] == name]
            return bool(rule["actions"].get("stopProcessingRules") or not rule["isEnabled"])

        arguments = {"action": "save", "rule": name, **change}
        return Attempt(tool="rules", arguments=arguments, parts={"rule": is_changed})

    return prepare


def deleting_a_rule(office: Office) -> Attempt:
    name = _new_rule(office)
    arguments = {"action": "delete", "rule": name}
    return Attempt(tool="rules", arguments=arguments, parts={"rule": lambda: name not in _rule_names(office)})


def _new_rule(office: Office) -> str:
    name = f"Rule {next(numbers)}"
    rule: Mapping[str, Any] = {
        "displayName": name,
        "sequence": 1,
        "isEnabled": True,
        "conditions": {"subjectContains": ["parcel"]},
        "actions": {"markAsRead": True},
    }
    office.alice.records("rule").put_record(f"AQAAAJ{next(numbers):04}", rule)
    return name


def _rule_names(office: Office) -> list[str]:
    return [str(rule["displayName"]) for rule in rules_of(office.alice).values()]


def making_a_folder(office: Office) -> Attempt:
    name = f"Folder {next(numbers)}"
    arguments = {"action": "create", "folder": name}
    return Attempt(tool="folder_edit", arguments=arguments, parts={"folder": lambda: _top_folder(office, name)})


def renaming_a_folder(office: Office) -> Attempt:
    folder, name = _new_folder(office), f"Renamed {next(numbers)}"
    arguments = {"action": "rename", "folder": folder.name, "to": name}
    return Attempt(tool="folder_edit", arguments=arguments, parts={"folder": lambda: _top_folder(office, name)})


def moving_a_folder(office: Office) -> Attempt:
    folder, above = _new_folder(office), office.alice.ensure_folder("archive")
    arguments = {"action": "move", "folder": folder.name, "to": "archive"}

    def is_moved() -> bool:
        return office.alice.folders.child(above, folder.name) is not None

    return Attempt(tool="folder_edit", arguments=arguments, parts={"folder": is_moved})


def deleting_a_folder(office: Office) -> Attempt:
    folder = _new_folder(office)
    arguments = {"action": "delete", "folder": folder.name}
    return Attempt(
        tool="folder_edit", arguments=arguments, parts={"folder": lambda: not _top_folder(office, folder.name)}
    )


def emptying_a_folder(office: Office) -> Attempt:
    folder = _new_folder(office)
    stored = [office.alice.insert_message(Message(subject="Old"), folder) for _ in range(MANY)]
    return Attempt(
        tool="folder_edit",
        arguments={"action": "empty", "folder": folder.name},
        parts=Prepared(office, stored).parts(is_in(office, "deleteditems")),
        is_confirmed=True,
    )


def _new_folder(office: Office) -> Folder:
    return office.alice.folders.create_folder(f"Folder {next(numbers)}", office.alice.folders.by_name("msgfolderroot"))


def _top_folder(office: Office, name: str) -> bool:
    folders = office.alice.folders
    try:
        return folders.child(folders.by_name("msgfolderroot"), name) is not None
    except ItemNotFound:
        return False


def unsubscribing_by_mail(office: Office) -> Attempt:
    subject = f"stop {next(numbers)}"
    target = f"<mailto:{office.bobs_address}?subject={subject.replace(' ', '%20')}>"
    message = Message(
        subject="News", from_=Address("news@list.example", "The News"), headers=[("List-Unsubscribe", target)]
    )

    def is_sent() -> bool:
        return bool(office.bob.messages.total("m.subject = ?", (subject,)))

    arguments = {"id": office.alice.insert_message(message).immutable_id}
    return Attempt(tool="unsubscribe", arguments=arguments, parts={"sent": is_sent}, subject=subject, is_confirmed=True)


OTHER_OPERATIONS: Mapping[str, Operation] = {
    "new rule": Operation(prepare=saving_a_rule("mark read"), target=single("POST", RULES)),
    "rule that forwards": Operation(
        prepare=saving_a_rule("forward to bob@contoso.example"), target=single("POST", RULES)
    ),
    "changed rule": Operation(prepare=changing_a_rule(do="stop"), target=single("PATCH", f"{RULES}/*")),
    "rule switched off": Operation(prepare=changing_a_rule(enabled=False), target=single("PATCH", f"{RULES}/*")),
    "deleted rule": Operation(prepare=deleting_a_rule, target=single("DELETE", f"{RULES}/*")),
    "new folder": Operation(prepare=making_a_folder, target=single("POST", FOLDERS)),
    "renamed folder": Operation(prepare=renaming_a_folder, target=single("PATCH", f"{FOLDERS}/*")),
    "moved folder": Operation(prepare=moving_a_folder, target=single("POST", f"{FOLDERS}/*/move")),
    "deleted folder": Operation(prepare=deleting_a_folder, target=single("POST", f"{FOLDERS}/*/move")),
    "emptied folder": Operation(
        prepare=emptying_a_folder, target=batched("POST", "/v1.0/me/messages/*/move"), names_failed_alone=True
    ),
    "unsubscription by mail": Operation(
        prepare=unsubscribing_by_mail, target=single("POST", "/v1.0/me/messages/*/send"), seen="it is still a draft"
    ),
}
