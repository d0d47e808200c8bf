"""Delta queries on the folders of a mailbox."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.errors import bad_request
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.folders import FOLDER_PROPERTIES, folder_properties
from outlook_mcp.sandbox.store import Folder

_DEFAULT_PAGE = 50
_MOST_FOLDERS = 10_000
# Checksums of the properties of each folder that the client knows, by folder id.
_Known = dict[str, int]


async def folder_delta(call: MailCall) -> Response:
    """Folders that are new or whose properties changed, and those that were removed; hidden ones are left out."""
    known, chosen = _state(call)
    select = frozenset(chosen) if chosen else None
    place, parameters = _place(call)
    folders = call.mailbox.folders.select(place, parameters, "f.id", _MOST_FOLDERS)
    changed = [folder for folder in folders if known.get(folder.id) != _checksum(call, folder)]
    removed = sorted(set(known) - {folder.id for folder in folders})
    size = call.prefer.page_size or _DEFAULT_PAGE
    page, gone = changed[:size], removed[: max(0, size - len(changed))]
    value: list[dict[str, Any]] = [_folder_json(call, folder, select) for folder in page]
    removed_type = {"@odata.type": "#microsoft.graph.mailFolder", "@removed": {"reason": "deleted"}}
    value += [{**removed_type, "id": identifier} for identifier in gone]
    seen = {identifier: checksum for identifier, checksum in known.items() if identifier not in gone}
    seen |= {folder.id: _checksum(call, folder) for folder in page}
    more = len(page) + len(gone) < len(changed) + len(removed)
    link = ("@odata.nextLink", "$skiptoken") if more else ("@odata.deltaLink", "$deltatoken")
    url = call.request.url
    target = f"{url.scheme}://{url.netloc}{url.path}?{link[1]}={_token(seen, chosen)}"
    context = call.type_context("Collection(mailFolder)")
    return call.json_answer({"@odata.context": context, "value": value, link[0]: target})


def _place(call: MailCall) -> tuple[str, tuple[int, ...]]:
    """All folders, or those right below the folder in the path."""
    visible = "f.hidden = 0 AND f.well_known IS NOT 'msgfolderroot'"
    above = call.arguments.get("folder")
    return (visible, ()) if above is None else (f"{visible} AND f.parent = ?", (call.folder(above).key,))


def _folder_json(call: MailCall, folder: Folder, select: frozenset[str] | None) -> dict[str, Any]:
    properties = folder_properties(call.mailbox, folder)
    chosen = (
        properties if select is None else {name: properties[name] for name in properties if name in select | {"id"}}
    )
    return {"@odata.type": "#microsoft.graph.mailFolder", **chosen}


def _checksum(call: MailCall, folder: Folder) -> int:
    return zlib.crc32(json.dumps(folder_properties(call.mailbox, folder)).encode())


def _state(call: MailCall) -> tuple[_Known, list[str]]:
    """What the client knows, and the properties it selected in its first request."""
    token = call.options.raw.get("$deltatoken") or call.options.raw.get("$skiptoken")
    if not token:
        return {}, sorted(call.options.selected(FOLDER_PROPERTIES, "mailFolder") or ())
    try:
        known, chosen = json.loads(zlib.decompress(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
        return dict(known), list(chosen)
    except (ValueError, TypeError, zlib.error) as error:
        raise bad_request("Badly formed token.") from error


def _token(known: _Known, chosen: list[str]) -> str:
    packed = zlib.compress(json.dumps([known, chosen]).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
