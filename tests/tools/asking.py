"""Calls tools and shows their answers as a reader sees them."""

from __future__ import annotations

import json
import re
from typing import Any

from outlook_mcp.sandbox.faults import Fault
from tests.answers import text_of
from tests.faults.office import Office

_MARK = re.compile(r"</?data\d{12}>")
_CODE = re.compile(r'confirm="(\w+)"')


async def answer(office: Office, tool: str, /, **arguments: Any) -> str:
    """The text of an answer that is no error, without the marks around data."""
    result = await office.client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    return _MARK.sub("", text_of(result))


async def refusal(office: Office, tool: str, /, **arguments: Any) -> str:
    """The text of an error, without the marks around data."""
    result = await office.client.call_tool(tool, arguments)
    assert result.is_error, text_of(result)
    return _MARK.sub("", text_of(result))


async def failed(office: Office, fault: Fault, tool: str, /, **arguments: Any) -> str:
    """The text of the error that the fault leads to."""
    office.sandbox.faults.replace_rules([fault])
    try:
        return await refusal(office, tool, **arguments)
    finally:
        office.sandbox.faults.replace_rules([])


def code_in(text: str) -> str:
    """The code that confirms what was shown."""
    found = _CODE.search(text)
    assert found, text
    return found[1]


def recorded_effects(office: Office) -> list[object]:
    """The effects on others that stand in the audit log, oldest first."""
    details = [json.loads(line)["details"] for line in office.log.read_text().splitlines()]
    return [detail["effects"] for detail in details if "effects" in detail]


def said(code: str, message: str = "Refused.") -> dict[str, Any]:
    """The body of an error of Graph."""
    return {"error": {"code": code, "message": message}}
