"""The program under test, and the projects that it writes."""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

from support import LAB, TARGET
from support.commands import Result, clean_environment, run

WITHOUT_TOOLS = ("--yes", "--no-sync", "--no-git")


def binary() -> Path:
    """Return the path of djscaffold: `DJSCAFFOLD`, or else the debug build."""
    path = Path(os.environ.get("DJSCAFFOLD", TARGET / "debug/djscaffold")).resolve()
    assert path.is_file(), f"no binary at {path}: run `cargo build`, or set DJSCAFFOLD"
    return path


def djscaffold(*arguments: str, cwd: Path, env: dict[str, str] | None = None, timeout: float = 60) -> Result:
    """Run the program in `cwd` with a home of its own."""
    if env is None:
        home = LAB / "empty-home"
        home.mkdir(parents=True, exist_ok=True)
        env = clean_environment(home)
    return run([binary(), *arguments], cwd=cwd, env=env, timeout=timeout)


def new(folder: Path, name: str, *arguments: str) -> Path:
    """Write the project `name` into `folder` without git and without its environment."""
    djscaffold("new", name, *WITHOUT_TOOLS, *arguments, cwd=folder).succeeded()
    return folder / name


def tree(folder: Path, *, without: Iterable[str] = ()) -> dict[str, bytes | None]:
    """Return every path under `folder` with its bytes (None for a folder, the target for a link)."""
    found: dict[str, bytes | None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(name == left_out or name.startswith(f"{left_out}/") for left_out in without):
            continue
        if path.is_symlink():
            found[name] = str(path.readlink()).encode()
        else:
            found[name] = path.read_bytes() if path.is_file() else None
    return found


def requirements(project: Path) -> list[str]:
    """Return all that the project's pyproject.toml asks for: runtime, extras and dependency groups."""
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        declared["project"].get("dependencies", []),
        *declared["project"].get("optional-dependencies", {}).values(),
        *declared.get("dependency-groups", {}).values(),
    ]
    return sorted({entry for entries in lists for entry in entries if isinstance(entry, str)})
