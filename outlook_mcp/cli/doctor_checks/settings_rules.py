"""The table of rules between settings, with whether each is kept."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.cli.doctor_checks.finding import State
from outlook_mcp.config import Configuration
from outlook_mcp.config.rule import Stage
from outlook_mcp.config.rules import RULES


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A rule of the table and whether the settings keep it; `checked` says when a command insists on it."""

    setting: str
    state: State
    told: str
    checked: str


def rule_findings(configuration: Configuration) -> list[RuleFinding]:
    """All rules that apply to this configuration; those of `serve --http` only where it has a public address."""
    serves_http = configuration.public_url is not None
    return [
        RuleFinding(
            rule.setting,
            State.OK if rule.violation(configuration) is None else State.WARN if rule.warns else State.FAIL,
            rule.described(configuration),
            str(rule.stage),
        )
        for rule in RULES
        if serves_http or rule.stage is not Stage.HTTP
    ]
