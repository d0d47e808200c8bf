"""What the sandbox does not imitate says so, apart from Graph's answer to a typo."""

from __future__ import annotations

import re
from pathlib import Path

import msgraph
import pytest

from outlook_mcp.sandbox.graph import calendar_sources
from outlook_mcp.sandbox.graph.calendar.operations import calendar_area
from outlook_mcp.sandbox.graph.contacts.call import PeopleSources
from outlook_mcp.sandbox.graph.contacts.operations import contacts_area
from outlook_mcp.sandbox.graph.core.errors import GraphFault
from outlook_mcp.sandbox.graph.core.operations import Area
from outlook_mcp.sandbox.graph.core.paths import read_path
from outlook_mcp.sandbox.graph.mail.operations import mail_area
from outlook_mcp.sandbox.graph.not_imitated import METHODS, PATHS, ROOTS, is_not_imitated
from outlook_mcp.sandbox.graph.users.operations import user_search_area, users_area
from outlook_mcp.sandbox.store import MailStore
from tests.sandbox.graph.conftest import Client

_OPERATIONS = Path(__file__).parents[2] / "data" / "graph" / "mail-operations.txt"


@pytest.mark.parametrize(
    "path", [*(f"me/{path}" for path in PATHS), *ROOTS, "me/events('1')/attachments/2", "me/todo/lists"]
)
async def test_a_path_of_graph_that_is_not_imitated_is_501(anna: Client, path: str) -> None:
    path = path.replace("{", "").replace("}", "")
    assert await anna.fails("GET", f"/{path}", 501) == "NotImitated"


def test_no_first_part_of_a_path_of_graph_is_taken_for_a_typo(store: MailStore) -> None:
    generated = Path(msgraph.__file__).parent / "generated"
    roots = parts_of_paths(generated, "")
    below_users = parts_of_paths(generated / "users" / "item", r"users/\{user%2Did\}/")
    assert min(len(roots), len(below_users)) > 60
    patterns = [operation.pattern for area in areas_of(store) for operation in area.operations]
    imitated = {"subscriptions", "users", *(pattern.partition("/")[0].partition("(")[0] for pattern in patterns)}
    unknown = [name for name in roots - imitated if not is_not_imitated("GET", name)]
    unknown += [name for name in below_users - imitated if not is_not_imitated("GET", f"me/{name}")]
    assert unknown == []


def parts_of_paths(folder: Path, before: str) -> set[str]:
    """The first parts behind `before` in the URL templates of msgraph-sdk's builders, which Microsoft generates."""
    template = re.compile(rf'"\{{\+baseurl\}}/{before}(\w+)')
    sources = (file.read_text(encoding="utf-8")[:20_000] for file in folder.glob("*/*_request_builder.py"))
    return {found[1] for source in sources if (found := template.search(source))}


@pytest.mark.parametrize(("method", "path"), METHODS)
async def test_a_method_of_graph_that_is_not_imitated_is_501(anna: Client, method: str, path: str) -> None:
    assert await anna.fails(method, f"/me/{path}", 501, json={}) == "NotImitated"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "mailFolders/inbox/childFolders/x/userConfigurations/y"),
        ("POST", "mailFolders('inbox')/userConfigurations('x')"),
        ("PUT", "mailFolders/inbox/childFolders/x/messages/y/$value"),
        ("GET", "reminderView(StartDateTime='2026-01-01',EndDateTime='2026-02-01')"),
    ],
)
async def test_a_path_through_folders_or_with_parameters_is_501_too(anna: Client, method: str, path: str) -> None:
    assert await anna.fails(method, f"/me/{path}", 501) == "NotImitated"


@pytest.mark.parametrize("path", ["/me/evnets", "/mee", "/me/messages/x/nonsense", "/mailFolders"])
async def test_a_typo_has_the_answer_of_graph(anna: Client, path: str) -> None:
    assert await anna.fails("GET", path, 400) == "BadRequest"


async def test_a_part_of_a_batch_may_not_be_imitated(anna: Client) -> None:
    parts = [{"id": "1", "method": "GET", "url": "/me/todo"}, {"id": "2", "method": "GET", "url": "/me"}]
    answers = (await anna.post("/$batch", {"requests": parts}, 200))["responses"]
    assert {answer["id"]: answer["status"] for answer in answers} == {"1": 501, "2": 200}


def test_every_operation_of_graphs_metadata_is_answered_or_said_to_be_not_imitated(store: MailStore) -> None:
    areas = areas_of(store)
    operations = [line.replace("}", "").replace("{", "").split(" ") for line in _OPERATIONS.read_text().splitlines()]
    unknown = [
        f"{method} {path}"
        for method, path in operations
        if path != "/$batch"
        and not is_answered(method, path.lstrip("/"), areas)
        and not is_not_imitated(method, path.lstrip("/"))
    ]
    assert unknown == []
    assert len(operations) > 200


def areas_of(store: MailStore) -> tuple[Area, ...]:
    people = PeopleSources(store.database, store.accounts, store.correspondents)
    found = (users_area(), user_search_area(store.accounts), contacts_area(people))
    return (*found, mail_area(store, lambda scheme: scheme), calendar_area(calendar_sources(store)))


def is_answered(method: str, path: str, areas: tuple[Area, ...]) -> bool:
    try:
        segments = read_path(path).segments
    except GraphFault:
        return False
    return any(operation.method == method for area in areas for operation, _ in area.matching(segments))
