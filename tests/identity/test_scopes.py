"""The table of scopes: one row gives a scope its toolset, its words and its Graph permissions."""

from __future__ import annotations

import pytest

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.scopes import (
    ALL_SCOPES,
    SCOPES,
    TOOLSETS,
    covers,
    graph_permissions,
    known_scopes,
    merged_permissions,
    scope_of_toolset,
    scopes_of_toolsets,
)
from outlook_mcp.tools import CATALOGUE, EmailTools


def test_every_scope_is_used_by_a_tool() -> None:
    assert {tool.scope for tool in CATALOGUE} == set(ALL_SCOPES)


def test_a_scope_that_only_reads_has_only_tools_that_only_read() -> None:
    for scope in SCOPES:
        assert {tool.reads_only for tool in CATALOGUE if tool.scope == scope.name} == {scope.reads_only}


@pytest.mark.parametrize("read_only", [False, True])
def test_the_scopes_of_toolsets_are_those_that_their_offered_tools_need(read_only: bool) -> None:
    offered = EmailTools(TOOLSETS, read_only=read_only).offered
    assert set(scopes_of_toolsets(TOOLSETS, read_only=read_only)) == {tool.scope for tool in offered}


def test_no_two_rows_share_a_name_or_a_toolset() -> None:
    assert len({scope.name for scope in SCOPES}) == len({scope.toolset for scope in SCOPES}) == len(SCOPES)


def test_an_unknown_toolset_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="mail-read, mail-write.*mail-raed' is none; did you mean mail-read"):
        scope_of_toolset("mail-raed")
    with pytest.raises(ConfigurationError, match="'calendar' is none"):
        scopes_of_toolsets(["mail-read", "calendar"])


def test_no_scope_needs_no_mail_permission() -> None:
    assert graph_permissions(()) == ("User.Read", "MailboxSettings.Read", "offline_access")


def test_a_scope_that_is_not_in_the_table_adds_no_permission() -> None:
    assert known_scopes(["settings", "root"]) == ()
    assert graph_permissions(["settings", "mail.read"]) == graph_permissions(["mail.read"])


@pytest.mark.parametrize(
    ("granted", "wanted"),
    [
        (["Mail.ReadWrite"], ["Mail.Read"]),
        (["Mail.ReadWrite.Shared"], ["Mail.Read", "Mail.ReadWrite", "Mail.Read.Shared"]),
        (["Mail.Read.Shared"], ["Mail.Read"]),
        (["Mail.Send.Shared"], ["Mail.Send"]),
        (["MailboxSettings.ReadWrite"], ["MailboxSettings.Read"]),
        (["User.Read"], []),
    ],
)
def test_a_greater_permission_covers_the_lesser_and_never_the_other_way(granted: list[str], wanted: list[str]) -> None:
    assert covers(granted, wanted)
    assert not covers(wanted, granted)
    assert merged_permissions(wanted, granted) == tuple(granted)
