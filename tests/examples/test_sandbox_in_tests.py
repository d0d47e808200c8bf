"""The tests of the example project are run as tests of ours."""

from __future__ import annotations

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
