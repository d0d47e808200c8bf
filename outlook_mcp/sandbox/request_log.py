"""The requests to the sandbox, without secrets: no query, header or body is kept."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.clock import Clock

_KEPT = 20_000
# Whoever knows the id of an upload session may write to it.
_UPLOAD_SESSION = re.compile(r"(?<=/AttachmentSessions)\('[^']*'\)")


@dataclass(slots=True)
class RequestRecord:
    """`status` is None while the request runs, and stays so when no answer was sent."""

    time: str
    method: str
    path: str
    user: str | None
    app: str | None
    status: int | None = None


class RequestLog:
    """The latest requests, oldest first; each part of a `$batch` is one of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: deque[RequestRecord] = deque(maxlen=_KEPT)

    @property
    def records(self) -> Sequence[RequestRecord]:
        return tuple(self._records)

    def begin(self, scope: Scope) -> RequestRecord:
        caller: Caller | None = scope.get("state", {}).get("caller")
        record = RequestRecord(
            time=self._clock.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            method=scope["method"],
            path=_UPLOAD_SESSION.sub("('...')", scope["path"]),
            user=(caller.upn or None) if caller else None,
            app=(caller.app or None) if caller else None,
        )
        self._records.append(record)
        return record

    def clear(self) -> None:
        self._records.clear()


class RequestLogging:
    """Middleware that records every request except those to the control API."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self._app(scope, receive, send)
            return
        record = self._log.begin(scope)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
            await send(message)

        await self._app(scope, receive, noted)
