from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity import time_zone
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.principal import Principal
from outlook_mcp.identity.profile import check_profile_name, profile_of, profile_owner
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import UserKey

ALICE = UserKey("contoso", "alice")
BOB = UserKey("contoso", "bob")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def sessions() -> SessionService:
    return SessionService(Clock())


def start(sessions: SessionService, user: UserKey | None = ALICE) -> Session:
    return sessions.start(profile="default", transport="stdio", client_name="inspector", user=user)


class TestSessions:
    def test_a_session_starts_is_seen_and_ends(self, sessions: SessionService) -> None:
        session = start(sessions)
        assert session.created == session.last_seen
        seen = sessions.touch(session.id, client_name="desktop")
        assert seen is not None
        assert seen.last_seen > session.last_seen
        assert (seen.created, seen.client_name) == (session.created, "desktop")
        assert sessions.get(session.id) == seen
        assert sessions.end(session.id) is True
        assert sessions.end(session.id) is False
        assert sessions.get(session.id) is None
        assert sessions.touch(session.id) is None
        assert sessions.bind(session.id, BOB) is None

    def test_a_user_sees_own_sessions_only_last_seen_first(self, sessions: SessionService) -> None:
        first, _, third, nobody = start(sessions), start(sessions, BOB), start(sessions), start(sessions, None)
        sessions.touch(first.id)
        assert [session.id for session in sessions.list(ALICE)] == [first.id, third.id]
        sessions.bind(nobody.id, ALICE)
        sessions.bind(first.id, None)
        assert [session.id for session in sessions.list(ALICE)] == [nobody.id, third.id]

    def test_ids_cannot_be_guessed_and_services_share_nothing(self, sessions: SessionService) -> None:
        assert len({start(sessions).id for _ in range(100)}) == 100
        assert SessionService().list(ALICE) == ()

    def test_a_session_needs_a_proper_profile(self, sessions: SessionService) -> None:
        with pytest.raises(ConfigurationError):
            sessions.start(profile="No Such", transport="stdio")


class TestContext:
    def test_it_knows_the_callers_time(self, sessions: SessionService) -> None:
        config = UserEmailConfig(address="alice@contoso.example", time_zone="W. Europe Standard Time")
        assert UserContext(start(sessions), ALICE, config).time_zone == ZoneInfo("Europe/Berlin")

    def test_a_session_of_somebody_else_is_refused(self, sessions: SessionService) -> None:
        config = UserEmailConfig(address="alice@contoso.example")
        for other in (BOB, None):
            with pytest.raises(ValueError, match="somebody else"):
                UserContext(start(sessions, other), ALICE, config)


class TestProfiles:
    @pytest.mark.parametrize("name", ["default", "a", "work-2", "x" * 32])
    def test_a_proper_name_is_taken(self, name: str) -> None:
        assert profile_of(profile_owner(name)) == name

    @pytest.mark.parametrize("name", ["", "Work", "a b", "../x", "x" * 33, "ä", "work\n", "a:b"])
    def test_any_other_name_is_refused(self, name: str) -> None:
        with pytest.raises(ConfigurationError, match="expected 1 to 32"):
            check_profile_name(name)

    def test_a_user_of_entra_is_no_profile(self) -> None:
        assert profile_of(ALICE) is None


class TestTimeZones:
    def test_every_windows_name_means_a_zone_that_exists(self) -> None:
        names = time_zone._IANA_NAMES
        assert len(names) > 135
        assert set(names.values()) <= available_timezones()

    @pytest.mark.parametrize(
        ("name", "zone"),
        [
            ("Pacific Standard Time", "America/Los_Angeles"),
            ("GMT Standard Time", "Europe/London"),
            ("India Standard Time", "Asia/Calcutta"),
            ("UTC", "UTC"),
            ("Europe/Zurich", "Europe/Zurich"),
            ("tzone://Microsoft/Custom", "UTC"),
            ("Customized Time Zone", "UTC"),
            ("", "UTC"),
        ],
    )
    def test_names_of_exchange_are_understood(self, name: str, zone: str) -> None:
        resolved = UserEmailConfig(address="a@b.example", time_zone=name).zone()
        now = datetime(2026, 7, 1, 12)
        assert resolved.utcoffset(now) == ZoneInfo(zone).utcoffset(now)

    @given(st.text(max_size=40))
    def test_no_name_breaks_it(self, name: str) -> None:
        time_zone.resolve_time_zone(name)


class TestMailSettings:
    def test_they_cannot_be_changed_in_place(self) -> None:
        config = UserEmailConfig(address="alice@contoso.example")
        with pytest.raises(ValidationError):
            config.address = "bob@contoso.example"

    @pytest.mark.parametrize("size", [0, 101, -5])
    def test_a_page_size_out_of_range_is_refused(self, size: int) -> None:
        with pytest.raises(ValidationError):
            UserEmailConfig(address="alice@contoso.example", page_size=size)

    def test_settings_of_a_later_version_are_read(self) -> None:
        config = UserEmailConfig.model_validate_json('{"address": "a@b.example", "added_later": 1}')
        assert config.address == "a@b.example"


def test_principals_of_two_issuers_are_different() -> None:
    assert Principal("https://a.example", "alice") != Principal("https://b.example", "alice")
    assert str(ALICE) == "contoso:alice"
