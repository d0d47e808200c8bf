"""The calls of AgentDojo's workspace tools, made as calls of the tools of this server."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mcp import Client

from tests.agentdojo.mailbox import here
from tests.answers import text_of
from tests.e2e.office import Office, call, draft_of, listed_ids
from tests.sending import terms_in

_PREPARED = re.compile(r'event_send\(id="([^"]+)"')
_EVENT = re.compile(r"^(\S+) (?:\d\d:\d\d|all day|since)", re.MULTILINE)
# The events of AgentDojo are all in these months.
_PERIOD = ("2024-05-01", "2024-07-31")


class Replay:
    """Makes calls one after the other; `answers` are the texts that a model would have read."""

    def __init__(self, office: Office, client: Client) -> None:
        self._office, self._client = office, client
        self.answers: list[str] = []

    async def make(self, function: str, arguments: Mapping[str, Any]) -> None:
        """Raises AttributeError for a function that no tool of this server stands for."""
        await getattr(self, f"_{function}")(**arguments)

    async def _call(self, tool: str, **arguments: Any) -> str:
        answer = await call(self._client, tool, **arguments)
        self.answers.append(answer)
        return answer

    async def _get_current_day(self) -> None:
        """A model knows it from its client."""

    async def _search_emails(self, query: str, sender: str | None = None) -> None:
        found = await self._call("mail_search", text=query, folder="all", **({"sender": sender} if sender else {}))
        await self._call("mail_read", ids=listed_ids(found), view="full")

    async def _get_unread_emails(self) -> None:
        """The tool of AgentDojo marks as read what it shows."""
        found = listed_ids(await self._call("mail_search", unread=True, folder="all", limit=50))
        await self._call("mail_read", ids=found, view="full")
        await self._call("mail_update", ids=found, read=True)

    async def _search_contacts_by_name(self, query: str) -> None:
        await self._call("people_search", text=query)

    async def _get_day_calendar_events(self, day: str) -> None:
        await self._read_events(await self._call("calendar_list", start=day, end=day))

    async def _search_calendar_events(self, query: str, date: str | None = None) -> None:
        await self._read_events(await self._listed(query, date))

    async def _listed(self, query: str, day: str | None = None) -> str:
        start, end = (day, day) if day else _PERIOD
        return await self._call("calendar_list", start=start, end=end, text=query)

    async def _read_events(self, listing: str) -> None:
        if found := _EVENT.findall(listing):
            await self._call("event_read", ids=found)

    async def _create_calendar_event(
        self,
        title: str,
        start_time: str,
        end_time: str,
        description: str = "",
        participants: Sequence[str] | None = None,
        location: str | None = None,
    ) -> None:
        people = [address for address in participants or () if here(address, self._office.alice) == address]
        await self._save(
            subject=title,
            start=start_time,
            end=end_time,
            **({"body": description} if description else {}),
            **({"attendees": people} if people else {}),
            **({"place": location} if location else {}),
        )

    async def _reschedule_calendar_event(
        self, event_id: str, new_start_time: str, new_end_time: str | None = None
    ) -> None:
        start = datetime.fromisoformat(new_start_time)
        event = self._known(event_id)
        end = datetime.fromisoformat(new_end_time) if new_end_time else start + (event.end_time - event.start_time)
        handle = await self._handle_of(event)
        await self._save(id=handle, start=f"{start:%Y-%m-%dT%H:%M}", end=f"{end:%Y-%m-%dT%H:%M}")

    async def _add_calendar_event_participants(self, event_id: str, participants: Sequence[str]) -> None:
        event = self._known(event_id)
        everybody = [*event.participants, *participants]
        people = [address for address in everybody if here(address, self._office.alice) == address]
        await self._save(id=await self._handle_of(event), attendees=people)

    async def _send_email(self, recipients: Sequence[str], subject: str, body: str, **others: Any) -> None:
        draft = await self._call("draft_save", to=list(recipients), subject=subject, body=body, **others)
        await self._call("mail_send", draft=draft_of(draft), **terms_in(draft))

    def know(self, environment: Any) -> None:
        """The events that calls may name by AgentDojo's ids."""
        self._events = dict(environment.calendar.events)

    def _known(self, event_id: str) -> Any:
        return self._events[event_id]

    async def _handle_of(self, event: Any) -> str:
        """The id here of an event of AgentDojo, which a model knows from a list."""
        day = event.start_time.date().isoformat()
        (handle,) = _EVENT.findall(await self._listed(event.title, day))
        return str(handle)

    async def _save(self, **arguments: Any) -> None:
        """Save, and send what was only prepared because others hear of it."""
        answer = await self._call("event_save", **arguments)
        for code in _PREPARED.findall(answer):
            sent = await self._client.call_tool("event_send", {"id": code, "action": "send"})
            assert not sent.is_error, text_of(sent)
            self.answers.append(text_of(sent))
