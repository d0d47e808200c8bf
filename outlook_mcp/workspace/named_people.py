"""Who is meant by a name, in every source of names that the caller may use."""

from __future__ import annotations

from outlook_mcp.contacts.lazy import ContactNames, DirectoryNames, RoomNames
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.mail.lazy import NameSource, People, SentPeople
from outlook_mcp.workspace.models import PeopleSources


def named_people(
    mail: GraphClient, directory: GraphClient | None, sources: PeopleSources, *, me: str, with_rooms: bool
) -> People:
    """For the mailbox of `mail`, whose address is `me`; `directory` is None where the caller may not ask for people."""
    others: list[NameSource] = []
    if directory is not None:
        others.append(ContactNames(directory))
        if sources.has_directory:
            others.append(DirectoryNames(directory))
        if with_rooms:
            others.append(RoomNames(directory))
    return People(SentPeople(mail) if sources.sent_items else None, me=me, others=others)
