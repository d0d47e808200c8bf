"""The refusals of Microsoft Graph, with their codes and words."""

from __future__ import annotations

from collections.abc import Mapping


class GraphFault(Exception):
    """An error answer: `code` and `message` go into the body."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def bad_request(message: str, code: str = "BadRequest") -> GraphFault:
    return GraphFault(400, code, message)


def invalid_body(message: str) -> GraphFault:
    return GraphFault(400, "RequestBodyRead", message)


def unknown_segment(segment: str) -> GraphFault:
    return GraphFault(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def id_malformed() -> GraphFault:
    return GraphFault(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def item_not_found() -> GraphFault:
    return GraphFault(
        404,
        "ErrorItemNotFound",
        "The specified object was not found in the store., The process failed to get the correct properties.",
    )


def no_default_folder(name: str) -> GraphFault:
    return GraphFault(
        404,
        "ErrorItemNotFound",
        f"The specified object was not found in the store., Default folder {name} not found.",
    )


def access_denied() -> GraphFault:
    return GraphFault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def invalid_user(name: str) -> GraphFault:
    return GraphFault(404, "ErrorInvalidUser", f"The requested user '{name}' is invalid.")


def no_mailbox() -> GraphFault:
    return GraphFault(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    )


def not_a_draft() -> GraphFault:
    return GraphFault(400, "ErrorInvalidPropertySet", "Message is not draft.")


def read_only(name: str) -> GraphFault:
    return GraphFault(400, "ErrorInvalidPropertySet", f"Set action is invalid for property. PropertyName: {name}")


def send_as_denied() -> GraphFault:
    return GraphFault(
        403,
        "ErrorSendAsDenied",
        "The user account which was used to submit this request does not have the right to send mail on behalf of"
        " the specified sending account., Cannot submit message.",
    )


def change_key_mismatch() -> GraphFault:
    return GraphFault(
        412,
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request does not"
        " match the current change key for the item.",
    )


def folder_exists() -> GraphFault:
    return GraphFault(409, "ErrorFolderExists", "A folder with the specified name already exists.")


def folder_protected() -> GraphFault:
    return GraphFault(403, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
