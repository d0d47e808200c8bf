"""What else is known of messages that are read: meeting, delivery report, and whether the sender is somebody new."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.calendar_files import CalendarFile, CalendarFiles, places_of
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.delivery_reports import DeliveryReports, is_delivery_report
from outlook_mcp.mail.first_contacts import FirstContacts
from outlook_mcp.mail.invitations import Meeting, Meetings
from outlook_mcp.mail.meeting_states import MeetingState, MeetingStates, NoMeetingStates, states_of_invitations
from outlook_mcp.mail.models import Message, RecipientReport
from outlook_mcp.mail.side_by_side import side_by_side
from outlook_mcp.text.look_alikes import may_imitate


@dataclass(frozen=True, slots=True)
class Facts:
    """`imitates` is a known address or domain that the sender's looks like; `files` are calendar files that were read.

    `is_first` tells that there is no older mail of the sender. `state` is what the calendar says of the meeting.
    """

    meeting: Meeting | None = None
    state: MeetingState | None = None
    reports: Sequence[RecipientReport] = ()
    files: Sequence[CalendarFile] = ()
    imitates: str = ""
    is_first: bool = False


NO_FACTS = Facts()


class MessageFacts:
    """Asks one mailbox. What cannot be asked is left out: the messages themselves are what matters."""

    def __init__(
        self,
        meetings: Meetings,
        reports: DeliveryReports,
        first_contacts: FirstContacts,
        correspondents: Correspondents,
        states: MeetingStates = NoMeetingStates(),
        calendar_files: CalendarFiles | None = None,
    ) -> None:
        self._meetings = meetings
        self._reports = reports
        self._first_contacts = first_contacts
        self._correspondents = correspondents
        self._states = states
        self._calendar_files = calendar_files

    async def facts_of(self, messages: Sequence[Message]) -> dict[MessageId, Facts]:
        """By message id, of every message. The questions to Graph are asked side by side.

        Raises the error of the first that cannot be asked for another reason than Graph, such as a missing sign-in.
        """
        found: dict[str, Mapping[MessageId, Any]] = {}

        def asking(
            name: str, answers: Callable[[], Awaitable[Mapping[MessageId, Any]]]
        ) -> Callable[[], Awaitable[None]]:
            async def ask() -> None:
                found[name] = await answers()

            return ask

        async def ask_for_senders() -> None:
            found["imitates"] = {message.id: await self._imitated_by(message) for message in messages}
            found["is_first"] = dict.fromkeys(await self._first_contacts.first_of_sender(messages), True)

        questions = []
        if about_meetings := [message for message in messages if message.meeting_kind]:
            questions.append(asking("meeting", lambda: self._meetings.meetings_of(about_meetings)))
            questions.append(asking("state", lambda: states_of_invitations(self._states, about_meetings)))
        if reporting := [message for message in messages if is_delivery_report(message)]:
            questions.append(asking("reports", lambda: self._reports.reports_of(reporting)))
        if (files := self._calendar_files) is not None and places_of(messages):
            questions.append(asking("files", lambda: files.read_files(messages)))
        await side_by_side(ask_for_senders, *questions)
        return {
            message.id: Facts(**{name: known[message.id] for name, known in found.items() if message.id in known})
            for message in messages
        }

    async def _imitated_by(self, message: Message) -> str:
        """Asks for the user's correspondents only where a sender has a letter that serves to imitate others."""
        sender = message.author.address
        if not sender or not may_imitate(sender):
            return ""
        try:
            return await self._correspondents.imitated_by(sender)
        except OutlookError:
            return ""
