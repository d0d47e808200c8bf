"""What of contacts and people is loaded when a call first needs it: the list of tools is made without it."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from outlook_mcp.contacts.answers.contact import contact_answer, saved_answer
    from outlook_mcp.contacts.answers.people import people_answer
    from outlook_mcp.contacts.area import Contacts
    from outlook_mcp.contacts.changes import ContactChange
    from outlook_mcp.contacts.names import ContactNames, DirectoryNames
    from outlook_mcp.contacts.people_search import PeopleSearch
    from outlook_mcp.contacts.rooms import RoomNames, rooms_among
    from outlook_mcp.contacts.structured import people_fields, saved_fields
