"""What the sandbox does not imitate says so, apart from Graph's answer to a typo."""

from __future__ import annotations

import pytest

from outlook_mcp.sandbox.graph.not_imitated import METHODS, PATHS, ROOTS
from tests.sandbox.graph.conftest import Client


@pytest.mark.parametrize(
    "path", [*(f"me/{path}" for path in PATHS), *ROOTS, "me/calendars('1')/events/2", "me/todo/lists"]
)
async def test_a_path_of_graph_that_is_not_imitated_is_501(anna: Client, path: str) -> None:
    path = path.replace("{", "").replace("}", "")
    assert await anna.fails("GET", f"/{path}", 501) == "NotImitated"


@pytest.mark.parametrize(("method", "path"), METHODS)
async def test_a_method_of_graph_that_is_not_imitated_is_501(anna: Client, method: str, path: str) -> None:
    assert await anna.fails(method, f"/me/{path}", 501, json={}) == "NotImitated"


@pytest.mark.parametrize("path", ["/me/evnets", "/mee", "/me/messages/x/nonsense", "/mailFolders"])
async def test_a_typo_has_the_answer_of_graph(anna: Client, path: str) -> None:
    assert await anna.fails("GET", path, 400) == "BadRequest"


async def test_a_part_of_a_batch_may_not_be_imitated(anna: Client) -> None:
    parts = [{"id": "1", "method": "GET", "url": "/me/events"}, {"id": "2", "method": "GET", "url": "/me"}]
    answers = (await anna.post("/$batch", {"requests": parts}, 200))["responses"]
    assert {answer["id"]: answer["status"] for answer in answers} == {"1": 501, "2": 200}
