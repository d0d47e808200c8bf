"""Online meetings: the link, and the block about it in the text of the event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall

_RULE = "_" * 80
_HOST = "https://teams.microsoft.com/l/meetup-join/"


def with_online_meeting(call: CalendarCall, fields: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored when an online meeting was asked for, or the text of one was changed.

    A personal account gets none, without an error. Once there, a meeting is never turned off; its link is lost with
    the block in the text.
    """
    link = (known.get("onlineMeeting") or {}).get("joinUrl")
    if link:
        kept = {name: value for name, value in fields.items() if name != "isOnlineMeeting"}
        body = fields.get("body")
        if body is not None and link not in (body.get("content") or ""):
            kept |= {"onlineMeeting": None, "isOnlineMeeting": False, "onlineMeetingProvider": "unknown"}
        return kept
    if not fields.get("isOnlineMeeting"):
        return dict(fields)
    if call.sources.is_personal(call.account):
        return {**fields, "isOnlineMeeting": False, "onlineMeetingProvider": "unknown"}
    link = f"{_HOST}19%3ameeting_{uuid4().hex}%40thread.v2/0?context=%7b%22Tid%22%3a%22{call.account.tid}%22%7d"
    body = fields.get("body") or known.get("body") or {}
    return {
        **fields,
        "onlineMeetingProvider": "teamsForBusiness",
        "onlineMeeting": {"joinUrl": link},
        "body": {"contentType": "html", "content": _text(body) + _block(link)},
    }


def _text(body: Mapping[str, Any]) -> str:
    content = body.get("content") or ""
    if (body.get("contentType") or "text").lower() == "html":
        return str(content)
    return "<br>".join(content.replace("&", "&amp;").replace("<", "&lt;").splitlines())


def _block(link: str) -> str:
    """As Teams writes it, between two rules."""
    rule = f'<div style="margin-bottom:24px;overflow:hidden;white-space:nowrap">{_RULE}</div>'
    return (
        f'<br>\r\n<div class="me-email-text" lang="en-US" style="color:#242424">{rule}'
        '<div style="margin-bottom:12px"><span class="me-email-text" style="font-size:24px;font-weight:700">'
        "Microsoft Teams meeting</span></div>"
        f'<div style="margin-bottom:6px"><a href="{link}" id="meet_invite_block.action.join_link">'
        "Join the meeting now</a></div>"
        f"<div>Meeting ID: <span>200 000 000 000</span></div>{rule}</div>"
    )
