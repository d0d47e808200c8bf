"""Changes of settings, rules, folders and subscriptions to mailing lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store import Folder
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.categories import categories_of
from outlook_mcp.sandbox.store.mail.focused_inbox import OVERRIDES
from outlook_mcp.sandbox.store.mail.rules import rules_of
from outlook_mcp.sandbox.store.mail.settings import settings_of
from tests.faults.attempts import Attempt, Operation, Prepared, batched, is_in, numbers, single
from tests.faults.office import Office

FOLDERS = "/v1.0/me/mailFolders"
RULES = f"{FOLDERS}/inbox/messageRules"
# More than one batch holds, and no more than the server of these tests empties.
MANY = 15


def answering_automatically(office: Office) -> Attempt:
    text = f"Away {next(numbers)}"

    def is_on() -> bool:
        return text in str(settings_of(office.alice)["automaticRepliesSetting"]["internalReplyMessage"])

    return Attempt(tool="settings", arguments={"auto_reply": True, "internal": text}, parts={"replies": is_on})


def making_a_category(office: Office) -> Attempt:
    name = f"Category {next(numbers)}"

    def is_made() -> bool:
        return name in [category["displayName"] for category in categories_of(office.alice).values()]

    return Attempt(tool="settings", arguments={"category": name, "color": "red"}, parts={"category": is_made})


def placing_a_sender(office: Office) -> Attempt:
    address = f"news{next(numbers)}@list.example"

    def is_placed() -> bool:
        return address in str(office.alice.records(OVERRIDES).all_records())

    return Attempt(tool="settings", arguments={"sender": address, "inbox": "other"}, parts={"sender": is_placed})


def saving_a_rule(do: str) -> Callable[[Office], Attempt]:
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


def deleting_a_rule(office: Office) -> Attempt:
    name = f"Rule {next(numbers)}"
    rule: Mapping[str, Any] = {
        "displayName": name,
        "sequence": 1,
        "isEnabled": True,
        "conditions": {"subjectContains": ["parcel"]},
        "actions": {"markAsRead": True},
    }
    office.alice.records("rule").put_record(f"AQAAAJ{next(numbers):04}", rule)
    arguments = {"action": "delete", "rule": name}
    return Attempt(tool="rules", arguments=arguments, parts={"rule": lambda: name not in _rule_names(office)})


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
    # Exchange may write a setting otherwise than it was sent, so a look that finds it unlike shows nothing.
    "automatic replies": Operation(
        prepare=answering_automatically,
        target=single("PATCH", "/v1.0/me/mailboxSettings"),
        seen="Look at what is set now",
    ),
    "new category": Operation(prepare=making_a_category, target=single("POST", "/v1.0/me/outlook/masterCategories")),
    "place of a sender": Operation(
        prepare=placing_a_sender, target=single("POST", "/v1.0/me/inferenceClassification/overrides")
    ),
    "new rule": Operation(prepare=saving_a_rule("mark read"), target=single("POST", RULES)),
    "rule that forwards": Operation(
        prepare=saving_a_rule("forward to bob@contoso.example"), target=single("POST", RULES)
    ),
    "deleted rule": Operation(prepare=deleting_a_rule, target=single("DELETE", f"{RULES}/*")),
    "new folder": Operation(prepare=making_a_folder, target=single("POST", FOLDERS)),
    "renamed folder": Operation(prepare=renaming_a_folder, target=single("PATCH", f"{FOLDERS}/*")),
    "deleted folder": Operation(prepare=deleting_a_folder, target=single("POST", f"{FOLDERS}/*/move")),
    "emptied folder": Operation(
        prepare=emptying_a_folder, target=batched("POST", "/v1.0/me/messages/*/move"), names_failed_alone=True
    ),
    "unsubscription by mail": Operation(
        prepare=unsubscribing_by_mail, target=single("POST", "/v1.0/me/messages/*/send"), seen="it is still a draft"
    ),
}
