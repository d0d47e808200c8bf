"""The tests of the example project are run as tests of ours."""

from __future__ import annotations

import subprocess
import sys

from tests.examples.loading import EXAMPLES, load

load("sandbox_in_tests/subjects.py")
_tests = load("sandbox_in_tests/test_subjects.py")

test_unread_subjects_are_those_of_the_user = _tests.test_unread_subjects_are_those_of_the_user
test_a_missing_permission_is_an_error = _tests.test_a_missing_permission_is_an_error
test_a_busy_mailbox_is_an_error = _tests.test_a_busy_mailbox_is_an_error


def test_every_test_of_the_example_is_run_here() -> None:
    assert {name for name in vars(_tests) if name.startswith("test_")} <= set(globals())


def test_its_conftest_brings_the_plugin() -> None:
    assert 'pytest_plugins = ["outlook_mcp.sandbox.pytest_plugin"]\n' in (
        EXAMPLES / "sandbox_in_tests" / "conftest.py"
    ).read_text("utf-8")


def test_it_is_a_project_of_its_own_whose_tests_run_in_its_folder() -> None:
    """Inside this repository too, whose own tests need more than it installs."""
    project = EXAMPLES / "sandbox_in_tests"
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", "-o", "addopts="]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)
    assert f"rootdir: {project}\n" in ran.stdout
    assert "3 tests collected" in ran.stdout
