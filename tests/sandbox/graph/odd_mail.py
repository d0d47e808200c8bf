"""Mail that is damaged at random places; each number is always the same message."""

from __future__ import annotations

import functools
import random
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "data" / "mail"
_ODD_BYTES = (
    *(b"\r\n", b"\n\n", b"--inv", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", "\u2028".encode(), b"<![=", b"<!-->"),
    *(b"=?utf-8?q?=00=ff?=", b"=?x?b?////?=", b"<table><select><svg><math>", b"BEGIN:VEVENT\r\n", b"METHOD:REPLY\r\n"),
    *(b"DTSTART;TZID=../x:99990101T000000Z\r\n", b"DTSTART:00010101T000000+2359\r\n"),
    b"RRULE:FREQ=WEEKLY;BYDAY=99MO,XX;UNTIL=x;COUNT=99999\r\n",
    b'ATTENDEE;PARTSTAT="ACC":mailto:\r\n',
    b"Date: Thu, 99 Foo 99999 99:99:99 +9999\r\n",
    b"Received: ; Mon, 1 Jan 0001 00:00:00 +2300\r\n",
    b"Content-Type: text/calendar; method=REQUEST\r\n",
    b"Content-Type: message/rfc822\r\n",
    b'Content-Type: multipart/mixed; boundary=""\r\n',
    b'Content-Type: text/html; charset="utf-7"\r\n',
    b"Content-Transfer-Encoding: base64\r\n",
    b"References: " + b"<a@b>" * 500 + b"\r\n",
    *(b"Message-ID: \r\n", b"From: ,,;<>@\r\n"),
)


@functools.cache
def _whole_messages() -> list[bytes]:
    return [path.read_bytes() for path in sorted(_FOLDER.glob("*.eml"))]


def odd_message(number: int) -> bytes:
    chance = random.Random(number)
    raw = bytearray(chance.choice(_whole_messages()))
    for _ in range(chance.randrange(1, 9)):
        place, kind = chance.randrange(len(raw) + 1), chance.random()
        if kind < 0.6:
            raw[place:place] = chance.choice(_ODD_BYTES)
        elif kind < 0.8:
            del raw[place : place + chance.randrange(200)]
        else:
            raw[place : place + 3] = chance.randbytes(3)
    return bytes(raw)
