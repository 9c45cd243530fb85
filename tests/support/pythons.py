"""Finding a Python that fits a Django line."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

OLDEST = {"5.2": (3, 11), "6.1": (3, 12)}
NEWEST = (3, 14)
PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


@cache
def version(python: Path) -> tuple[int, int] | None:
    """Return the version of an interpreter that starts, None for one that does not (a shim, say)."""
    try:
        done = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"(\d+)\.(\d+)\s*", done.stdout)
    return (int(found[1]), int(found[2])) if found and done.returncode == 0 else None


def candidates() -> list[Path]:
    """Return the interpreters of PATH, of pyenv and of uv, in that order."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob("versions/*/bin"))
    names = ["python3", *(f"python3.{minor}" for minor in range(11, NEWEST[1] + 1))]
    found = [folder / name for folder in folders for name in names if (folder / name).is_file()]
    if uv := shutil.which("uv"):
        for wanted in sorted(set(OLDEST.values())):
            done = subprocess.run(
                [uv, "python", "find", "--no-python-downloads", "--no-project", f">={wanted[0]}.{wanted[1]}"],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                found.append(Path(done.stdout.strip()))
    return found


def install(line: str) -> Path | None:
    """Ask uv for a Python, which works only where it may download one."""
    wanted = "{}.{}".format(*OLDEST[line])
    uv = shutil.which("uv")
    if not uv or subprocess.run([uv, "python", "install", wanted], check=False).returncode:
        return None
    done = subprocess.run([uv, "python", "find", wanted], capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


@cache
def python_for(line: str) -> Path:
    """Return the oldest interpreter that the Django line allows: what works there works on a newer one."""
    fitting = [path for path in candidates() if (found := version(path)) and OLDEST[line] <= found <= NEWEST]
    if fitting:
        return min(fitting, key=lambda path: version(path) or NEWEST)
    if installed := install(line):
        return installed
    raise AssertionError(
        "Django {} needs a Python from {}.{} to {}.{}, and none is on PATH, in pyenv's versions folder or known to uv:"
        " install one".format(line, *OLDEST[line], *NEWEST)
    )
