import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings


def configuration() -> dict[str, Any]:
    return runpy.run_path(str(settings.BASE_DIR / "deploy/gunicorn.conf.py"))


@pytest.fixture(autouse=True)
def sixteen_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(16), raising=False)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "max 100000\n"}, 16),
        ({"cpu.max": "6400000 100000\n"}, 16),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 16),
        ({}, 16),
    ],
)
def test_processors_are_those_that_the_container_may_use(
    tmp_path: Path, files: dict[str, str], expected: int
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="ascii")
    assert configuration()["processors"](tmp_path) == expected


@pytest.mark.parametrize(("processors", "workers"), [(1, 2), (4, 4), (64, 8)])
def test_workers_follow_the_processors_within_limits(
    monkeypatch: pytest.MonkeyPatch, processors: int, workers: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(processors))
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "max 100000\n")
    assert configuration()["workers"] == workers


@pytest.mark.parametrize(("value", "workers"), [("12", 12), ("1", 1)])
def test_web_concurrency_wins(
    monkeypatch: pytest.MonkeyPatch, value: str, workers: int
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", value)
    assert configuration()["workers"] == workers


def test_web_concurrency_that_is_empty_counts_as_not_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "")
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "300000 100000\n")
    assert configuration()["workers"] == 3
