"""The wheel: built, installed into an empty environment, and run in every way it can be."""

import sys
import tarfile
from pathlib import Path

import pytest

from support import ROOT
from support.commands import machine_environment, run
from support.wheels import TOOLS, built

pytestmark = pytest.mark.xdist_group("install")


def writes_a_project(command: list[str | Path], folder: Path) -> None:
    env = machine_environment(HOME=str(folder))
    run([*command, "new", "shop", "--yes", "--no-git", "--no-sync"], cwd=folder, env=env, timeout=300).succeeded()
    assert (folder / "shop/manage.py").is_file()


@pytest.mark.parametrize("way", ["program", "module"])
def test_pip_install(wheel: Path, tmp_path: Path, way: str) -> None:
    run([sys.executable, "-m", "venv", tmp_path / "env"], cwd=tmp_path, env=machine_environment()).succeeded()
    python = tmp_path / "env/bin/python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", wheel]
    run(install, cwd=tmp_path, env=machine_environment(), timeout=300).succeeded()
    ways = {"program": [tmp_path / "env/bin/djscaffold"], "module": [python, "-m", "djscaffold"]}
    writes_a_project(ways[way], tmp_path)


def test_pip_install_into_a_directory(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "packages"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--target", target, wheel]
    run(install, cwd=tmp_path, env=machine_environment(), timeout=300).succeeded()
    env = machine_environment(HOME=str(tmp_path), PYTHONPATH=str(target))
    said = run([sys.executable, "-m", "djscaffold", "--version"], cwd=tmp_path, env=env).succeeded()
    assert said.out.startswith("djscaffold ")


def test_uvx(wheel: Path, tmp_path: Path) -> None:
    writes_a_project([TOOLS / "uvx", "--offline", "--from", wheel, "djscaffold"], tmp_path)


def test_sdist_has_all_that_a_build_needs() -> None:
    (archive,) = built("sdist").glob("*.tar.gz")
    with tarfile.open(archive) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    wanted = {"pyproject.toml", "Cargo.toml", "Cargo.lock", "build.rs", "python/djscaffold/__main__.py", "LICENSE-MIT"}
    wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "templates").rglob("*") if path.is_file()}
    assert wanted <= names, wanted - names


def test_wheel_for_old_linux(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What is published runs on any Linux of the last ten years; it is compiled anew, which takes minutes."""
    if not request.config.getoption("--everything"):
        pytest.skip("only with --everything")
    target = ["--target", "x86_64-unknown-linux-gnu", "--zig", "--compatibility", "manylinux2014"]
    (wheel,) = built("build", "--release", *target).glob("*manylinux2014_x86_64*.whl")
    writes_a_project([TOOLS / "uvx", "--offline", "--from", wheel, "djscaffold"], tmp_path)
