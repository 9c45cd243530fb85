"""Running a command, with everything a failure needs to be understood."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
TAIL = 12_000


@dataclass(frozen=True)
class Result:
    command: str
    code: int
    out: str
    err: str

    @property
    def output(self) -> str:
        return self.out + self.err

    def __str__(self) -> str:
        return f"$ {self.command}\nexit code {self.code}\n{self.out[-TAIL:]}\n{self.err[-TAIL:]}"

    def succeeded(self) -> "Result":
        assert self.code == 0, str(self)
        return self


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float = 300,
    given: str = "",
) -> Result:
    """Run `command` with exactly `env`, without a terminal, with `given` on its standard input."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=dict(env),
            timeout=timeout,
            input=given.encode(),
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        said = ((error.stdout or b"") + (error.stderr or b"")).decode(errors="replace")
        raise AssertionError(f"$ {shlex.join(words)}\nstill running after {timeout} s\n{said[-TAIL:]}") from None
    return Result(
        shlex.join(words),
        done.returncode,
        done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )


def clean_environment(home: Path, *path: Path, **extra: str) -> dict[str, str]:
    """Return what a fresh login has: nothing of the machine's own variables gets through."""
    return {
        "PATH": ":".join([*map(str, path), SYSTEM_PATH]),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        **extra,
    }


def machine_environment(**extra: str) -> dict[str, str]:
    """Return the machine's environment, for package managers, which may need its proxies and caches."""
    dropped = ("DJANGO", "PYTEST", "DATABASE_URL", "VIRTUAL_ENV", "GIT_", "PYTHON", "MYPY", "RUFF", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, **extra}
