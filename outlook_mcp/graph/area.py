"""What one area of Outlook (mail, calendar, ...) needs of Microsoft Graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from outlook_mcp.graph.errors import Purpose
from outlook_mcp.identity.scopes import SHARED

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation


@dataclass(frozen=True, slots=True)
class GraphArea:
    """Every area defines one in its own folder.

    `builders` are the modules of msgraph-sdk below `msgraph.generated.users.item` whose request builders the area uses.
    `is_shareable`: each permission has a form that ends in `.Shared`, for mailboxes that others share with the user.
    `look_first` and `look_for_sent` tell a model with which tools to find out whether a change was made, or whether
    something was sent.
    """

    read_permission: str
    write_permission: str
    builders: tuple[str, ...] = ()
    look_first: str = ""
    look_for_sent: str = ""
    is_shareable: bool = False
    # Of every permission that its errors name.
    permission_ending: str = ""

    def of_shared_mailbox(self) -> GraphArea:
        """The area as it is in a mailbox that somebody else shares with the user.

        >>> mail = GraphArea("Mail.Read", "Mail.ReadWrite", is_shareable=True)
        >>> mail.of_shared_mailbox().purpose_of_change().permission
        'Mail.ReadWrite.Shared'
        """
        return replace(self, permission_ending=SHARED) if self.is_shareable else self

    def purpose_of(
        self, *requests: RequestInformation, permission: str | None = None, is_send: bool = False
    ) -> Purpose:
        """What errors of these requests, sent together, have to say. Their HTTP methods tell whether they change data.

        `permission` is the one they need when it is not the area's usual one for reading or writing.
        """
        if is_send or any(is_change_request(request) for request in requests):
            return self.purpose_of_change(permission, is_send=is_send)
        return Purpose((permission or self.read_permission) + self.permission_ending)

    def purpose_of_change(self, permission: str | None = None, *, is_send: bool = False) -> Purpose:
        """What errors of a change have to say."""
        look = self.look_for_sent if is_send else self.look_first
        needed = (permission or self.write_permission) + self.permission_ending
        return Purpose(needed, is_change=True, is_send=is_send, look_first=look)


def is_change_request(request: RequestInformation) -> bool:
    """Whether the HTTP method is any other than GET."""
    return request.http_method is None or request.http_method.value != "GET"


def path_words(builders: Iterable[str]) -> frozenset[str]:
    """The fixed words in the URL paths of these builder modules.

    >>> sorted(path_words(["mail_folders.item.child_folders.child_folders_request_builder"]))
    ['childFolders', 'mailFolders']
    """
    return frozenset(_camel_case(step) for name in builders for step in name.split(".")[:-1] if step != "item")


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
