"""The folder that the text of a search says to look in, as Outlook, KQL and Gmail write it."""

from __future__ import annotations

FOLDER_FIELDS = frozenset({"in", "folder"})
_PLACES = {
    "spam": "junkemail",
    "junk": "junkemail",
    "trash": "deleteditems",
    "trashed": "deleteditems",
    "deleted": "deleteditems",
    "sent": "sentitems",
    "archived": "archive",
}
# Labels of Gmail that are folders, where their name is no folder's of Outlook.
_LABELS = {
    **_PLACES,
    "inbox": "inbox",
    "draft": "drafts",
    "drafts": "drafts",
    "archive": "archive",
    "all": "all",
    "anywhere": "all",
}
_FOLDER_OF = {"is": _PLACES, "label": _LABELS, "labels": _LABELS}


def folder_of(name: str, value: str) -> str | None:
    """The folder that `name:value` says to look in, as in `in:sent` and `is:spam`; None when it says none."""
    if name in FOLDER_FIELDS:
        return value
    return _FOLDER_OF.get(name, {}).get(value.casefold())
