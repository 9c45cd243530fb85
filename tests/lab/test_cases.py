"""Every combination of choices is clean under every tool, as generated."""

from collections.abc import Callable

import pytest

from lab.checks import CHECKS, Bench


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_generated_project(bench: Bench, check: Callable[[Bench], None]) -> None:
    check(bench)
