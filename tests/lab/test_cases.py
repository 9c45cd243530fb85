"""Every combination of choices is clean under every tool, as generated."""

from collections.abc import Callable

import pytest

from lab.cases import Case
from lab.checks import CHECKS, Bench, pytest_sqlite


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_generated_project(
    bench: Bench, case: Case, check: Callable[[Bench], None], request: pytest.FixtureRequest
) -> None:
    if check is pytest_sqlite and case.models == "twenty" and not request.config.getoption("--everything"):
        pytest.skip("minutes for many models; they are tested on PostgreSQL, and fewer models on both")
    check(bench)
