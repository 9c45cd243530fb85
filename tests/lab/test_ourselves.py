"""These tests keep to what they ask of a generated project."""

from pathlib import Path

import pytest

from support.commands import run
from support.environments import environment

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_ruff(arguments: list[str], tmp_path: Path) -> None:
    tools = environment("5.2")
    command = [tools.bin / "ruff", *arguments, "--no-cache", "."]
    said = run(command, cwd=TESTS, env=tools.variables(tmp_path)).succeeded()
    assert "No Python files found" not in said.output, said
