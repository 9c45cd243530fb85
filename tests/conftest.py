"""What every layer that runs under pytest shares."""

import os
from pathlib import Path

import pytest

from support import postgres


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--everything", action="store_true", help="every combination, not only the fixed small set")


def pytest_configure(config: pytest.Config) -> None:
    # Only the process that hands out the work: its workers inherit what it chose.
    if not hasattr(config, "workerinput"):
        postgres.promise()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and postgres.WHERE in os.environ:
        postgres.stop(Path(os.environ[postgres.WHERE]))
