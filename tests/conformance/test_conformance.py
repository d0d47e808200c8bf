"""The official conformance runner, against the whole site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.asking import ask_about_authorization, ask_about_protocol
from tests.conformance.judgement import judged
from tests.conformance.runner import Check, Runner, runner_of
from tests.conformance.scenarios import LEFT_OUT, RUN
from tests.conformance.site import Conforming, conforming_site
from tests.npm import Programs
from tests.one_task import in_one_task


@pytest.fixture(scope="module")
def runner(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return runner_of(programs, tmp_path_factory.mktemp("conformance"))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Conforming]:
    async with in_one_task(conforming_site(tmp_path)) as site:
        yield site


@pytest.mark.parametrize("revision", sorted(RUN))
async def test_the_server_passes_every_scenario_that_needs_no_fixture(
    runner: Runner, site: Conforming, revision: str
) -> None:
    judgement = await ask_about_protocol(runner, site, revision)
    assert not judgement.failures, "\n".join((*judgement.rows, *judgement.failures))


async def test_the_authorization_server_passes_its_scenarios(runner: Runner, site: Conforming) -> None:
    judgement = await ask_about_authorization(runner, site)
    assert not judgement.failures, "\n".join((*judgement.rows, *judgement.failures))


def test_what_fails_what_never_ran_and_what_nobody_knows_is_a_failure() -> None:
    passed, failed = Check("a", "SUCCESS", ""), Check("b", "FAILURE", "it is broken")
    results = {"good": (passed,), "bad": (passed, failed), "empty": (), "new": (passed,), "ping": (failed,)}
    judgement = judged(results, {"good", "bad", "empty", "missing"})
    assert judgement.failures == (
        "missing: the runner did not run it",
        "bad: b: it is broken",
        "empty: nothing in it passed",
        "new: it is neither run nor left out",
        "ping: it is neither run nor left out",
    )


def test_no_scenario_is_both_run_and_left_out() -> None:
    assert not LEFT_OUT.keys() & frozenset().union(*RUN.values())
