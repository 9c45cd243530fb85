"""What `status` and a `sync` with nothing to do cost, against reading the project's files once.

And what it costs that a change is on the disk before it counts.

It is measured beside many foreign files, too. All take turns in one run, so that whatever else the machine does
weighs on all alike.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import LAB
from support.binary import WITHOUT_TOOLS, binary
from support.commands import clean_environment

ROUNDS = 41
FOREIGN = 100_000


def make(folder: Path) -> list[str]:
    """Write the project and return the paths of its files."""
    command = [binary(), "new", "mysite", *WITHOUT_TOOLS, "--quiet", "--preset", "full"]
    subprocess.run(command, cwd=folder, check=True, env=clean_environment(LAB))
    project = folder / "mysite"
    return [str(path.relative_to(project)) for path in sorted(project.rglob("*")) if path.is_file()]


def measure(project: Path, files: list[str]) -> dict[str, float]:
    commands: dict[str, list[str | Path]] = {
        "cat of its files": ["cat", *files],
        "djscaffold status": [binary(), "status"],
        "djscaffold sync": [binary(), "sync", "--yes"],
    }
    ratios: dict[str, list[float]] = {name: [] for name in commands}
    for round_ in range(ROUNDS + 1):
        took = {}
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, cwd=project, check=True, env=clean_environment(LAB), capture_output=True)
            took[name] = time.perf_counter() - began
        # The first round warms up.
        if round_:
            for name, seconds in took.items():
                ratios[name].append(seconds * 1000)
    return {name: statistics.median(times) for name, times in ratios.items()}


def measure_durability(project: Path) -> list[float]:
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


def show(title: str, medians: dict[str, float]) -> None:
    print(title)
    read = medians["cat of its files"]
    for name, milliseconds in medians.items():
        print(f"  {name:<28} {milliseconds:>7.1f} ms   {milliseconds / read:.2f}")


def main() -> None:
    LAB.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        files = make(folder)
        project = folder / "mysite"
        print(f"{'':<30} {'median':>10}   of cat")
        show(f"the preset full, {len(files)} files", measure(project, files))
        durable = statistics.quantiles(measure_durability(project), n=4)
        low, middle, high = durable
        print(f"a `set` that is synced takes {middle:.2f} ({low:.2f} to {high:.2f}) of one that is not")
        for number in range(FOREIGN):
            place = project / "node_modules" / str(number % 500)
            if number < 500:
                place.mkdir(parents=True)
            (place / f"{number}.js").write_bytes(b"")
        show(f"beside {FOREIGN:,} foreign files", measure(project, files))


if __name__ == "__main__":
    sys.exit(main())
