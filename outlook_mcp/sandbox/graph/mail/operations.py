"""Every operation on mail: method, path below the user, permissions, handler."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import access_denied
from outlook_mcp.sandbox.graph.core.operations import Area, Operation
from outlook_mcp.sandbox.graph.mail import (
    attachments,
    categories,
    delta,
    extensions,
    focused_inbox,
    folder_delta,
    folders,
    localization,
    mail_tips,
    messages,
    rules,
    scopes,
    sending,
    settings,
    subscriptions,
    translation,
)
from outlook_mcp.sandbox.graph.mail.call import EventJson, MailCall, no_event
from outlook_mcp.sandbox.graph.mail.paths import leave_folders
from outlook_mcp.sandbox.graph.mail.scopes import shared
from outlook_mcp.sandbox.store import MailStore
from outlook_mcp.sandbox.store.mail.grants import may_open

_MESSAGE = "messages/{message}"
_ATTACHMENT = "messages/{message}/attachments/{attachment}"
_EXTENSION = f"{_MESSAGE}/extensions/{{extension}}"
_FOLDER = "mailFolders/{folder}"
_CATEGORIES = "outlook/masterCategories"
_CATEGORY = f"{_CATEGORIES}/{{category}}"
_OVERRIDES = "inferenceClassification/overrides"
_OVERRIDE = f"{_OVERRIDES}/{{override}}"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_RULES = f"{_FOLDER}/messageRules"
_RULE = f"{_RULES}/{{rule}}"

# A fixed name comes before an {id} that would match it too.
OPERATIONS: tuple[Operation[MailCall], ...] = (
    Operation("GET", "mailboxSettings", scopes.SETTINGS, settings.get_settings),
    Operation("GET", "mailboxSettings/{setting}", scopes.SETTINGS, settings.get_setting),
    Operation("PATCH", "mailboxSettings", scopes.SETTINGS_WRITE, settings.update_settings),
    Operation("GET", "outlook", scopes.USER, localization.get_outlook),
    Operation("GET", "outlook/supportedLanguages", scopes.USER, localization.list_languages),
    Operation("GET", "outlook/supportedTimeZones", scopes.USER, localization.list_zones),
    Operation("GET", "outlook/supportedTimeZones/{parameters}", scopes.USER, localization.list_zones),
    Operation("GET", _CATEGORIES, scopes.SETTINGS, categories.list_categories),
    Operation("POST", _CATEGORIES, scopes.SETTINGS_WRITE, categories.create_category),
    Operation("GET", f"{_CATEGORIES}/$count", scopes.SETTINGS, categories.count_categories),
    Operation("GET", _CATEGORY, scopes.SETTINGS, categories.get_category),
    Operation("PATCH", _CATEGORY, scopes.SETTINGS_WRITE, categories.update_category),
    Operation("DELETE", _CATEGORY, scopes.SETTINGS_WRITE, categories.delete_category),
    Operation("GET", "inferenceClassification", scopes.READ_OWN, focused_inbox.get_classification),
    Operation("PATCH", "inferenceClassification", scopes.READ_WRITE_OWN, focused_inbox.update_classification),
    Operation("GET", _OVERRIDES, scopes.READ_OWN, focused_inbox.list_overrides),
    Operation("POST", _OVERRIDES, scopes.READ_WRITE_OWN, focused_inbox.create_override),
    Operation("GET", f"{_OVERRIDES}/$count", scopes.READ_OWN, focused_inbox.count_overrides),
    Operation("GET", _OVERRIDE, scopes.READ_OWN, focused_inbox.get_override),
    Operation("PATCH", _OVERRIDE, scopes.READ_WRITE_OWN, focused_inbox.update_override),
    Operation("DELETE", _OVERRIDE, scopes.READ_WRITE_OWN, focused_inbox.delete_override),
    Operation("POST", "translateExchangeIds", scopes.USER, translation.translate_ids),
    Operation("POST", "sendMail", scopes.SEND, sending.send_mail),
    Operation("POST", "getMailTips", scopes.READ_OWN, mail_tips.get_mail_tips),
    Operation("GET", "/subscriptions", scopes.READ_BASIC, subscriptions.list_subscriptions),
    Operation("POST", "/subscriptions", scopes.READ_BASIC, subscriptions.create_subscription),
    Operation("GET", _SUBSCRIPTION, scopes.READ_BASIC, subscriptions.get_subscription),
    Operation("PATCH", _SUBSCRIPTION, scopes.READ_BASIC, subscriptions.update_subscription),
    Operation("DELETE", _SUBSCRIPTION, scopes.READ_BASIC, subscriptions.delete_subscription),
    Operation("POST", f"{_SUBSCRIPTION}/reauthorize", scopes.READ_BASIC, subscriptions.reauthorize),
    Operation("GET", "messages", scopes.READ_BASIC, messages.list_messages),
    Operation("POST", "messages", scopes.READ_WRITE, messages.create_message),
    Operation("GET", "messages/$count", scopes.READ_BASIC, messages.count_messages),
    Operation("GET", "messages/delta", scopes.READ_BASIC, delta.message_delta),
    Operation("GET", _MESSAGE, scopes.READ_BASIC, messages.get_message),
    Operation("PATCH", _MESSAGE, scopes.READ_WRITE, messages.update_message),
    Operation("DELETE", _MESSAGE, scopes.READ_WRITE, messages.delete_message),
    Operation("GET", f"{_MESSAGE}/$value", scopes.READ, messages.get_mime),
    Operation("POST", f"{_MESSAGE}/move", scopes.READ_WRITE, messages.move_message),
    Operation("POST", f"{_MESSAGE}/copy", scopes.READ_WRITE, messages.copy_message),
    Operation("POST", f"{_MESSAGE}/permanentDelete", scopes.READ_WRITE, messages.permanently_delete),
    Operation("POST", f"{_MESSAGE}/send", scopes.SEND, sending.send_draft),
    Operation("POST", f"{_MESSAGE}/reply", scopes.SEND, sending.reply),
    Operation("POST", f"{_MESSAGE}/replyAll", scopes.SEND, sending.reply_all),
    Operation("POST", f"{_MESSAGE}/forward", scopes.SEND, sending.forward),
    Operation("POST", f"{_MESSAGE}/createReply", scopes.READ_WRITE, sending.create_reply),
    Operation("POST", f"{_MESSAGE}/createReplyAll", scopes.READ_WRITE, sending.create_reply_all),
    Operation("POST", f"{_MESSAGE}/createForward", scopes.READ_WRITE, sending.create_forward),
    Operation("GET", f"{_MESSAGE}/attachments", scopes.READ, attachments.list_attachments),
    Operation("POST", f"{_MESSAGE}/attachments", scopes.READ_WRITE, attachments.add_attachment),
    Operation("GET", f"{_MESSAGE}/attachments/$count", scopes.READ, attachments.count_attachments),
    Operation(
        "POST", f"{_MESSAGE}/attachments/createUploadSession", scopes.READ_WRITE, attachments.create_upload_session
    ),
    Operation("GET", _ATTACHMENT, scopes.READ, attachments.get_attachment),
    Operation("DELETE", _ATTACHMENT, scopes.READ_WRITE, attachments.delete_attachment),
    Operation("GET", f"{_ATTACHMENT}/$value", scopes.READ, attachments.get_content),
    Operation("GET", f"{_MESSAGE}/extensions", scopes.READ, extensions.list_extensions),
    Operation("POST", f"{_MESSAGE}/extensions", scopes.READ_WRITE, extensions.create_extension),
    Operation("GET", f"{_MESSAGE}/extensions/$count", scopes.READ, extensions.count_extensions),
    Operation("GET", _EXTENSION, scopes.READ, extensions.get_extension),
    Operation("PATCH", _EXTENSION, scopes.READ_WRITE, extensions.update_extension),
    Operation("DELETE", _EXTENSION, scopes.READ_WRITE, extensions.delete_extension),
    Operation("GET", "mailFolders", scopes.READ_BASIC, folders.list_folders),
    Operation("POST", "mailFolders", scopes.READ_WRITE, folders.create_folder),
    Operation("GET", "mailFolders/$count", scopes.READ_BASIC, folders.count_folders),
    Operation("GET", "mailFolders/delta", scopes.READ_BASIC, folder_delta.folder_delta),
    Operation("GET", _FOLDER, scopes.READ_BASIC, folders.get_folder),
    Operation("PATCH", _FOLDER, scopes.READ_WRITE, folders.update_folder),
    Operation("DELETE", _FOLDER, scopes.READ_WRITE, folders.delete_folder),
    Operation("POST", f"{_FOLDER}/copy", scopes.READ_WRITE, folders.copy_folder),
    Operation("POST", f"{_FOLDER}/move", scopes.READ_WRITE, folders.move_folder),
    Operation("POST", f"{_FOLDER}/permanentDelete", scopes.READ_WRITE, folders.permanently_delete_folder),
    Operation("GET", f"{_FOLDER}/childFolders", scopes.READ_BASIC, folders.list_folders),
    Operation("POST", f"{_FOLDER}/childFolders", scopes.READ_WRITE, folders.create_folder),
    Operation("GET", f"{_FOLDER}/childFolders/$count", scopes.READ_BASIC, folders.count_folders),
    Operation("GET", f"{_FOLDER}/childFolders/delta", scopes.READ_BASIC, folder_delta.folder_delta),
    Operation("GET", _RULES, scopes.SETTINGS, rules.list_rules),
    Operation("POST", _RULES, scopes.SETTINGS_WRITE, rules.create_rule),
    Operation("GET", f"{_RULES}/$count", scopes.SETTINGS, rules.count_rules),
    Operation("GET", _RULE, scopes.SETTINGS, rules.get_rule),
    Operation("PATCH", _RULE, scopes.SETTINGS_WRITE, rules.update_rule),
    Operation("DELETE", _RULE, scopes.SETTINGS_WRITE, rules.delete_rule),
)


def mail_area(store: MailStore, upload_origin: Callable[[str], str], event_json: EventJson = no_event) -> Area:
    """`upload_origin` gives the origin of upload sessions for a scheme; each request first sends mail that is due."""

    def bound(operation: Operation[MailCall]) -> Operation[Call]:
        async def handle(call: Call) -> Response:
            mail_call = MailCall.of(call, store, upload_origin(call.request.url.scheme), event_json)
            if not (mail_call.is_own or _may_call(mail_call, operation)):
                raise access_denied()
            return await operation.handler(mail_call)

        return Operation(operation.method, operation.pattern, operation.scopes, handle, shared(operation.scopes))

    return Area([bound(operation) for operation in OPERATIONS], leave_folders, store.outbox.deliver_due)


def _may_call(call: MailCall, operation: Operation[MailCall]) -> bool:
    """Whether the owner or an administrator of another mailbox has given the caller the right for it.

    Rights to send are checked with the message, which may be sent from any mailbox.
    """
    if operation.pattern == "sendMail":
        return True
    return may_open(call.mailbox, call.caller.oid, to_write=operation.method != "GET")
