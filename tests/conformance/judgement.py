"""What the runner's results mean for this server, as a table to read."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from tests.conformance.runner import Check, Results
from tests.conformance.scenarios import LEFT_OUT, LEFT_OUT_CHECKS


@dataclass(frozen=True, slots=True)
class Judgement:
    """`rows` are lines of the table, `failures` say what is wrong."""

    rows: tuple[str, ...]
    failures: tuple[str, ...]


def judged(results: Results, run: Set[str]) -> Judgement:
    """A scenario that neither passed nor is left out with a reason is a failure, and so is one that never ran."""
    rows: list[str] = []
    failures = [f"{name}: the runner did not run it" for name in sorted(run - results.keys())]
    for name in sorted(results):
        if name in run:
            checks = [check for check in results[name] if check.id not in LEFT_OUT_CHECKS]
            wrong = [check for check in checks if check.status not in ("SUCCESS", "INFO", "SKIPPED")]
            passed = any(check.status == "SUCCESS" for check in checks)
            failures += [f"{name}: {check.id}: {check.message}" for check in wrong]
            failures += [] if passed else [f"{name}: nothing in it passed"]
            rows.append(_row("pass" if passed and not wrong else "FAIL", name, _count(checks)))
            rows += _not_asked(results[name])
        elif name in LEFT_OUT:
            rows.append(_row("left out", name, LEFT_OUT[name]))
        else:
            failures.append(f"{name}: it is neither run nor left out")
    return Judgement(tuple(rows), tuple(failures))


def _row(verdict: str, name: str, note: str) -> str:
    return f"  {verdict:8}  {name:60}  {note}"


def _count(checks: list[Check]) -> str:
    return f"{sum(check.status == 'SUCCESS' for check in checks)} of {len(checks)} checks passed"


def _not_asked(checks: tuple[Check, ...]) -> list[str]:
    """Rows for single checks of a scenario that did not take place."""
    reasons = {check.id: "skipped by the runner" for check in checks if check.status == "SKIPPED"}
    reasons |= {check.id: LEFT_OUT_CHECKS[check.id] for check in checks if check.id in LEFT_OUT_CHECKS}
    return [_row("left out", f"  {check_id}", reason) for check_id, reason in reasons.items()]
