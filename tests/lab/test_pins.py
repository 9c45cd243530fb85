"""The oldest and the newest ruff that a project may take format it as djscaffold does."""

import re
import shutil
import tomllib

import pytest

from lab.checks import Bench
from lab.conftest import MakeBench
from support.commands import machine_environment, run

pytestmark = pytest.mark.xdist_group("pins")


@pytest.fixture(scope="module")
def pinned(make_bench: MakeBench) -> Bench:
    return make_bench("--preset", "standard")


def oldest(bench: Bench, package: str) -> str:
    """Return the lower bound of a development dependency."""
    declared = tomllib.loads((bench.project / "pyproject.toml").read_text(encoding="utf-8"))
    found = re.search(rf"'{package}>=([\d.]+),<[\d.]+'", str(declared["dependency-groups"]))
    assert found, f"{package} is not pinned from both sides: {declared['dependency-groups']}"
    return found[1]


def test_oldest_ruff_of_the_pin_formats_alike(pinned: Bench) -> None:
    # The newest is what the environments hold and every case is checked by.
    uv = shutil.which("uv")
    assert uv
    command = [uv, "tool", "run", "--quiet", f"ruff@{oldest(pinned, 'ruff')}", "format", "--check", "--no-cache", "."]
    said = run(command, cwd=pinned.project, env=machine_environment()).succeeded()
    assert re.search(r"\d+ files already formatted", said.output), said


def test_ruff_of_the_lab_is_the_pinned_one(pinned: Bench) -> None:
    ran = pinned.run("ruff", "--version").succeeded().out.split()[1]
    lower = oldest(pinned, "ruff")
    assert ran.split(".")[:2] == lower.split(".")[:2]
    assert [int(part) for part in ran.split(".")] >= [int(part) for part in lower.split(".")]
