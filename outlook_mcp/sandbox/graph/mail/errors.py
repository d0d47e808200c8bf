"""The refusals of Microsoft Graph about mail, with their codes and words."""

from __future__ import annotations

from outlook_mcp.sandbox.graph.core.errors import GraphFault


def no_default_folder(name: str) -> GraphFault:
    return GraphFault(
        404,
        "ErrorItemNotFound",
        f"The specified object was not found in the store., Default folder {name} not found.",
    )


def not_a_draft() -> GraphFault:
    return GraphFault(400, "ErrorInvalidPropertySet", "Message is not draft.")


def send_as_denied() -> GraphFault:
    return GraphFault(
        403,
        "ErrorSendAsDenied",
        "The user account which was used to submit this request does not have the right to send mail on behalf of"
        " the specified sending account., Cannot submit message.",
    )


def folder_exists() -> GraphFault:
    return GraphFault(409, "ErrorFolderExists", "A folder with the specified name already exists.")


def folder_protected() -> GraphFault:
    return GraphFault(403, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
