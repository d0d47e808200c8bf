"""Takes secrets out of any text before it is logged, shown or raised."""

from __future__ import annotations

import logging
import re

REDACTED = "[redacted]"
_NAMES = (
    "code|state|nonce|access_token|refresh_token|id_token|client_secret|client_assertion|assertion|device_code"
    "|user_code|code_verifier|password|token"
)
_PARAMETER = re.compile(rf"(?i)(?<![\w-])({_NAMES})=[^&\s\"'<>#]+")
_JSON_MEMBER = re.compile(rf"""(?i)(["'])({_NAMES})\1(\s*:\s*)(["'])(?:\\.|(?!\4).)*\4?""")
_BEARER = re.compile(r"(?i)\b(bearer|basic|pop)\s+[\w.~+/=-]{8,}")
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.?[\w-]*(?:\.[\w-]+){0,2}")


def redact(text: str) -> str:
    """`text` with the values of token-bearing parameters, JSON members, headers and bare JWTs replaced.

    >>> redact("POST /token?code=abc&scope=mail.read")
    'POST /token?code=[redacted]&scope=mail.read'
    >>> redact('{"refresh_token": "secret", "expires_in": 3600}')
    '{"refresh_token": "[redacted]", "expires_in": 3600}'
    >>> redact("Authorization: Bearer abcdefgh12345678")
    'Authorization: Bearer [redacted]'
    """
    text = _PARAMETER.sub(rf"\1={REDACTED}", text)
    text = _JSON_MEMBER.sub(rf"\1\2\1\3\4{REDACTED}\4", text)
    text = _BEARER.sub(rf"\1 {REDACTED}", text)
    return _JWT.sub(REDACTED, text)


class RedactingFilter(logging.Filter):
    """A filter for a logging handler: it redacts every record that the handler gets."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True
