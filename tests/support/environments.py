"""One environment per Django line, made from what the largest generated project asks for."""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from support import LAB
from support.binary import new, requirements
from support.commands import clean_environment, machine_environment, run
from support.pythons import python_for

MODELS = Path(__file__).parents[1] / "lab/models/every-kind.toml"
THIRD = ("--preset", "minimal", "--with", "tasks,storage,async,email,docs", "--set", "storage.backend=s3")
THIRD += ("--set", "accounts.mfa=staff", "--set", "accounts.social=google")
LARGEST = ("--preset", "full", "--set", "api.auth=jwt,token,session", "--answers", str(MODELS))


@dataclass(frozen=True)
class Environment:
    line: str
    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def python(self) -> Path:
        return self.bin / "python"

    def variables(self, home: Path, **extra: str) -> dict[str, str]:
        """Return the environment of somebody who has activated this one and set nothing else."""
        return clean_environment(home, self.bin, **extra)


@contextmanager
def only_one_at_a_time(name: str) -> Iterator[None]:
    LAB.mkdir(parents=True, exist_ok=True)
    with (LAB / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wanted(line: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        largest = requirements(new(Path(folder), "largest", "--django", line, *LARGEST))
        # It has Nginx for what WhiteNoise does elsewhere, and Redis in Memcached's place.
        others = ("--preset", "minimal", "--with", "cache,celery", "--set", "cache.backend=memcached")
        other = requirements(new(Path(folder), "other", "--django", line, *others))
        third = requirements(new(Path(folder), "third", "--django", line, *THIRD))
    return sorted({*largest, *other, *third})


@cache
def environment(line: str) -> Environment:
    """Return the line's environment, built anew when what is asked for has changed."""
    with only_one_at_a_time(f"environment-{line}"):
        folder = LAB / f"environment-{line}"
        python = python_for(line)
        asked = wanted(line)
        key = hashlib.sha256("\n".join([str(python), *asked]).encode()).hexdigest()
        stamp = folder / "built-from"
        if not stamp.is_file() or stamp.read_text() != key:
            shutil.rmtree(folder, ignore_errors=True)
            build(folder, python, asked)
            stamp.write_text(key)
        return Environment(line, folder)


def build(folder: Path, python: Path, asked: list[str]) -> None:
    uv = shutil.which("uv")
    assert uv, "no uv on PATH: start the lab by `tests/run lab`"
    variables = machine_environment()
    LAB.mkdir(parents=True, exist_ok=True)
    run([uv, "venv", "--quiet", "--no-project", "--python", python, folder], cwd=LAB, env=variables).succeeded()
    run(
        [uv, "pip", "install", "--quiet", "--python", folder / "bin/python", *asked],
        cwd=LAB,
        env=variables,
        timeout=900,
    ).succeeded()


def importable(python: Path) -> list[str]:
    """Return every top-level module that this interpreter could import: built in, standard and installed.

    Those that mypyc names by the hash of a build differ from one release to the next, and nobody calls an app so.
    """
    program = (
        "import pkgutil, sys;"
        "names = {found.name for found in pkgutil.iter_modules() if not found.name.endswith('__mypyc')};"
        "print(*sorted(names | set(sys.stdlib_module_names) | set(sys.builtin_module_names)))"
    )
    return subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True).stdout.split()
