"""The rows of the table of mistakes that are about options of the command line."""

from __future__ import annotations

from tests.cli.first_hour import Mistake, typed

OPTIONS = (
    Mistake(
        "An option is given twice",
        "--tenant: given twice, with different values",
        "Remove one of the two",
        typed("login", "--tenant", "contoso.example", "--tenant", "common"),
    ),
    Mistake(
        "An option stands before the command",
        "--tenant stands before the command",
        "options of a command stand after its name",
        typed("--tenant", "common", "login"),
    ),
    Mistake(
        "A secret is given as an option",
        "--client-secret: there is no such option",
        "set OUTLOOK_MCP_CLIENT_SECRET, or client_secret in the configuration file",
        typed("login", "--client-secret", "hush"),
    ),
)
