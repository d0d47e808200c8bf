"""A receiver of change notifications on this machine, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outlook_mcp.sandbox.listeners import HOST, Listener, bind, port_of, serving


@dataclass
class Receiver:
    """`got` are the notifications; `status` is what posts are answered with, and `token` what validations are."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    posts: int = 0
    status: int = 202
    token: str | None = None
    _came: anyio.Event | None = None

    async def answer_post(self, request: Request) -> Response:
        asked = request.query_params.get("validationToken")
        if asked is not None:
            return PlainTextResponse(asked if self.token is None else self.token)
        self.posts += 1
        if self.status < 300:
            self.got += (await request.json())["value"]
            if self._came is not None:
                self._came.set()
        return Response(status_code=self.status)

    async def wait_for(self, number: int) -> list[dict[str, Any]]:
        """The notifications, when there are so many; at most five seconds."""
        with anyio.fail_after(5):
            while len(self.got) < number:
                self._came = anyio.Event()
                await self._came.wait()
        return self.got


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = Starlette(routes=[Route("/hook", receiver.answer_post, methods=["POST"])])
    with closing(bind(0)) as bound:
        receiver.url = f"http://{HOST}:{port_of(bound)}/hook"
        async with serving(Listener(app, bound)):
            yield receiver
