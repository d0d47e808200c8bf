"""Who has a name, among the own contacts and in the directory: for recipients and attendees that are named."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.contacts.contact_requests import ContactRequests
from outlook_mcp.contacts.other_sources import directory_users
from outlook_mcp.contacts.people_search import contacts_called
from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Address
from outlook_mcp.text.names import is_called


class ContactNames:
    """The own contacts, in every folder."""

    def __init__(self, graph: GraphClient) -> None:
        self._requests = ContactRequests(graph)

    async def people_called(self, name: str) -> Sequence[Address]:
        """Each address of the contacts that have every word of the name. Raises an OutlookError."""
        found = await contacts_called(self._requests, name)
        if found.failure is not None:
            raise found.failure
        return [
            Address(name=contact.display_name, address=address)
            for contact in found.contacts
            for address in contact.addresses
        ]


class DirectoryNames:
    """The users of the organisation."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def people_called(self, name: str) -> Sequence[Address]:
        """People who have every word of the name. Raises an OutlookError."""
        users = await directory_users(self._graph, name)
        if isinstance(users, OutlookError):
            raise users
        return [
            Address(name=user.display_name, address=user.mail)
            for user in users
            if user.mail and is_called(user.display_name, user.mail, name)
        ]
