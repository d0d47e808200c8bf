"""Upload sessions on an origin of their own: ranges of an attachment, sent without a token to a secret URL."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import json_response
from outlook_mcp.sandbox.store import ItemNotFound, Mailbox, MailStore
from outlook_mcp.sandbox.store.mail.uploads import Upload

_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
_RANGE_LIMIT = 4 * 1024 * 1024


class UploadSession:
    """Ranges come in order, each at most 4 MB; the last one answers 201 with the attachment's Location."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def __call__(self, request: Request) -> Response:
        try:
            mailbox = self._store.mailbox(request.path_params["oid"])
            upload = mailbox.uploads.by_id(request.path_params["session"])
        except ItemNotFound:
            return _refusal(404, "ErrorItemNotFound", "The upload session does not exist or has expired.")
        if request.query_params.get("authtoken") != upload.id[:16]:
            return _refusal(401, "InvalidAuthenticationToken", "The token in the URL is not that of the session.")
        if request.method == "DELETE":
            mailbox.uploads.cancel(upload)
            return Response(status_code=204)
        if request.method == "PUT":
            return _receive(mailbox, upload, request.headers.get("content-range", ""), await request.body())
        return _progress(upload)


def _receive(mailbox: Mailbox, upload: Upload, content_range: str, content: bytes) -> Response:
    match = _RANGE.fullmatch(content_range.strip())
    if match is None:
        return _refusal(400, "ErrorInvalidRequest", "The Content-Range header is missing or malformed.")
    start, end, size = map(int, match.groups())
    if len(content) > _RANGE_LIMIT:
        return _refusal(413, "RequestEntityTooLarge", "A range may hold at most 4 MB.")
    if end - start + 1 != len(content) or size != upload.size or end >= size:
        return _refusal(400, "ErrorInvalidRequest", "The Content-Range header does not fit the content.")
    if start != upload.received:
        return _refusal(416, "InvalidRange", f"The next expected range starts at {upload.received}.")
    upload = mailbox.uploads.append(upload, content)
    return _finished(mailbox, upload) if upload.received == upload.size else _progress(upload)


def _finished(mailbox: Mailbox, upload: Upload) -> Response:
    stored, attachment = mailbox.finish_upload(upload)
    owner = f"Users('{mailbox.account.oid}@{mailbox.account.tid}')"
    path = quote(f"{owner}/Messages('{stored.id}')/Attachments('{attachment.id(stored.id)}')", safe="/()'@=")
    return Response(status_code=201, headers={"Location": f"https://outlook.office.com/api/v2.0/{path}"})


def _progress(upload: Upload) -> Response:
    return json_response(
        {
            "@odata.context": "https://outlook.office.com/api/v2.0/$metadata#AttachmentSessions/$entity",
            "ExpirationDateTime": upload.expires,
            "NextExpectedRanges": [str(upload.received)],
        }
    )


def _refusal(status: int, code: str, message: str) -> Response:
    return json_response({"error": {"code": code, "message": message}}, status)
