"""People of Graph that are no contacts: those of relevance, and the users of the organisation."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.contacts.models import PERSON, USER, DirectoryUser, RelevantPerson
from outlook_mcp.errors import NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.identity.scopes import DIRECTORY_PERMISSION
from outlook_mcp.text.names import written_words

_MOST = 10
_PEOPLE_PERMISSION = "People.Read"
# https://learn.microsoft.com/graph/aad-advanced-queries
_EVENTUAL = {"ConsistencyLevel": "eventual"}


async def relevant_people(graph: GraphClient, text: str) -> Sequence[RelevantPerson] | OutlookError:
    """Whom the user deals with and who is written like the text, or why that could not be asked."""
    query = {"$search": f'"{" ".join(written_words(text))}"', "$select": PERSON, "$top": _MOST}
    try:
        (answer,) = await graph.answers_to([graph.request(graph.me.people, query=query)])
        return answer.decode(Page[RelevantPerson], permission=_PEOPLE_PERMISSION).value
    except NotFound:
        # Some mailboxes answer so when there is nobody: https://github.com/microsoftgraph/microsoft-graph-docs/issues/14794
        return []
    except OutlookError as error:
        return error


async def directory_users(graph: GraphClient, text: str) -> Sequence[DirectoryUser] | OutlookError:
    """The users of the organisation whose name has the words, or why they could not be asked."""
    words = written_words(text)
    search = " AND ".join(f'"displayName:{word}"' for word in words)
    if "@" in text:
        start = text.strip().replace('"', "").replace("\\", "")
        search = f'"mail:{start}" OR "userPrincipalName:{start}"'
    elif len(words) == 1:
        search = f'{search} OR "mail:{words[0]}"'
    query = {"$search": search, "$select": USER, "$top": _MOST}
    try:
        (answer,) = await graph.answers_to([graph.request(graph.users, query=query, headers=_EVENTUAL)])
        return answer.decode(Page[DirectoryUser], permission=DIRECTORY_PERMISSION).value
    except OutlookError as error:
        return error
