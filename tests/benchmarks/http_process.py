"""A server process spoken to over HTTP with bare requests, so that no client's cost is measured."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import psutil

from tests.benchmarks.stdio_process import META

HOST = "127.0.0.1"
MODERN, LEGACY = "2026-07-28", "2025-11-25"
START_DEADLINE_S = 30.0
ANSWER_DEADLINE_S = 60.0


class HttpProcess:
    """`name` is the value of `Host` under which it answers."""

    def __init__(self, pid: int, port: int, name: str) -> None:
        self.pid = pid
        self._measured = psutil.Process(pid)
        self._port = port
        self._name = name

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self._port, timeout=ANSWER_DEADLINE_S)

    def call(
        self, connection: http.client.HTTPConnection, token: str, tool: str, era: str = MODERN, **arguments: Any
    ) -> Any:
        """The result of one tool call; the connection is kept."""
        result = self.ask(connection, token, "tools/call", era, name=tool, arguments=arguments)
        assert not result.get("isError"), result
        return result

    def ask(
        self, connection: http.client.HTTPConnection, token: str, method: str, era: str = MODERN, **params: Any
    ) -> Any:
        """The result of one request."""
        headers = {
            "Host": self._name,
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": era,
        }
        if era == MODERN:
            headers |= {"Mcp-Method": method} | ({"Mcp-Name": params["name"]} if "name" in params else {})
            params["_meta"] = META
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        connection.request("POST", "/mcp", body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        assert response.status == 200, (response.status, text)
        if response.headers["content-type"].startswith("text/event-stream"):
            text = next(line[6:] for line in text.splitlines() if line.startswith("data: {"))
        return json.loads(text)["result"]

    def cpu_seconds(self) -> float:
        times = self._measured.cpu_times()
        return float(times.user + times.system)

    def resident_bytes(self) -> int:
        return int(self._measured.memory_info().rss)


@asynccontextmanager
async def serving(
    command: Sequence[str], port: int, environment: Mapping[str, str], name: str | None = None
) -> AsyncIterator[HttpProcess]:
    process = await asyncio.create_subprocess_exec(*command, env=dict(environment))
    try:
        await _until_it_answers(process, port)
        yield HttpProcess(process.pid, port, name or f"{HOST}:{port}")
    finally:
        process.kill()
        await process.wait()


async def _until_it_answers(process: asyncio.subprocess.Process, port: int) -> None:
    give_up = time.monotonic() + START_DEADLINE_S
    while True:
        assert process.returncode is None, "the server ended"
        with suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return
        assert time.monotonic() < give_up, "the server does not answer"
        await asyncio.sleep(0.05)
