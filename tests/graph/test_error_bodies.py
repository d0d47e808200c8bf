"""What Microsoft Graph refuses with becomes an error with a name, a code and a next step."""

from __future__ import annotations

import pytest

from outlook_mcp import errors
from outlook_mcp.graph.errors import Purpose, from_body
from tests.error_bodies import ErrorBody, error_bodies


@pytest.mark.parametrize("refused", error_bodies("graph"), ids=lambda refused: refused.when)
def test_a_refusal_of_graph_becomes_its_error(refused: ErrorBody) -> None:
    error = from_body(refused.status, refused.headers, refused.raw(), Purpose("Mail.Read"))
    assert type(error).__name__ == refused.error
    assert isinstance(error, errors.GraphError)
    assert error.status == refused.status
    assert error.retryable is (refused.status == 429 or refused.status >= 500)
    if isinstance(refused.body, dict):
        assert error.graph_code == refused.body["error"]["code"]
        assert error.request_id == refused.body["error"]["innerError"]["request-id"]
