"""By setting each line of the log also goes to syslog; where that is away, the log goes on."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from outlook_mcp.audit import syslog_copy
from outlook_mcp.audit.chain import read_record
from outlook_mcp.audit.syslog_copy import MOST_WAITING, SyslogCopy, syslog_address
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.audit.writer import Entry, LogWriter
from tests.audit_logs import AUDIT_KEY as KEY


def test_each_line_arrives_as_one_message_that_verifies_by_itself(path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind(("127.0.0.1", 0))
        syslog.settimeout(5)
        copy = SyslogCopy(syslog.getsockname())
        writer = LogWriter(path, KEY, copy_line=copy)
        for _ in range(2):
            writer.append_entry(Entry(AuditTag.TOOL_CALLED))
        messages = [syslog.recv(65536) for _ in range(2)]
        copy.close()
    lines = path.read_bytes().splitlines(keepends=True)
    for message, line in zip(messages, lines, strict=True):
        head, _, body = message.partition(b" audit - ")
        assert head.startswith(b"<110>1 ")
        assert body + b"\n" == line
        assert read_record(KEY, body + b"\n") is not None
        assert json.loads(body)["tag"] == AuditTag.TOOL_CALLED


def test_a_syslog_that_is_away_stops_no_record_and_is_warned_of_once(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = LogWriter(path, KEY, copy_line=SyslogCopy(str(tmp_path / "no socket")))
    for _ in range(3):
        writer.append_entry(Entry(AuditTag.TOOL_CALLED))
    assert verify_log(path, KEY).records == 3
    assert caplog.text.count("do not reach syslog") == 1


def test_a_name_that_dns_does_not_answer_holds_up_no_record_and_takes_one_thread() -> None:
    answered, looked_up_by = threading.Event(), []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind(("127.0.0.1", 0))
        syslog.settimeout(5)

        def look_up(host: str, port: int) -> tuple[int, object]:
            looked_up_by.append(threading.current_thread().name)
            answered.wait(30)
            return socket.AF_INET, syslog.getsockname()

        copy = SyslogCopy(("logs.example", 514), look_up=look_up)
        for number in range(MOST_WAITING + 3):
            copy(b"%d\n" % number)
        answered.set()
        first = syslog.recv(65536)
        copy.close()
    assert looked_up_by == ["syslog-name"]
    # The oldest lines gave way.
    assert first.endswith(b" audit - 3")


def test_a_line_that_fits_no_datagram_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    answered = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind(("127.0.0.1", 0))
        syslog.settimeout(5)

        def look_up(host: str, port: int) -> tuple[int, object]:
            answered.wait(30)
            return socket.AF_INET, syslog.getsockname()

        copy = SyslogCopy(("logs.example", 514), look_up=look_up)
        for line in (b"1", b"2" * 70_000, b"3", b"4"):
            copy(line + b"\n")
        answered.set()
        assert [syslog.recv(65536)[-1:] for _ in range(3)] == [b"1", b"3", b"4"]
        copy.close()
    assert "Message too long" in caplog.text


def test_a_name_that_is_not_found_is_warned_of_once_and_asked_for_again_after_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now, ended, asked = [0.0], threading.Semaphore(0), []

    def look_up(host: str, port: int) -> tuple[int, object]:
        asked.append(host)
        raise OSError("not found")

    def clock() -> float:
        # The last thing that a lookup does is to note when the next one may begin.
        if threading.current_thread().name == "syslog-name":
            ended.release()
        return now[0]

    copy = SyslogCopy(("logs.example", 514), look_up=look_up, retry_s=30.0, clock=clock)
    for now[0] in (0.0, 29.0, 31.0):
        copy(b"line\n")
        if now[0] != 29.0:
            ended.acquire(timeout=5)
    copy(b"line\n")
    assert len(asked) == 2
    assert caplog.text.count("do not reach syslog: not found") == 1


def test_a_socket_that_this_machine_cannot_open_stops_no_record_and_is_warned_of(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syslog_copy, "_known_place", lambda address: (9999, address))
    writer = LogWriter(path, KEY, copy_line=SyslogCopy(("192.0.2.1", 514)))
    for _ in range(2):
        writer.append_entry(Entry(AuditTag.TOOL_CALLED))
    assert verify_log(path, KEY).records == 2
    assert caplog.text.count("do not reach syslog") == 1


@pytest.mark.parametrize("address", ["", "host", "host:", ":514", "host:0", "host:99999", "host:syslog"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        syslog_address(address)
