"""Sends a copy of each line of the audit log to syslog, so that the logs of all replicas come together in one place.

A line is one datagram (RFC 5424 over UDP, RFC 5426, or the socket of this machine). Datagrams can be lost, so the file
stays the record; what arrives verifies by itself, since each line has its MAC and its number. Personal fields are
sealed there too, and unreadable once their user is erased.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from typing import Any

from outlook_mcp.net.clock import utc_now

# Facility 13, "log audit", and severity 6, "informational": RFC 5424, 6.2.1.
_PRIORITY = 13 * 8 + 6
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


class SyslogCopy:
    """Called with each line. It never raises; the first of several lines that cannot be sent is logged.

    It waits for nothing but the address of a host name, when the socket is opened.
    """

    def __init__(self, address: tuple[str, int] | str) -> None:
        self._address = address
        self._host = socket.gethostname() or "-"
        self._socket: socket.socket | None = None
        self._has_failed = False

    def __call__(self, line: bytes) -> None:
        time = utc_now().isoformat(timespec="milliseconds")
        head = f"<{_PRIORITY}>1 {time} {self._host} outlook-mcp {os.getpid()} audit - "
        try:
            self._socket = self._socket or self._open_socket()
            self._socket.send(head.encode() + line.rstrip(b"\n"))
            self._has_failed = False
        except OSError as error:
            if not self._has_failed:
                _log.warning("Lines of the audit log do not reach syslog: %s", error.strerror or error)
            self.close()
            self._has_failed = True

    def close(self) -> None:
        """Closes the socket; the next line opens another one."""
        sender, self._socket = self._socket, None
        if sender is not None:
            sender.close()

    def _open_socket(self) -> socket.socket:
        place: Any = self._address
        family: int = getattr(socket, "AF_UNIX", 0)
        if not isinstance(self._address, str):
            host, port = self._address
            family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        sender = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sender.setblocking(False)
            sender.connect(place)
        except OSError:
            sender.close()
            raise
        return sender
