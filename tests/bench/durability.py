"""What it costs that a change is on the disk before it counts."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import LAB
from support.binary import binary, new
from support.commands import clean_environment

ROUNDS = 41


def measure(project: Path) -> list[float]:
    """Return what a change of several files takes, of one whose files are not synced to the disk; one per round."""
    ratios = []
    for round_ in range(ROUNDS):
        took = []
        for number, through in enumerate([[], ["eatmydata"]]):
            title = f"project.title=Round {round_} {number}"
            began = time.perf_counter()
            command = [*through, binary(), "set", title, "--yes", "--no-sync"]
            subprocess.run(command, cwd=project, check=True, env=clean_environment(LAB), capture_output=True)
            took.append(time.perf_counter() - began)
        ratios.append(took[0] / took[1])
    return ratios


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = new(Path(folder), "mysite", "--preset", "full")
        low, middle, high = statistics.quantiles(measure(project), n=4)
    print(f"a `set` that is synced takes {middle:.2f} ({low:.2f} to {high:.2f}) of one that is not")


if __name__ == "__main__":
    sys.exit(main())
