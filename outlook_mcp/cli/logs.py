"""Logging to standard error, one plain or JSON line for each record, with secrets removed."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Literal

from outlook_mcp.cli.output import escaped
from outlook_mcp.net.redaction import RedactingFilter
from outlook_mcp.net.request_id import current_request_id

# Their debug records contain whole requests and bodies.
_ALWAYS_QUIET = (
    *("httpx", "httpx2", "httpcore", "httpcore2", "aiohttp", "hpack", "asyncio", "markdown_it", "mcp", "selectolax"),
    *("sse_starlette", "azure", "msal", "urllib3"),
)
# What a start says is logged at every level: it is one line.
_ALWAYS_LOUD = ("outlook_mcp.start",)
# The highest level of such lines. asyncio logs an error for each connection beyond the files that may be open.
_CAUSED_BY_ANYBODY = {"uvicorn.error": logging.WARNING, "asyncio": logging.ERROR}
_MOST_A_MINUTE = 5
_MINUTE_S = 60.0
LogFormat = Literal["text", "json"]


class FewFromAnybody(logging.Filter):
    """Lets a few lines a minute through of what anybody in the network can cause, as by bad requests or connections.

    The first of a later minute says how many were left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._minute = 0.0
        self._logged = self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno > _CAUSED_BY_ANYBODY.get(record.name, logging.NOTSET):
            return True
        if record.created >= self._minute + _MINUTE_S:
            self._minute, self._logged = record.created, 0
        self._logged += 1
        if self._logged > _MOST_A_MINUTE:
            self._left_out += 1
            return False
        if self._left_out:
            record.msg, record.args = f"{record.getMessage()} {self._left_out} more such lines were left out.", None
            self._left_out = 0
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC, ISO 8601), level, logger, message, and the request id within a request."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request_id():
            fields["request_id"] = request_id
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            fields["exception"] = record.exc_text
        return escaped(json.dumps(fields, ensure_ascii=False))


class TextFormatter(logging.Formatter):
    """One line for a record, with the request id at its end within a request; what terminals obey is escaped."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return escaped(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = record.message.replace("\n", "\\n")
        line = super().formatMessage(record)
        request_id = current_request_id()
        return f"{line} [request {request_id}]" if request_id else line


def writes_json() -> bool:
    """True when what is logged goes to standard error as JSON."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers)


def log_to_stderr(level: str, log_format: LogFormat = "text") -> None:
    """Replaces all handlers of the root logger; `level` is a name of the logging module, in upper or lower case."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    handler.addFilter(FewFromAnybody())
    handler.addFilter(RedactingFilter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _ALWAYS_QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    for name in _ALWAYS_LOUD:
        logging.getLogger(name).setLevel(logging.INFO)
