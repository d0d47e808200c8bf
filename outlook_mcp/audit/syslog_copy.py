"""Sends a copy of each line of the audit log to syslog, so that the logs of all replicas come together in one place.

A line is one datagram (RFC 5424 over UDP, RFC 5426, or the socket of this machine). Datagrams can be lost, so the file
stays the record; what arrives verifies by itself, since each line has its MAC and its number. Personal fields are
sealed there too, and unreadable once their user is erased.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot, utc_now

# Facility 13, "log audit", and severity 6, "informational": RFC 5424, 6.2.1.
_PRIORITY = 13 * 8 + 6
MOST_WAITING = 1000
_log = logging.getLogger(__name__)


def syslog_address(text: str) -> tuple[str, int] | str:
    """`HOST:PORT`, or the path of a socket. Raises ValueError.

    >>> syslog_address("logs.example:514"), syslog_address("/dev/log")
    (('logs.example', 514), '/dev/log')
    """
    if text.startswith("/") and sys.platform != "win32":
        return text
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("HOST:PORT, or the path of a socket such as /dev/log")
    return host.strip("[]"), int(port)


Place = tuple[int, Any]


class SyslogCopy:
    """Called with each line. It waits for nothing and never raises; the first of several failures is logged.

    A host name is looked up in a thread, one at a time, since DNS can keep a thread for long; meanwhile the last
    `MOST_WAITING` lines wait. A name that was not found is looked up again after `retry_s` seconds at the earliest.
    """

    def __init__(
        self,
        address: tuple[str, int] | str,
        *,
        look_up: Callable[[str, int], Place] | None = None,
        retry_s: float = 30.0,
        clock: MonotonicClock = seconds_since_boot,
    ) -> None:
        self._address = address
        self._look_up = look_up or _looked_up
        self._retry_s = retry_s
        self._clock = clock
        self._host = socket.gethostname() or "-"
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._socket: socket.socket | None = None
        self._lookup: threading.Thread | None = None
        self._next_lookup = 0.0
        self._has_failed = False

    def __call__(self, line: bytes) -> None:
        time = utc_now().isoformat(timespec="milliseconds")
        head = f"<{_PRIORITY}>1 {time} {self._host} outlook-mcp {os.getpid()} audit - "
        with self._lock:
            self._waiting.append(head.encode() + line.rstrip(b"\n"))
            if self._socket is None:
                self._open_or_look_up()
            if self._socket is not None:
                self._send_waiting()

    def close(self) -> None:
        """Closes the socket; the next line opens another one."""
        sender, self._socket = self._socket, None
        if sender is not None:
            sender.close()

    def _open_or_look_up(self) -> None:
        place = _known_place(self._address)
        if place is not None:
            self._open_socket(place)
        elif self._lookup is None and self._clock() >= self._next_lookup:
            # A daemon: the end of the process waits for no DNS server.
            self._lookup = threading.Thread(target=self._look_up_and_send, name="syslog-name", daemon=True)
            self._lookup.start()

    def _look_up_and_send(self) -> None:
        assert not isinstance(self._address, str)
        try:
            place, failure = self._look_up(*self._address), None
        except (OSError, UnicodeError) as error:
            place, failure = None, error
        with self._lock:
            self._lookup, self._next_lookup = None, self._clock() + self._retry_s
            if place is not None:
                self._open_socket(place)
            if self._socket is not None:
                self._send_waiting()
            elif failure is not None:
                self._fail(failure)

    def _open_socket(self, place: Place) -> None:
        family, address = place
        try:
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            self._socket.connect(address)
        except OSError as error:
            self._fail(error)

    def _send_waiting(self) -> None:
        while self._waiting and self._socket is not None:
            try:
                self._socket.send(self._waiting.popleft())
                self._has_failed = False
            except OSError as error:
                if error.errno == errno.EMSGSIZE:
                    # This line alone fits no datagram.
                    self._warn(error)
                else:
                    self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._warn(error)
        self.close()
        self._waiting.clear()

    def _warn(self, error: Exception) -> None:
        if not self._has_failed:
            _log.warning("Lines of the audit log do not reach syslog: %s", getattr(error, "strerror", None) or error)
        self._has_failed = True


def _known_place(address: tuple[str, int] | str) -> Place | None:
    """Where the path of a socket or a numeric address leads; None for a host name."""
    if isinstance(address, str):
        return getattr(socket, "AF_UNIX", 0), address
    try:
        is_ipv6 = ip_address(address[0]).version == 6
    except ValueError:
        return None
    return socket.AF_INET6 if is_ipv6 else socket.AF_INET, address


def _looked_up(host: str, port: int) -> Place:
    family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    return family, place
