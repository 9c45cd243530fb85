"""These tests keep to what they ask of a generated project; our own workflows and the README's picture are right."""

import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml

from picture import PICTURE, draw
from support import ROOT
from support.commands import clean_environment, run
from support.environments import environment

TESTS = ROOT / "tests"
TOOLS = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_ruff(arguments: list[str], tmp_path: Path) -> None:
    tools = environment("5.2")
    command = [tools.bin / "ruff", *arguments, "--no-cache", "."]
    said = run(command, cwd=TESTS, env=tools.variables(tmp_path)).succeeded()
    assert "No Python files found" not in said.output, said


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_is_one(workflow: Path, tmp_path: Path) -> None:
    command = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow]
    run(command, cwd=ROOT, env=clean_environment(tmp_path)).succeeded()


def test_actionlint(tmp_path: Path) -> None:
    run([TOOLS / "actionlint", *WORKFLOWS], cwd=ROOT, env=clean_environment(tmp_path)).succeeded()


def test_zizmor(tmp_path: Path) -> None:
    command = [TOOLS / "zizmor", "--offline", "--persona", "pedantic", ".github"]
    said = run(command, cwd=ROOT, env=clean_environment(tmp_path)).succeeded()
    assert said.output.count("completed") == len(WORKFLOWS) > 1, said


def test_archive_is_where_binstall_looks(tmp_path: Path) -> None:
    """The step that packs the program is run, on a program that is none."""
    target = "x86_64-unknown-linux-gnu"
    for name in ("README.md", "CHANGELOG.md", "LICENSE-MIT", f"target/{target}/release/djscaffold"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    steps = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))["jobs"]["build"][
        "steps"
    ]
    (script,) = [step["run"] for step in steps if step.get("name") == "Pack the program"]
    env = clean_environment(tmp_path, TARGET=target, RUNNER_OS="Linux")
    run(["bash", "-e", "-c", script], cwd=tmp_path, env=env).succeeded()

    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    said = manifest["metadata"]["binstall"]
    values = {"repo": manifest["repository"], "version": manifest["version"], "name": manifest["name"]}
    values |= {"target": target, "archive-suffix": ".tgz", "bin": manifest["name"], "binary-ext": ""}
    for name, value in values.items():
        said = {key: text.replace(f"{{ {name} }}", value) for key, text in said.items() if isinstance(text, str)}
    (archive,) = (tmp_path / "archives").iterdir()
    assert archive.name == said["pkg-url"].rpartition("/")[2]
    with tarfile.open(archive) as files:
        assert files.getmember(said["bin-dir"]).isfile()


def test_picture_shows_what_the_program_shows() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(), "run `tests/run picture` and look at what it drew"
