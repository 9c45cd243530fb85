"""Plain pip serves as well as uv: the README's own lines are run."""

import re
from pathlib import Path

import pytest

from lab.due import does_what_is_due
from support.binary import djscaffold, new
from support.commands import machine_environment, run
from support.pythons import python_for


def blocks(readme: Path) -> list[str]:
    return re.findall(r"^```(?:sh|bash|console|shell)?\n(.*?)^```", readme.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.xdist_group("pip")
def test_readme_lines_for_pip(folder: Path, tmp_path: Path) -> None:
    project = new(folder, "shop", "--preset", "standard")
    block = next((block for block in blocks(project / "README.md") if "pip install" in block), None)
    assert block, "the README shows no lines for pip"
    # The reader's `python3` is the one that fits, and a server would not come back.
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "python3", f"python{'.'.join(map(str, (3, 11)))}"):
        (programs / name).symlink_to(python_for("5.2"))
    lines = [re.sub(r"^\$ ", "", line) for line in block.splitlines() if "runserver" not in line]
    script = "\n".join(["set -eu", "cd shop" if not block.startswith("cd ") else "", *lines, "command -v python"])
    environment = machine_environment(HOME=str(tmp_path))
    environment["PATH"] = f"{programs}:/usr/local/bin:/usr/bin:/bin"
    said = run(["bash", "-c", script], cwd=folder, env=environment, timeout=600).succeeded()
    python = said.out.splitlines()[-1]
    assert python.startswith(str(project)), said
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    run([python, "manage.py", "check"], cwd=project, env=bare).succeeded()
    run([python, "-m", "pytest", "-q", "accounts"], cwd=project, env=bare).succeeded()


@pytest.mark.xdist_group("pip")
def test_new_without_uv_makes_the_environment_with_pip(folder: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(python_for("5.2"))
    environment = machine_environment(HOME=str(tmp_path))
    environment["PATH"] = f"{programs}:/usr/bin:/bin"
    strange = {"PIP_USER": "1", "PIP_TARGET": str(tmp_path / "elsewhere")}
    new = ["new", "plain", "--yes", "--no-git"]
    said = djscaffold(*new, cwd=folder, env=environment | strange, timeout=600).succeeded()
    project = folder / "plain"
    assert not (project / "uv.lock").exists(), said
    migrate = next(line.strip() for line in said.err.splitlines() if line.endswith("manage.py migrate"))
    assert migrate == ".venv/bin/python manage.py migrate"
    run(migrate.split(), cwd=project, env=environment).succeeded()
    run([".venv/bin/python", "-m", "pytest", "-q", "accounts"], cwd=project, env=environment).succeeded()
    assert not (tmp_path / "elsewhere").exists()
    does_what_is_due(project, environment)
