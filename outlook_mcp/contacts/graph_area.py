"""What contacts need of Microsoft Graph."""

from __future__ import annotations

from outlook_mcp.graph.area import GraphArea

CONTACTS = GraphArea(
    read_permission="Contacts.Read",
    write_permission="Contacts.ReadWrite",
    look_first="Look at what is there now (people_search) before trying again.",
    builders=(
        "contacts.contacts_request_builder",
        "contacts.item.contact_item_request_builder",
        "contact_folders.contact_folders_request_builder",
        "contact_folders.item.contact_folder_item_request_builder",
        "contact_folders.item.child_folders.child_folders_request_builder",
        "contact_folders.item.contacts.contacts_request_builder",
        "people.people_request_builder",
    ),
)
