"""What developers have beside the project: each command of the justfile, each hook, each editor's file."""

import json
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from lab.checks import Bench
from lab.conftest import MakeBench
from support.commands import clean_environment, machine_environment, run
from support.pythons import python_for

pytestmark = pytest.mark.xdist_group("devtools")

TOOLS = Path(sys.executable).parent
# Hooks whose command has another name.
COMMANDS = {"trailing-whitespace": "trailing-whitespace-fixer"}


@pytest.fixture(scope="module")
def bench(make_bench: MakeBench) -> Bench:
    return make_bench("--preset", "full", database="devtools")


@pytest.fixture
def checkout(bench: Bench, tmp_path: Path) -> Path:
    checkout = tmp_path / "checkout"
    shutil.copytree(bench.project, checkout)
    return checkout


def developer(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of somebody who has uv and just."""
    env = machine_environment(
        HOME=str(home), UV_CACHE_DIR=str(Path.home() / ".cache/uv"), UV_PYTHON=str(python_for("5.2")), **more
    )
    return {**env, "PATH": f"{TOOLS}:{env['PATH']}"}


def test_every_recipe_that_needs_no_containers_runs(checkout: Path, tmp_path: Path) -> None:
    env = developer(tmp_path)
    summary = run(["just", "--summary"], cwd=checkout, env=env).succeeded().out.split()
    tried = {
        "default": ["default"],
        "setup": ["setup"],
        "manage": ["manage", "check", "--fail-level", "WARNING"],
        "migrate": ["migrate"],
        "lint": ["lint"],
        "test": ["test", "-q", "-k", "health"],
    }
    for words in tried.values():
        run(["just", *words], cwd=checkout, env=env, timeout=600).succeeded()
    # The first steps start the server, and the containers layer the containers.
    assert set(summary) == set(tried) | {"run", "up", "logs", "down"}
    run(["just", "--fmt", "--check"], cwd=checkout, env=env).succeeded()


def test_dev_container_prepares_the_project(checkout: Path, tmp_path: Path) -> None:
    told = json.loads((checkout / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    install, _, prepare = told["postCreateCommand"].partition(" && ")
    assert install == "pipx install uv"
    environment = tmp_path / "environment"
    env = developer(tmp_path, UV_PROJECT_ENVIRONMENT=str(environment))
    run(["bash", "-ec", prepare], cwd=checkout, env=env, timeout=600).succeeded()
    assert (environment / "bin/python").exists() and not (checkout / ".venv").exists()


def test_hooks_have_nothing_to_change(checkout: Path, tmp_path: Path) -> None:
    configured = yaml.safe_load((checkout / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook["id"] for hook in configured["repos"][-1]["hooks"]]
    assert len(hooks) > 5 and configured["exclude"] == r"^\.djscaffold/"
    env = clean_environment(tmp_path, TOOLS)
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        run([*git, *arguments], cwd=checkout, env=env).succeeded()
    files = run(["git", "ls-files"], cwd=checkout, env=env).succeeded().out.split()
    files = [name for name in files if not name.startswith(".djscaffold/")]
    suffixes = {"check-toml": (".toml",), "check-yaml": (".yml", ".yaml")}
    for hook in hooks:
        fitting = [name for name in files if name.endswith(suffixes.get(hook, ""))]
        run([TOOLS / COMMANDS.get(hook, hook), *fitting], cwd=checkout, env=env).succeeded()
    assert run(["git", "status", "--porcelain"], cwd=checkout, env=env).succeeded().out == ""


def test_editors_can_read_their_files(bench: Bench) -> None:
    launch = json.loads((bench.project / ".vscode/launch.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in launch["configurations"]] == ["runserver"]
    for name in ("settings", "extensions"):
        assert json.loads((bench.project / f".vscode/{name}.json").read_text(encoding="utf-8"))
    for path in (bench.project / ".run").glob("*.run.xml"):
        assert ET.parse(path).find("configuration").get("name") == path.name.removesuffix(".run.xml")
