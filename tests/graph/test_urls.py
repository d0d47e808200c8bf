"""URLs are written as the SDK's own template library writes them."""

import pytest
from stduritemplate import StdUriTemplate

from outlook_mcp.graph.requests import _expanded

TEMPLATES = (
    "{+baseurl}/users/{user%2Did}/messages/{message%2Did}/$value",
    "{+baseurl}/users/{user%2Did}/mailFolders/{mailFolder%2Did}/messages/delta()",
)
IDS = ("AAMkAD_-=", "a/b+c=", "../me", "a b%2Fc?d#e&f", "Grüße", "~.!*'()", "{x}")


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_url_is_written_as_the_template_library_writes_it(template: str) -> None:
    for item_id in IDS:
        values = dict.fromkeys(("user%2Did", "message%2Did", "mailFolder%2Did"), item_id)
        values["baseurl"] = "https://graph.example/v1.0"
        assert _expanded(template, values) == StdUriTemplate.expand(template, values)
