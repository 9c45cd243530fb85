"""What `new --preset full` costs, against a plain copy of its output and against `django-admin startproject`.

All three take turns in one run, so that whatever else the machine does weighs on all alike.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from support import LAB
from support.binary import WITHOUT_TOOLS, binary
from support.commands import clean_environment
from support.environments import environment

ROUNDS = 21
PLACES = {"memory": Path("/dev/shm"), "disk": Path(tempfile.gettempdir())}


def ways(folder: Path) -> dict[str, Callable[[], list[str | Path]]]:
    model = folder / "model"
    new = [binary(), "new", "mysite", *WITHOUT_TOOLS, "--quiet", "--preset", "full", "--into"]
    subprocess.run([*new, model], check=True, env=clean_environment(LAB))
    (folder / "empty").mkdir(exist_ok=True)
    admin = environment("5.2").bin / "django-admin"
    return {
        "djscaffold new --preset full": lambda: [*new, folder / "made"],
        "cp -r of the same files": lambda: ["cp", "-r", model, folder / "made"],
        "django-admin startproject": lambda: [admin, "startproject", "mysite", folder / "empty"],
    }


def measure(folder: Path) -> dict[str, float]:
    commands = ways(folder)
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command(), check=True, env=clean_environment(LAB), stdout=subprocess.DEVNULL)
            took[name].append(time.perf_counter() - began)
            for made in ("made", "empty"):
                shutil.rmtree(folder / made, ignore_errors=True)
            (folder / "empty").mkdir()
    # The first round warms up.
    return {name: statistics.median(times[1:]) * 1000 for name, times in took.items()}


def main() -> None:
    LAB.mkdir(parents=True, exist_ok=True)
    print(f"{'':<30} {'median':>10}   of new")
    for place, parent in PLACES.items():
        if not os.access(parent, os.W_OK):
            continue
        with tempfile.TemporaryDirectory(prefix="bench-", dir=parent) as folder:
            medians = measure(Path(folder))
        print(f"in {place}")
        first = next(iter(medians.values()))
        for name, milliseconds in medians.items():
            print(f"  {name:<28} {milliseconds:>7.1f} ms   {milliseconds / first:.2f}")


if __name__ == "__main__":
    sys.exit(main())
