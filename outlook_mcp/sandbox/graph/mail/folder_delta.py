"""Delta queries on the folders of a mailbox."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.collections import selected
from outlook_mcp.sandbox.graph.core.delta import Round, delta_answer, refuse_options, round_of
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.folders import FOLDER_PROPERTIES, folder_properties
from outlook_mcp.sandbox.store.core.rounds import Rounds

_MOST_FOLDERS = 10_000


async def folder_delta(call: MailCall) -> Response:
    """Folders that are new or whose properties changed, and those that were removed; hidden ones are left out."""
    refuse_options(call, "Folders", "orderby", "filter", "expand", "search", "top")
    rounds = Rounds(call.stores.database, call.account)
    state = round_of(call, rounds) or Round({"select": _selected(call)})
    place, parameters = _place(call)
    folders = call.mailbox.folders.select(place, parameters, "f.id", _MOST_FOLDERS)
    properties = {folder.id: folder_properties(call.mailbox, folder) for folder in folders}
    states = {own: json.dumps(values) for own, values in properties.items()}
    select = frozenset(state.asked["select"]) or None

    def shown(own: str) -> dict[str, Any]:
        return selected(properties[own], select)

    return delta_answer(call, rounds, state, "mailFolder", states, shown)


def _selected(call: MailCall) -> list[str]:
    return sorted(call.options.selected(FOLDER_PROPERTIES, "mailFolder") or ())


def _place(call: MailCall) -> tuple[str, tuple[int, ...]]:
    """All folders, or those right below the folder in the path."""
    visible = "f.hidden = 0 AND f.well_known IS NOT 'msgfolderroot'"
    above = call.arguments.get("folder")
    return (visible, ()) if above is None else (f"{visible} AND f.parent = ?", (call.folder(above).key,))
