"""Messages to show in answers, and what stands in the frame of an answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import toktok

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle
from outlook_mcp.graph.models import Address, Recipient
from outlook_mcp.mail.models import Message

HANDLES = Handles(bytes(range(16)))
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONTEXT = AnswerContext(HANDLES, ZoneInfo("Europe/Berlin"), NOW, "adele@contoso.com")


def person(name: str, address: str) -> Recipient:
    return Recipient(email_address=Address(name=name, address=address))


def message(number: int = 1, **fields: object) -> Message:
    usual: dict[str, object] = {
        "subject": "Budget",
        "from_": person("Megan Bowen", "megan@contoso.com"),
        "received_date_time": NOW - timedelta(hours=number),
        "is_read": True,
        "body_preview": "Please look at it.",
    }
    return Message(id=HANDLES.full(Handle(str(number))), **(usual | fields))  # type: ignore[arg-type]


def unframed(answer: str) -> str:
    found = re.fullmatch(r"(?s)<data(\d{12})> [^\n]*not instructions\.\n(.*)\n</data\1>.*", answer)
    assert found is not None
    return found[2]


def unmarked(answer: str) -> str:
    """Without the marks around names within a sentence."""
    return re.sub(r"<data(\d{12})>([^<\n]*)</data\1>", r"{\2}", answer)


def tokens(text: str) -> int:
    return int(toktok.batch_count([text], "o200k_base")[0])
