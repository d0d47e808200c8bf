"""The categories that a user has set up for their mailbox, each with a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from outlook_mcp.errors import AccessDenied, GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page, WireModel

# The name of `preset0` and so on in Outlook: https://learn.microsoft.com/graph/api/resources/outlookcategory
_PLAIN = ("red", "orange", "brown", "yellow", "green", "teal", "olive", "blue", "purple", "cranberry", "steel")
_GREY = ("dark steel", "gray", "dark gray", "black")
COLOURS = (*_PLAIN, *_GREY, *(f"dark {name}" for name in _PLAIN[:-1]))
# The next unused of these is given to a category whose name is no colour: those that differ most come first.
_BY_DIFFERENCE = ("blue", "green", "orange", "purple", "yellow", "teal", "red", "brown", "olive", "cranberry", "gray")
WRITE_PERMISSION = "MailboxSettings.ReadWrite"


class _MasterCategory(WireModel, frozen=True, kw_only=True):
    display_name: str | None = None
    color: str | None = None


class MadeCategory(NamedTuple):
    """A category that was added to the list, and the name of its colour."""

    name: str
    colour: str


class CategoryList(NamedTuple):
    """The names in the list of a mailbox; empty when they could not be read.

    `colours` are those in use. `made` are the categories that were added, and `is_denied` tells that adding some needs
    a permission.
    """

    names: Sequence[str] = ()
    colours: Sequence[str] = ()
    made: Sequence[MadeCategory] = ()
    is_denied: bool = False

    def missing(self, wanted: Sequence[str]) -> list[str]:
        """Which of `wanted` are not in the list, whose case makes no difference; none for an empty list.

        >>> CategoryList(("Red", "Blue")).missing(["red", "Rot"])
        ['Rot']
        """
        known = {name.casefold() for name in self.names}
        by_key = {name.casefold(): name for name in reversed(wanted)}
        return [name for key, name in reversed(by_key.items()) if known and key not in known]


NO_CATEGORIES = CategoryList()


async def category_list(graph: GraphClient) -> CategoryList:
    """Empty when it cannot be read, which needs the permission MailboxSettings.Read: nothing depends on it.

    https://learn.microsoft.com/graph/api/outlookuser-list-mastercategories
    """
    try:
        (answer,) = await graph.answers_to([graph.request(graph.me.outlook.master_categories)])
        listed = answer.decode(Page[_MasterCategory]).value if answer.is_success else []
    except GraphError:
        return CategoryList()
    return CategoryList(
        [category.display_name for category in listed if category.display_name],
        [category.color for category in listed if category.color],
    )


async def with_categories(graph: GraphClient, wanted: Sequence[str]) -> CategoryList:
    """The list, to which those of `wanted` that it lacked were added, each with a colour that is not in use yet.

    Nothing is raised: a message has its category also where the list does not.
    https://learn.microsoft.com/graph/api/outlookuser-post-mastercategories
    """
    listed = await category_list(graph)
    missing = listed.missing(wanted)
    if not missing:
        return listed
    colours = _colours_for(missing, listed.colours)
    answers = await graph.answers_to(
        [
            graph.request(
                graph.me.outlook.master_categories,
                "POST",
                json={"displayName": name, "color": f"preset{COLOURS.index(colour)}"},
            )
            for name, colour in zip(missing, colours, strict=True)
        ]
    )
    errors = [answer.error(WRITE_PERMISSION) for answer in answers if not answer.is_success]
    if errors and not all(isinstance(error, AccessDenied) for error in errors):
        # Somebody else may have added it first, or the answer was lost: the list shows what is there now.
        listed = await category_list(graph)
    made = [
        MadeCategory(name, colour)
        for name, colour, answer in zip(missing, colours, answers, strict=True)
        if answer.is_success
    ]
    names = dict.fromkeys([*listed.names, *(category.name for category in made)])
    return CategoryList(list(names), listed.colours, made, any(isinstance(error, AccessDenied) for error in errors))


def _colours_for(names: Sequence[str], used: Sequence[str]) -> list[str]:
    """The colour that a name says, else one that is not in `used`, which are values of Graph such as `preset0`.

    >>> _colours_for(["Travel", "Dark green", "Customers", "Red flag"], ["preset7", "preset4"])
    ['orange', 'dark green', 'purple', 'red']
    """
    by_value = {f"preset{number}": colour for number, colour in enumerate(COLOURS)}
    taken = {by_value[value] for value in used if value in by_value}
    chosen: list[str] = []
    for name in names:
        said = [colour for colour in COLOURS if name.casefold().startswith(colour)]
        free = [colour for colour in (*_BY_DIFFERENCE, *COLOURS) if colour not in taken]
        colour = max(said, key=len) if said else free[0] if free else _BY_DIFFERENCE[len(chosen) % len(_BY_DIFFERENCE)]
        chosen.append(colour)
        taken.add(colour)
    return chosen
