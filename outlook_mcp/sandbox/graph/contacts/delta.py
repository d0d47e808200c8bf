"""Delta queries on contacts and on their folders."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from outlook_mcp.sandbox.graph.contacts.call import ContactCall
from outlook_mcp.sandbox.graph.contacts.contact_json import PROPERTIES, contact_json
from outlook_mcp.sandbox.graph.contacts.folders import FOLDER_PROPERTIES, folder_json
from outlook_mcp.sandbox.graph.core.collections import selected
from outlook_mcp.sandbox.graph.core.delta import Round, delta_answer, refuse_options, round_of
from outlook_mcp.sandbox.store.core.rounds import Rounds


async def contact_delta(call: ContactCall) -> Response:
    """Of one folder, the default one where the path names none."""
    rounds = Rounds(call.sources.database, call.account)
    state = round_of(call, rounds) or _first(call, PROPERTIES, "contact")
    select = frozenset(state.asked["select"]) or None
    contacts = {call.id_of(contact): contact for contact in call.contacts.contacts_in(call.folder())}
    states = {own: contact.change_key for own, contact in contacts.items()}

    def shown(own: str) -> dict[str, object]:
        return selected(contact_json(call, contacts[own]), select)

    return delta_answer(call, rounds, state, "contact", states, shown)


async def folder_delta(call: ContactCall) -> Response:
    """Of all folders below the default one."""
    rounds = Rounds(call.sources.database, call.account)
    state = round_of(call, rounds) or _first(call, FOLDER_PROPERTIES, "contactFolder")
    select = frozenset(state.asked["select"]) or None
    folders = {folder.id: folder for folder in call.folders.all_below(call.folder())}
    states = {own: f"{folder.parent_id} {folder.name}" for own, folder in folders.items()}

    def shown(own: str) -> dict[str, object]:
        return selected(folder_json(folders[own]), select)

    return delta_answer(call, rounds, state, "contactFolder", states, shown)


def _first(call: ContactCall, properties: Iterable[str], type_name: str) -> Round:
    refuse_options(call, "Contacts", "orderby", "filter", "expand", "search", "top")
    return Round({"select": sorted(call.options.selected(properties, type_name) or ())})
