"""Requests that no client should send; each number is always the same one."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

from tests.sandbox.graph.odd_values import (
    BODIES,
    EXPANDS,
    FILTERS,
    KEYS,
    ODD_TEXTS,
    PREFERS,
    SEARCHES,
    SELECTS,
    TYPES,
    VALUES,
)

Known = dict[str, list[str]]


class OddRequest:
    """`path` is below /v1.0 and may be no valid URL; `content` is the body."""

    def __init__(self, number: int, operations: list[tuple[str, str]], known: Known) -> None:
        self.number = number
        self._random = random.Random(number)
        method, pattern = self._random.choice(operations)
        self._pattern = pattern
        self.method = (
            method if self._random.random() < 0.9 else self._random.choice(("GET", "POST", "PATCH", "DELETE", "PUT"))
        )
        self.path = self._path(pattern, known) + self._query()
        self.headers = self._headers()
        self.content = (
            self._content() if self.method in ("POST", "PATCH", "PUT") or self._random.random() < 0.1 else b""
        )

    @property
    def described(self) -> str:
        return f"{self.number}: {self.method} {self.path} {self.headers} {self.content!r}"

    def _path(self, pattern: str, known: Known) -> str:
        parts = [*(() if pattern.startswith("/") else ("me",)), *(part for part in pattern.split("/") if part)]
        filled = []
        for part in parts:
            name = part.strip("{}")
            ids = known.get(name, []) if part.startswith("{") else [part]
            odd = not ids or self._random.random() < 0.07
            filled.append(self._random.choice(ODD_TEXTS) if odd else self._random.choice(ids))
        if self._random.random() < 0.1:
            filled[1:1] = ["mailFolders", self._random.choice([*known["folder"], *ODD_TEXTS])]
        return "/" + "/".join(filled)

    def _query(self) -> str:
        options: list[str] = []
        for name, values in (
            ("$filter", FILTERS),
            ("$search", SEARCHES),
            ("$expand", EXPANDS),
            ("$select", SELECTS),
            (
                "$orderby",
                ("subject", "receivedDateTime desc", "x", ",", "subject asc,isRead", "from/emailAddress/address"),
            ),
            ("$top", ("1", "0", "1001", "x", "9" * 20)),
            ("$skip", ("0", "5", "999999999", "x")),
            ("$count", ("true", "x")),
            ("$skiptoken", ("1", "x", "e30", "W10", "eyJhIjoxfQ")),
            ("$deltatoken", ("latest", "x", "e30", "eJyLjgUAARUAuQ", "eyJmb2xkZXIiOjF9")),
            ("changeType", ("created", "deleted", "x")),
            ("includeHiddenFolders", ("true", "x")),
        ):
            if self._random.random() < 0.06:
                options.append(f"{name}={self._random.choice((*values, self._random.choice(ODD_TEXTS)))}")
        return "?" + "&".join(options) if options else ""

    def _headers(self) -> dict[str, str]:
        headers = {}
        if self._random.random() < 0.3:
            headers["Prefer"] = ", ".join(self._random.sample(PREFERS, 2))
        if self._random.random() < 0.9:
            headers["Content-Type"] = self._random.choice(TYPES) if self._random.random() < 0.3 else "application/json"
        if self._random.random() < 0.1:
            headers["If-Match"] = self._random.choice(("*", "x", 'W/"x"'))
        return headers

    def _content(self) -> bytes:
        kind = self._random.random()
        if kind < 0.05:
            return self._random.randbytes(self._random.randrange(60))
        if kind < 0.1:
            return base64.b64encode(self._random.randbytes(self._random.randrange(200)))
        if kind < 0.2:
            return json.dumps(self._json(0)).encode()
        last = self._pattern.rpartition("/")[2]
        return json.dumps(self._changed(BODIES.get(last, BODIES["messages"]), 0.03)).encode()

    def _changed(self, value: Any, chance: float) -> Any:
        """The value with a few parts of it replaced by odd ones."""
        if self._random.random() < chance:
            return self._random.choice((*VALUES, *ODD_TEXTS))
        if isinstance(value, dict):
            return {
                key: self._changed(inner, 2 * chance) for key, inner in value.items() if self._random.random() < 0.95
            }
        if isinstance(value, list):
            return [self._changed(inner, 2 * chance) for inner in value]
        return value

    def _json(self, depth: int) -> Any:
        kind = self._random.random()
        if depth == 0 or (depth < 5 and kind < 0.45):
            return {key: self._json(depth + 1) for key in self._random.sample(KEYS, self._random.randrange(1, 6))}
        if depth < 5 and kind < 0.6:
            return [self._json(depth + 1) for _ in range(self._random.randrange(3))]
        return self._random.choice((*VALUES, *ODD_TEXTS))
