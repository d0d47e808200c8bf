"""`outlook-mcp audit`: verify the log, or show its last records."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import asdict

import anyio

from outlook_mcp.app import open_vault
from outlook_mcp.app.audit_log import verify_audit_log, verify_copies
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import AuditReport
from outlook_mcp.cli.json_output import print_json
from outlook_mcp.cli.output import escaped
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, RecordBroken
from outlook_mcp.errors.counting import counted

_SHOWN = 20


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status. `verify` raises AuditBroken when the log was altered."""
    lines = _SHOWN if arguments.lines is None else arguments.lines
    if lines < 1:
        raise ConfigurationError(f"--lines: read {lines}; expected at least 1.")
    if arguments.action == "verify":
        anyio.run(_verify_log, settings_of(arguments), arguments.json)
    else:
        anyio.run(_tail, settings_of(arguments), lines, arguments.json)
    return 0


async def _verify_log(configuration: Configuration, as_json: bool) -> None:
    async with open_vault(configuration) as (vault, _):
        report = await verify_audit_log(configuration, vault)
        copies = await verify_copies(configuration, vault)
        if as_json:
            told = asdict(report)
            print_json(told | {"copies": {name: asdict(copy) for name, copy in copies.items()}} if copies else told)
            return
        _print_report(report, "")
        for name, copy in copies.items():
            _print_report(copy, f"In the store, {name}: ")


def _print_report(report: AuditReport, lead: str) -> None:
    files = f" in {counted(report.files, 'file')}" if report.files > 1 else ""
    print(f"{lead}{counted(report.records, 'record')}{files} from {report.first} to {report.last}: the chain is whole.")
    if report.removed:
        print(f"{lead}Removed: {counted(report.removed, 'older record')}, as OUTLOOK_MCP_AUDIT_KEPT_FILES says.")


async def _tail(configuration: Configuration, lines: int, as_json: bool) -> None:
    async with open_vault(configuration) as (_, audit):
        for record in last_records(audit.path, lines):
            print(escaped(await _json_line(audit, record) if as_json else await _line(audit, record)))


async def _json_line(audit: AuditLog, record: dict[str, object]) -> str:
    """One JSON object, with `personal` in the place of the sealed fields: an object, or "erased" or "altered"."""
    if "sealed" not in record:
        return json.dumps(record, ensure_ascii=False)
    try:
        personal: object = await audit.open_personal(record)
    except RecordBroken:
        personal = "altered"
    opened = {name: value for name, value in record.items() if name != "sealed"}
    return json.dumps(opened | {"personal": "erased" if personal is None else personal}, ensure_ascii=False)


async def _line(audit: AuditLog, record: dict[str, object]) -> str:
    words = [record.get("time"), record.get("tag"), record.get("user") or "-", json.dumps(record.get("details"))]
    if "request" in record:
        words.append(f"request {record['request']}")
    if "sealed" in record:
        words.append(await _personal(audit, record))
    return " ".join(map(str, words))


async def _personal(audit: AuditLog, record: dict[str, object]) -> str:
    try:
        fields = await audit.open_personal(record)
    except RecordBroken:
        return "(altered)"
    return "(erased)" if fields is None else json.dumps(fields)
