"""What runs for every change on GitHub or GitLab: its files are valid, and its commands pass in their order.

No hosted service has run them. The audit needs the advisories of pypi.org, and the images are built by the containers
layer.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.checks import Bench
from lab.conftest import MakeBench
from support.commands import clean_environment, machine_environment, run
from support.pythons import python_for

# The same worker builds the wheel for `test_install`.
pytestmark = pytest.mark.xdist_group("install")

TOOLS = Path(sys.executable).parent
RELEASED = re.compile(r"uvx djscaffold@\S+")
ZIZMOR = Path(__file__).with_name("zizmor.yml")
GITLAB = ("--set", "ci.provider=gitlab")
CHOICES = {
    "full": ("--preset", "full"),
    "minimal": ("--preset", "minimal", "--with", "ci"),
    "gitlab-full": ("--preset", "full", *GITLAB),
    "gitlab-minimal": ("--preset", "minimal", "--with", "ci", *GITLAB),
}
ELSEWHERE = ("uvx pip-audit", "docker ")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def commands(project: Path) -> list[str]:
    """Return what the jobs run here, in their order."""
    if (project / ".gitlab-ci.yml").exists():
        jobs = read(project / ".gitlab-ci.yml")
        extended = jobs[".python"]["before_script"]
        lines = [*extended, *(line for job in ("lint", "test", "audit") for line in jobs[job]["script"])]
    else:
        workflow = read(project / ".github/workflows/ci.yml")
        lines = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    return [line for line in lines if not line.startswith(ELSEWHERE)]


@pytest.fixture(scope="module", params=CHOICES)
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    return make_bench(*CHOICES[request.param], database="ci")


def test_files_are_valid(bench: Bench, tmp_path: Path) -> None:
    schemas = {
        ".github/workflows/ci.yml": "vendor.github-workflows",
        ".github/dependabot.yml": "vendor.dependabot",
        ".gitlab-ci.yml": "vendor.gitlab-ci",
    }
    found = [name for name in schemas if (bench.project / name).exists()]
    env = clean_environment(tmp_path)
    for name in found:
        command = [TOOLS / "check-jsonschema", "--builtin-schema", schemas[name], name]
        run(command, cwd=bench.project, env=env).succeeded()
    if ".gitlab-ci.yml" in found:
        assert found == [".gitlab-ci.yml"]
        return
    assert len(found) == 2
    run([TOOLS / "actionlint", ".github/workflows/ci.yml"], cwd=bench.project, env=env).succeeded()
    command = [TOOLS / "zizmor", "--offline", "--persona", "pedantic", "--config", ZIZMOR, ".github"]
    run(command, cwd=bench.project, env=env).succeeded()


def test_commands_pass(bench: Bench, wheel: Path, tmp_path: Path) -> None:
    if not (bench.project / "Dockerfile").exists():
        pytest.skip("the same commands, and fewer to look at")
    lines = commands(bench.project)
    assert len(lines) >= 9
    env = machine_environment(
        HOME=str(tmp_path),
        DATABASE_URL=bench.postgres("jobs"),
        UV_CACHE_DIR=str(Path.home() / ".cache/uv"),
        UV_PYTHON=str(python_for("5.2")),
    )
    env["PATH"] = f"{TOOLS}:{env['PATH']}"
    checkout = tmp_path / "checkout"
    shutil.copytree(bench.project, checkout)
    (checkout / ".env").unlink()
    run(["uv", "lock", "--quiet"], cwd=checkout, env=env, timeout=300).succeeded()
    for line in lines:
        ours = RELEASED.sub(f"uvx --offline --from {wheel} djscaffold", line)
        run(["bash", "-ec", ours], cwd=checkout, env=env, timeout=600).succeeded()


def test_a_forgotten_sync_is_noticed(bench: Bench, wheel: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(bench.project, checkout)
    declared = checkout / "djscaffold.toml"
    text = declared.read_text(encoding="utf-8")
    assert 'views = "both"' in text
    declared.write_text(text.replace('views = "both"', 'views = "cbv"'), encoding="utf-8")
    (line,) = [line for line in commands(checkout) if line.startswith("uvx djscaffold")]
    command = ["bash", "-ec", RELEASED.sub(f"{TOOLS}/uvx --offline --from {wheel} djscaffold", line)]
    assert run(command, cwd=checkout, env=machine_environment(HOME=str(tmp_path)), timeout=300).code == 4
