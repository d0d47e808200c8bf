from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from outlook_mcp.identity.user import SERVER, UserKey

ALICE = UserKey("contoso", "alice")
BOB = UserKey("contoso", "bob")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class MemorySessions:
    """A `SessionStore` without sealing; the vault's own is tested with the vault."""

    def __init__(self) -> None:
        self.kept: dict[tuple[UserKey | None, str], Session] = {}

    async def find_session(self, user: UserKey, session_id: str) -> Session | None:
        return self.kept.get((user, session_id))

    async def create_session(self, session: Session) -> None:
        self.kept[session.user, session.id] = session

    async def update_session(
        self, user: UserKey, session_id: str, change: Callable[[Session], Session]
    ) -> Session | None:
        if (user, session_id) in self.kept:
            self.kept[user, session_id] = change(self.kept[user, session_id])
        return self.kept.get((user, session_id))

    async def outdate_sessions(self, user: UserKey) -> None:
        self.kept = {key: session for key, session in self.kept.items() if key[0] != user}

    async def delete_session(self, user: UserKey, session_id: str) -> bool:
        return self.kept.pop((user, session_id), None) is not None

    async def sessions_of(self, user: UserKey) -> tuple[Session, ...]:
        return tuple(session for (owner, _), session in self.kept.items() if owner == user)


@pytest.fixture
def sessions() -> SessionService:
    return SessionService(MemorySessions(), Clock())


async def start(sessions: SessionService, user: UserKey = ALICE) -> Session:
    return await sessions.start_session(
        user, client_id="https://client.example/id", client_name="Client", scopes=("mail.read",)
    )


class TestSessions:
    async def test_listeners_hear_of_every_session_that_is_widened_or_ended(self, sessions: SessionService) -> None:
        heard: list[str] = []
        sessions.add_listener(heard.append)
        session, other = await start(sessions), await start(sessions)
        assert heard == []
        await sessions.widen_session(ALICE, session.id, ("mail.write",))
        await sessions.end_session(ALICE, session.id)
        await sessions.outdate_sessions(ALICE)
        assert heard == [session.id, session.id, other.id]

    async def test_a_session_starts_and_ends_once(self, sessions: SessionService) -> None:
        session = await start(sessions)
        assert session.created == session.last_seen
        assert await sessions.find_session(ALICE, session.id) == session
        assert await sessions.end_session(ALICE, session.id) is True
        assert await sessions.end_session(ALICE, session.id) is False
        assert await sessions.find_session(ALICE, session.id) is None
        assert await sessions.widen_session(ALICE, session.id, ("mail.send",)) is None

    async def test_nobody_else_reaches_a_session_by_its_id(self, sessions: SessionService) -> None:
        session = await start(sessions)
        assert await sessions.find_session(BOB, session.id) is None
        assert await sessions.end_session(BOB, session.id) is False
        assert await sessions.widen_session(BOB, session.id, ("mail.send",)) is None
        assert await sessions.find_session(ALICE, session.id) == session

    async def test_a_use_is_remembered_at_most_once_a_minute_unless_its_place_changes(
        self, sessions: SessionService
    ) -> None:
        session = await start(sessions)
        moved = await sessions.note_use(session, address="192.0.2.1", era="2026-07-28")
        assert moved is not None
        assert (moved.address, moved.era) == ("192.0.2.1", "2026-07-28")
        assert moved.last_seen > session.last_seen
        assert await sessions.note_use(moved, address="192.0.2.1", era="2026-07-28") is moved
        old = replace(moved, last_seen=moved.last_seen - timedelta(minutes=5))
        again = await sessions.note_use(old, address="192.0.2.1", era="2026-07-28")
        assert again is not None
        assert again.last_seen > moved.last_seen

    async def test_an_ended_session_is_not_brought_back_by_its_use(self, sessions: SessionService) -> None:
        session = await start(sessions)
        await sessions.end_session(ALICE, session.id)
        assert await sessions.note_use(session, address="192.0.2.1", era="2026-07-28") is None
        assert await sessions.sessions_of(ALICE) == ()

    async def test_a_session_is_widened_and_never_narrowed(self, sessions: SessionService) -> None:
        session = await start(sessions)
        widened = await sessions.widen_session(ALICE, session.id, ("mail.send", "mail.read"))
        assert widened is not None
        assert widened.scopes == ("mail.read", "mail.send")
        assert widened.allows("mail.send")
        assert not session.allows("mail.send")

    async def test_a_user_sees_own_sessions_only_last_seen_first(self, sessions: SessionService) -> None:
        first, _, third = await start(sessions), await start(sessions, BOB), await start(sessions)
        await sessions.note_use(first, address="192.0.2.1", era="")
        assert [session.id for session in await sessions.sessions_of(ALICE)] == [first.id, third.id]
        assert len(await sessions.sessions_of(BOB)) == 1

    async def test_ids_cannot_be_guessed(self, sessions: SessionService) -> None:
        assert len({(await start(sessions)).id for _ in range(100)}) == 100


class TestContext:
    async def test_a_session_of_somebody_else_is_refused(self, sessions: SessionService) -> None:
        session = await start(sessions)
        assert UserContext(ALICE, session).session is session
        for other in (BOB, None):
            with pytest.raises(ValueError, match="somebody else"):
                UserContext(ALICE, replace(session, user=other))


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

    def test_settings_of_a_later_version_are_read(self) -> None:
        config = UserEmailConfig.model_validate_json('{"address": "a@b.example", "added_later": 1}')
        assert config.address == "a@b.example"


def test_principals_of_two_issuers_are_different() -> None:
    assert Principal("https://a.example", "alice") != Principal("https://b.example", "alice")
    assert str(ALICE) == "contoso:alice"


def test_people_profiles_and_the_server_are_told_apart() -> None:
    tid = "9188040D-6C67-4C5B-B112-36A304B66DAD"
    person = UserKey.of_entra(tid, tid)
    assert person == UserKey(tid.lower(), tid.lower())
    assert person.kind == "entra"
    assert UserKey.of_issuer("https://idp.example", "alice").kind == "issuer"
    assert profile_owner("default").kind == "profile"
    assert SERVER.kind == "server"
    for no_id in ("local", "server", "oidc-0123456789abcdef", "", None, ["a"]):
        assert UserKey.of_entra(no_id, tid) is None
        assert UserKey.of_entra(tid, no_id) is None
