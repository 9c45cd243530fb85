"""`new` as most people run it: the files, the environment, the repository, and next steps that work when pasted."""

import json
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.due import does_what_is_due
from support.binary import binary, djscaffold
from support.commands import Result, machine_environment, run
from support.servers import serving, status

pytestmark = pytest.mark.xdist_group("new")

IDENTITY = "[user]\n\tname = Ada\n\temail = ada@example.org\n"


@dataclass(frozen=True)
class Made:
    folder: Path
    said: Result
    env: dict[str, str]

    @property
    def project(self) -> Path:
        return self.folder / "shop"

    def git(self, *arguments: str) -> str:
        return run(["git", *arguments], cwd=self.project, env=self.env).succeeded().out

    @property
    def steps(self) -> list[str]:
        said = self.said.err.partition("Next:")[2].partition("Later:")[0]
        return re.findall(r"^ {4}(\S.*)$", said, flags=re.MULTILINE)

    @property
    def later(self) -> dict[str, str]:
        said = self.said.err.partition("Later:")[2]
        return dict(re.findall(r"^ {4}(\S.*?) {2,}(\S.*)$", said, flags=re.MULTILINE))


def with_home(home: Path) -> dict[str, str]:
    """Return the machine's environment with a home of its own, and uv's and pyenv's folders where they were."""
    uv = shutil.which("uv")
    assert uv, "no uv on PATH: start the lab by `tests/run lab`"
    cache = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    pyenv = os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))
    home.mkdir()
    (home / ".gitconfig").write_text(IDENTITY)
    return machine_environment(HOME=str(home), UV_CACHE_DIR=cache, PYENV_ROOT=pyenv, NO_COLOR="1")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("new")
    env = with_home(folder / "home")
    return Made(folder, djscaffold("new", "shop", "--yes", cwd=folder, env=env, timeout=300).succeeded(), env)


def test_environment_and_lock_are_there(made: Made) -> None:
    assert (made.project / "uv.lock").is_file(), made.said
    assert (made.project / ".venv/bin/python").exists()


def test_repository_has_one_commit_and_is_clean(made: Made) -> None:
    assert made.git("rev-list", "--count", "HEAD").strip() == "1"
    assert made.git("status", "--porcelain") == ""
    assert made.git("log", "-1", "--format=%an <%ae>").strip() == "Ada <ada@example.org>"
    tracked = made.git("ls-files").splitlines()
    assert {"uv.lock", "manage.py", ".env.example", "djscaffold.toml"} <= set(tracked)
    assert ".env" not in tracked


def test_secrets_are_private_and_ignored(made: Made) -> None:
    assert stat.S_IMODE((made.project / ".env").stat().st_mode) == 0o600
    assert made.git("check-ignore", ".env").strip() == ".env"


def test_manage_py_is_executable(made: Made) -> None:
    assert stat.S_IMODE((made.project / "manage.py").stat().st_mode) & 0o111 == 0o111
    assert made.git("ls-files", "--stage", "manage.py").startswith("100755")


def test_locked_environment_runs_the_projects_own_tests(made: Made) -> None:
    run(["uv", "lock", "--check"], cwd=made.project, env=made.env).succeeded()
    run(["uv", "run", "pytest", "-q", "accounts"], cwd=made.project, env=made.env, timeout=300).succeeded()


def test_next_steps_work_when_pasted(made: Made, tmp_path: Path) -> None:
    assert len(made.steps) == 4, made.said
    assert "seed_blog" in made.steps[2] and "runserver" in made.steps[3]
    run(["bash", "-ec", "\n".join(made.steps[:3])], cwd=made.folder, env=made.env).succeeded()
    # Only the port is ours, so that nothing else on this machine is in the way.
    server = ["bash", "-c", f'{made.steps[0]} && {made.steps[3]} "$0"']
    with serving(server, cwd=made.folder, env=made.env, log=tmp_path / "log") as address:
        assert status(f"{address}/") == 200
    run(["bash", "-c", made.later["run the tests"]], cwd=made.project, env=made.env, timeout=300).succeeded()
    administrator = {"USERNAME": "root", "EMAIL": "root@example.org", "PASSWORD": "a long enough one"}
    env = made.env | {f"DJANGO_SUPERUSER_{name}": value for name, value in administrator.items()}
    command = f"{made.later['create a superuser']} --no-input"
    run(["bash", "-c", command], cwd=made.project, env=env).succeeded()
    assert made.git("status", "--porcelain") == ""


def test_into_a_fresh_clone(tmp_path: Path) -> None:
    env = with_home(tmp_path / "home")
    clone = tmp_path / "clone"
    run(["git", "init", "--quiet", "--initial-branch=trunk", str(clone)], cwd=tmp_path, env=env).succeeded()
    (clone / "README.md").write_text("# Mine\n")
    (clone / "LICENSE").write_text("All mine.\n")
    run(["git", "add", "--all"], cwd=clone, env=env).succeeded()
    run(["git", "commit", "--quiet", "--message", "Mine"], cwd=clone, env=env).succeeded()
    djscaffold("new", "shop", "--into", ".", "--yes", "--no-sync", cwd=clone, env=env).succeeded()
    assert (clone / "README.md").read_text() == "# Mine\n"
    assert (clone / "LICENSE").read_text() == "All mine.\n"
    log = run(["git", "log", "--format=%s"], cwd=clone, env=env).succeeded().out.splitlines()
    assert len(log) == 2
    assert run(["git", "status", "--porcelain"], cwd=clone, env=env).succeeded().out == ""
    assert run(["git", "branch", "--show-current"], cwd=clone, env=env).succeeded().out.strip() == "trunk"


def test_json_result_for_machines(tmp_path: Path) -> None:
    env = with_home(tmp_path / "home")
    command = [binary(), "new", "shop", "--yes", "--no-sync", "--no-git", "--format", "json"]
    said = run(command, cwd=tmp_path, env=env).succeeded()
    document = json.loads(said.out)
    assert document["format"] == 1
    assert document["project"] == "shop"
    assert said.err == ""
    written = {path.relative_to(tmp_path / "shop").as_posix() for path in (tmp_path / "shop").rglob("*")}
    assert {file["path"] for file in document["files"]} <= written


def test_without_git_identity_the_project_stands(tmp_path: Path) -> None:
    env = {**with_home(tmp_path / "home"), "EMAIL": ""}
    (tmp_path / "home/.gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    said = djscaffold("new", "shop", "--yes", "--no-sync", cwd=tmp_path, env=env).succeeded()
    assert (tmp_path / "shop/manage.py").is_file()
    assert "git commit" in said.err, said


def test_variables_of_uv_lead_nowhere_else(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    env = with_home(tmp_path / "home")
    of_uv = {
        "UV_FROZEN": "1",
        "UV_NO_DEV": "1",
        "UV_PROJECT_ENVIRONMENT": str(elsewhere),
        "VIRTUAL_ENV": str(elsewhere),
    }
    djscaffold("new", "shop", "--yes", "--no-git", cwd=tmp_path, env=env | of_uv, timeout=300).succeeded()
    project = tmp_path / "shop"
    assert (project / "uv.lock").is_file()
    assert (project / ".venv/bin/pytest").is_file()
    assert not elsewhere.exists()


def test_in_a_workspace_it_says_where_the_environment_is(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["*"]\nexclude = ["home"]\n')
    env = with_home(tmp_path / "home")
    said = djscaffold("new", "shop", "--yes", "--no-git", cwd=tmp_path, env=env, timeout=300).succeeded()
    assert (tmp_path / ".venv/bin/pytest").is_file()
    assert str(tmp_path / ".venv") in said.err
    run(["uv", "run", "manage.py", "check"], cwd=tmp_path / "shop", env=env).succeeded()


def test_what_is_due_after_changes_works_when_pasted(made: Made) -> None:
    does_what_is_due(made.project, made.env)
