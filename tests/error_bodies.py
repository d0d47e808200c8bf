"""Refusals of Microsoft Graph and Entra ID, written by us: real codes and numbers, with wording of our own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "error-bodies.jsonl"


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """`error` is the name of the class of ours that it becomes. Status 302 is a redirect to the callback."""

    service: str
    status: int
    headers: Mapping[str, str]
    body: Any
    when: str
    error: str

    def raw(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def error_bodies(service: str) -> list[ErrorBody]:
    bodies = [ErrorBody(**json.loads(line)) for line in FILE.read_text("utf-8").splitlines()]
    return [body for body in bodies if body.service == service]
