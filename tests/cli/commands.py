"""The real commands, run as processes whose home and settings belong to one test."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import httpx

from tests.forked import ForkedCommand

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
PROGRAM = (sys.executable, "-m", "outlook_mcp")


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def printed(self) -> str:
        return self.out + self.err


def environment(home: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of this process without its settings, with another home."""
    # Many processes load the same modules, so what the first compiles is kept.
    left_out = ("OUTLOOK_MCP_", "XDG_", "SSH_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    given = {f"OUTLOOK_MCP_{name.upper()}": value for name, value in (settings or {}).items()}
    return {**kept, **folders, **given, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(ROOT)}


class Typing(io.StringIO):
    """A terminal at which somebody types these lines, for a command that runs in this process."""

    def isatty(self) -> bool:
        return True


class Running:
    """A command under way: what it printed so far, and its end."""

    def __init__(
        self, process: subprocess.Popen[str] | ForkedCommand, input_: IO[str], out: IO[str], err: IO[str]
    ) -> None:
        self._process = process
        self._input, self._out, self._err = input_, out, err
        self._changed = threading.Condition()
        self._lines: dict[str, list[str]] = {"out": [], "err": []}
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("out", out), ("err", err))
        ]
        for reader in self._readers:
            reader.start()

    @classmethod
    def started(cls, command: Sequence[str], variables: Mapping[str, str]) -> Self:
        """Any command."""
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, env=dict(variables), cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        return cls(process, process.stdin, process.stdout, process.stderr)

    @classmethod
    def forked(cls, arguments: Sequence[str], variables: Mapping[str, str]) -> Self:
        """`outlook-mcp` with these arguments."""
        theirs, ours = zip(os.pipe(), os.pipe()[::-1], os.pipe()[::-1], strict=True)
        process = ForkedCommand(arguments, variables, theirs)
        for stream in theirs:
            os.close(stream)
        return cls(process, open(ours[0], "w"), open(ours[1]), open(ours[2]))

    def _read(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            with self._changed:
                self._lines[name].append(line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def out(self) -> str:
        return "".join(self._lines["out"])

    @property
    def err(self) -> str:
        return "".join(self._lines["err"])

    def until(self, pattern: str) -> re.Match[str]:
        """Waits until a whole line with the pattern was printed on either stream."""
        give_up = time.monotonic() + DEADLINE_S
        with self._changed:
            while True:
                if found := re.search(pattern, self.out + self.err, re.MULTILINE):
                    return found
                ended = not any(reader.is_alive() for reader in self._readers)
                if ended or not self._changed.wait(min(1.0, give_up - time.monotonic())):
                    assert not ended, f"ended without {pattern!r}: {self.out}{self.err}"
                    if time.monotonic() > give_up:
                        raise TimeoutError(f"No {pattern!r} in time: {self.out}{self.err}")

    def say(self, line: str) -> None:
        self._input.write(line + "\n")
        self._input.flush()

    def close_input(self) -> None:
        self._input.close()

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def end(self) -> Outcome:
        """Waits for the end of the process."""
        status = self._process.wait(DEADLINE_S)
        for reader in self._readers:
            reader.join(DEADLINE_S)
        return Outcome(status, self.out, self.err)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self.end()
        for stream in (self._input, self._out, self._err):
            stream.close()


class Terminal:
    """Where one person types commands: a home folder and the settings of one data folder."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.data = home / "vault"
        given = dict(settings or {})
        self.settings = {**given, "data_dir": str(self.data)} if given else {}

    def start(self, *arguments: str, **settings: str) -> Running:
        return Running.forked(arguments, environment(self.home, {**self.settings, **settings}))

    def run(self, *arguments: str, **settings: str) -> Outcome:
        with self.start(*arguments, **settings) as running:
            return running.end()

    def sign_in(self, *arguments: str, hint: str | None = None, **settings: str) -> tuple[Outcome, list[str]]:
        """`login --no-browser`, with a browser that follows redirects; also the addresses it was sent to."""
        if hint is not None:
            settings["login_hint"] = hint
        with self.start("login", "--no-browser", *arguments, **settings) as login:
            url = login.until(r"Open (\S+) to sign in")[1]
            answer = httpx.get(url, follow_redirects=True, timeout=DEADLINE_S, trust_env=False)
            return login.end(), [str(step.headers["location"]) for step in answer.history]


@dataclass(frozen=True)
class SandboxProcess:
    """A running `outlook-mcp sandbox --control`."""

    running: Running
    origin: str
    ca_file: Path
    public_client: str
    confidential_client: str
    confidential_secret: str

    @property
    def settings(self) -> dict[str, str]:
        """With which the product signs Alice in here."""
        return {
            "client_id": self.public_client,
            "tenant": "organizations",
            "authority": self.origin,
            "graph_url": f"{self.origin}/v1.0",
            "login_hint": "alice@contoso.example",
        }

    def set_faults(self, *faults: Mapping[str, object]) -> None:
        answer = httpx.put(f"{self.origin}/_sandbox/faults", json=faults, timeout=DEADLINE_S, trust_env=False)
        assert answer.status_code == 200, answer.text

    def requests(self) -> list[dict[str, str | int | None]]:
        answer = httpx.get(f"{self.origin}/_sandbox/requests", timeout=DEADLINE_S, trust_env=False)
        return list(answer.json())


@contextmanager
def sandbox_process(home: Path, *arguments: str) -> Iterator[SandboxProcess]:
    home.mkdir(exist_ok=True)
    with Terminal(home).start("sandbox", "--port", "0", "--control", *arguments) as running:
        running.until(r"^Ctrl-C stops it")
        yield SandboxProcess(
            running,
            origin=_printed(running, r"^Graph +(http://\S+)/v1\.0$"),
            ca_file=Path(_printed(running, r"^CA file +(\S+)$")),
            public_client=_printed(running, r"^Public client +(\S+)"),
            confidential_client=_printed(running, r"^Confidential client +(\S+)$"),
            confidential_secret=_printed(running, r"^ +its secret +(\S+)$"),
        )
        running.signal(signal.SIGTERM)
        assert running.end().status == 0


def _printed(running: Running, pattern: str) -> str:
    found = re.search(pattern, running.out, re.MULTILINE)
    assert found, running.out
    return found[1]
