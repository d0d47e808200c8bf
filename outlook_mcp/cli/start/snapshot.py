"""The first answers of a server, kept from an earlier start: nothing in them is about a person.

Whatever is not asked exactly as clients ask it gets no answer here, and goes to the server; so does every request after
it, because what the server makes of the first may decide how it answers the next.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

# The version whose requests each carry an envelope; earlier ones begin with a handshake.
MODERN = "2026-07-28"
# The results, as JSON, by protocol version and method.
Answers = Mapping[str, Mapping[str, str]]

_RESERVED = "io.modelcontextprotocol/"
_VERSION, _CAPABILITIES, _CLIENT = (
    f"{_RESERVED}{name}" for name in ("protocolVersion", "clientCapabilities", "clientInfo")
)
# Capabilities whose objects hold what they like.
_FREE = ("elicitation", "experimental", "extensions")
_MOST_BYTES = 2**20
# What every pipe holds: a client that reads no answer must not keep its other requests from being read.
_MOST_ANSWERED_BYTES = 40_000
# A plain request has few. The server refuses to read one with 200 of them inside each other.
_MOST_BRACKETS = 150
_MOST_KEPT = 8
_NAME = "answers-{}.json"


class Snapshot:
    """The answers to one client. Its first request decides the era of the protocol, as it does for the server."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._version = ""
        self._answered_bytes = 0

    def answer_to(self, line: bytes) -> tuple[str | int, bytes] | None:
        """The id of the request and the line that answers it; None when the server has to."""
        message = _read_message(line)
        if not isinstance(message, dict) or not {"id", "method"} <= message.keys():
            # No request, so nothing is answered to it, and nothing after it changes.
            return None
        found = self._found(line, message)
        if found is None:
            self._answers = {}
        return found

    def _found(self, line: bytes, message: Mapping[str, Any]) -> tuple[str | int, bytes] | None:
        if line.count(b"[") + line.count(b"{") > _MOST_BRACKETS or not _is_plain_request(message):
            return None
        method, parameters = message["method"], message.get("params", {})
        version = self._version_for(method, parameters)
        result = self._answers.get(version, {}).get(method)
        if result is None:
            return None
        self._version = version
        request_id = message["id"]
        answer = f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"result":{result}}}\n'.encode()
        self._answered_bytes += len(answer)
        return (request_id, answer) if self._answered_bytes <= _MOST_ANSWERED_BYTES else None

    def _version_for(self, method: str, parameters: Any) -> str:
        """The version in which to answer, "" for none."""
        if method == "initialize":
            return "" if self._version or not _is_initialize(parameters) else str(parameters["protocolVersion"])
        if not isinstance(parameters, dict) or parameters.keys() - {"_meta"}:
            return ""
        meta = parameters.get("_meta", {})
        if not isinstance(meta, dict) or not _is_id(meta.get("progressToken", 0)):
            return ""
        if not any(name.startswith(_RESERVED) for name in meta):
            return "" if self._version == MODERN else self._version
        is_modern = self._version in ("", MODERN) and _is_envelope(meta)
        return MODERN if is_modern else ""


def load_answers(folder: str, key: str) -> Answers | None:
    """What was kept under this key; None when there is nothing that can be trusted and read."""
    try:
        # A pipe in its place would be waited for without O_NONBLOCK.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(os.path.join(folder, _NAME.format(key[:32])), flags)
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
            if not is_ours or found.st_size > _MOST_BYTES:
                return None
            kept = json.loads(file.read())
        answers: Answers = kept["answers"]
        return answers if kept["key"] == key and _are_answers(answers) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def save_answers(folder: str, key: str, answers: Answers) -> None:
    """Keeps them for the next start, and the newest few of other configurations. What cannot be written is not kept."""
    with suppress(OSError):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor, written = tempfile.mkstemp(dir=folder)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump({"key": key, "answers": answers}, file)
            os.replace(written, os.path.join(folder, _NAME.format(key[:32])))
        except BaseException:
            os.unlink(written)
            raise
        kept = [entry for entry in os.scandir(folder) if entry.name.startswith("answers-")]
        for entry in sorted(kept, key=lambda entry: entry.stat().st_mtime)[:-_MOST_KEPT]:
            os.unlink(entry.path)


def _are_answers(kept: Any) -> bool:
    return isinstance(kept, dict) and all(
        isinstance(results, dict) and all(isinstance(result, str) for result in results.values())
        for results in kept.values()
    )


def _read_message(line: bytes) -> Any:
    """What the line says; None when the server cannot read it either."""
    try:
        # Decoded as the server does it: `json` would take UTF-16 and a byte order mark.
        return json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _is_plain_request(message: Mapping[str, Any]) -> bool:
    return (
        message.get("jsonrpc") == "2.0"
        and _is_id(message.get("id"))
        and isinstance(message.get("method"), str)
        and not message.keys() - {"jsonrpc", "id", "method", "params"}
        and _is_unicode(message)
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_unicode(message: Mapping[str, Any]) -> bool:
    """Whether it holds no half of a character (a lone surrogate), which the server does not read."""
    try:
        json.dumps(message, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_initialize(parameters: Any) -> bool:
    return (
        isinstance(parameters, dict)
        and not parameters.keys() - {"protocolVersion", "capabilities", "clientInfo"}
        and isinstance(parameters.get("protocolVersion"), str)
        and parameters["protocolVersion"] != MODERN
        and _are_capabilities(parameters.get("capabilities"))
        and _is_implementation(parameters.get("clientInfo"))
    )


def _is_envelope(meta: Mapping[str, Any]) -> bool:
    return (
        meta.get(_VERSION) == MODERN
        and _are_capabilities(meta.get(_CAPABILITIES))
        and (_CLIENT not in meta or _is_implementation(meta[_CLIENT]))
        and not {name for name in meta if name.startswith(_RESERVED)} - {_VERSION, _CAPABILITIES, _CLIENT}
    )


def _are_capabilities(value: Any) -> bool:
    """Of the form that all of them have; which there are is not looked at, since no answer depends on them."""
    return isinstance(value, dict) and all(
        _is_object_of_objects(capability) if name in _FREE else _is_capability(capability)
        for name, capability in value.items()
    )


def _is_object_of_objects(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(inner, dict) for inner in value.values())


def _is_capability(value: Any) -> bool:
    """Objects down to the last, but for the one flag that capabilities of clients have."""
    return isinstance(value, dict) and all(
        isinstance(inner, bool) if name == "listChanged" else _is_capability(inner) for name, inner in value.items()
    )


def _is_implementation(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"name", "version"} <= value.keys() <= {"name", "version", "title", "description", "websiteUrl", "icons"}
        and all(isinstance(text, str) for name, text in value.items() if name != "icons")
        and _are_icons(value.get("icons", []))
    )


def _are_icons(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(icon, dict)
        and {"src"} <= icon.keys() <= {"src", "mimeType", "sizes"}
        and all(isinstance(text, str) for name, text in icon.items() if name != "sizes")
        and isinstance(icon.get("sizes", []), list)
        and all(isinstance(size, str) for size in icon.get("sizes", []))
        for icon in value
    )
