"""`outlook-mcp doctor`: checks all that has to be right before a client gets an answer, and says how to mend it."""

from __future__ import annotations

import json
import textwrap
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial

import anyio

from outlook_mcp import __version__
from outlook_mcp.cli.doctor_checks.account import account_findings
from outlook_mcp.cli.doctor_checks.finding import Finding, State, checked
from outlook_mcp.cli.doctor_checks.machine import (
    audit_finding,
    client_findings,
    command_finding,
    configuration_finding,
    folder_finding,
    key_finding,
    python_finding,
    store_finding,
)
from outlook_mcp.cli.doctor_checks.network import network_findings
from outlook_mcp.cli.doctor_checks.settings_rules import RuleFinding, rule_findings
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError

WIDTH = 110


def run(arguments: Namespace) -> int:
    """Prints what was found; returns 1 when something fails, else 0."""
    configuration: Configuration | None = None
    problem: ConfigurationError | None = None
    try:
        configuration = settings_of(arguments)
    except ConfigurationError as error:
        problem = error
    findings = [python_finding(), command_finding(), configuration_finding(configuration, problem)]
    if configuration is not None:
        findings += anyio.run(_findings_of, configuration)
    if configuration is None or configuration.public_url is None:
        findings += client_findings()
    rules = [] if configuration is None else rule_findings(configuration)
    print(_as_json(findings, rules) if arguments.json else _as_text(findings, rules))
    return 1 if any(finding.state is State.FAIL for finding in findings) else 0


async def _findings_of(configuration: Configuration) -> list[Finding]:
    """The findings that need the settings, in the order in which one rests on another."""
    key = await checked("key", key_finding, configuration)
    # A keyring that waits for a person does so every time that it is asked.
    no_key = next((finding for finding in key if finding.state is State.FAIL), None)
    findings = [
        *folder_finding(configuration),
        *key,
        *([replace(no_key, name="store")] if no_key else await checked("store", store_finding, configuration)),
        *([replace(no_key, name="audit log")] if no_key else await checked("audit log", audit_finding, configuration)),
        *await checked("network", network_findings, configuration),
        *await checked("account", partial(account_findings, no_key=no_key), configuration),
    ]
    return list(_blamed_once(findings))


def _blamed_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings; one that says again what an earlier one said names that one, which has to be mended."""
    first: dict[str, str] = {}
    for finding in findings:
        earlier = first.setdefault(finding.told, finding.name)
        if finding.state is State.FAIL and earlier != finding.name:
            told = f"Not checked, because of what {earlier!r} says above."
            finding = replace(finding, told=told, fix="Mend that, then try again.")
        yield finding


def _as_json(findings: Iterable[Finding], rules: Iterable[RuleFinding]) -> str:
    told = {
        "version": __version__,
        "checks": [asdict(finding) for finding in findings],
        "rules": [asdict(rule) for rule in rules],
    }
    return json.dumps(told, indent=2)


def _as_text(findings: list[Finding], rules: Iterable[RuleFinding]) -> str:
    lines = []
    for finding in findings:
        lines.append(_wrapped(f"{finding.state:<5} {finding.name:<18} {finding.told}"))
        if finding.fix:
            lines.append(_wrapped(f"{'':<5} {'':<18} Fix: {finding.fix}"))
    if rules := list(rules):
        lines += ["", "Rules between settings:"]
        lines += [_wrapped(f"{rule.state:<5} {rule.setting:<18} {rule.told}") for rule in rules]
    lines += ["", _wrapped(_verdict(findings))]
    return "\n".join(lines)


def _verdict(findings: Iterable[Finding]) -> str:
    """The last line, so that nothing that is wrong is missed above it."""
    failed = [finding.name for finding in findings if finding.state is State.FAIL]
    if not failed:
        return "Nothing fails."
    first = "Mend the first one first: the others may follow from it." if failed[1:] else "Mend it as said above."
    return f"To be mended: {', '.join(failed)}. {first}"


def _wrapped(line: str) -> str:
    """The line with what does not fit below its text; no word is cut, so that addresses and commands can be copied."""
    indented = " " * 25
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indented, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
