"""What a list of 20 costs at 1,000 and at 1,000,000 rows, and what it would cost without its joins, as ratios.

Both databases and all ways take turns in one run, so that whatever else the machine does weighs on all alike.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from lab.checks import Bench
from support import INSIDE, postgres
from support.binary import new
from support.environments import environment

ROWS = [1_000, 1_000_000]
WAYS = ["related", "no-select", "no-related"]
ROUNDS = 15


def begin(bench: Bench, rows: int) -> subprocess.Popen[str]:
    """Fill a database and start the process that times requests on it."""
    variables = {
        "DATABASE_URL": bench.postgres(f"rows_{rows}"),
        "DJANGO_SETTINGS_MODULE": "unlimited",
        "PYTHONPATH": f"{bench.project}:{INSIDE}",
        "LOG_LEVEL": "ERROR",
    }
    bench.manage("migrate", **variables).succeeded()
    bench.inside("fill.py", str(rows), **variables)
    return subprocess.Popen(
        [bench.environment.python, INSIDE / "timings.py"],
        cwd=bench.project,
        env=bench.environment.variables(bench.home, **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(process: subprocess.Popen[str], way: str) -> float:
    assert process.stdin and process.stdout
    process.stdin.write(f"{way}\n")
    process.stdin.flush()
    return float(process.stdout.readline()) / 20 * 1000


def main() -> None:
    postgres.promise()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            home = Path(folder) / "home"
            home.mkdir()
            project = new(Path(folder), "mysite", "--preset", "standard")
            bench = Bench(project, environment("5.2"), home, "bench")
            measure({rows: begin(bench, rows) for rows in ROWS})
    finally:
        postgres.stop(Path(os.environ[postgres.WHERE]))


def measure(processes: dict[int, subprocess.Popen[str]]) -> None:
    took: dict[tuple[int, str], list[float]] = {(rows, way): [] for rows in ROWS for way in WAYS}
    for _ in range(ROUNDS + 1):
        for rows, way in took:
            took[rows, way].append(ask(processes[rows], way))
    for process in processes.values():
        process.kill()
    # The first round warms up.
    medians = {key: statistics.median(times[1:]) for key, times in took.items()}
    few, many = ROWS
    print(f"{'list of 20 posts':<34} {'median':>10}")
    for (rows, way), milliseconds in medians.items():
        print(f"{rows:>9,} rows, {way:<18} {milliseconds:>10.2f} ms")
    print(f"\n{many:,} rows against {few:,}: {medians[many, 'related'] / medians[few, 'related']:.2f} times")
    for way in WAYS[1:]:
        ratio = medians[many, way] / medians[many, "related"]
        print(f"{way} against as generated, {many:,} rows: {ratio:.2f} times")


if __name__ == "__main__":
    sys.exit(main())
