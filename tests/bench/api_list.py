"""What a list of 20 costs at 1,000 and at 1,000,000 rows, in pages and by cursor, and what it would cost without its
prefetch, as ratios.

All databases and all ways take turns in one run, so that whatever else the machine does weighs on all alike.
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
PAGINATIONS = ["page", "cursor"]
WAYS = ["related", "no-prefetch"]
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
            processes = {}
            for pagination in PAGINATIONS:
                home = Path(folder) / pagination
                home.mkdir()
                project = new(home, "mysite", "--preset", "standard", "--set", f"api.pagination={pagination}")
                bench = Bench(project, environment("5.2"), home, f"bench_{pagination}")
                processes |= {(pagination, rows): begin(bench, rows) for rows in ROWS}
            measure(processes)
    finally:
        postgres.stop(Path(os.environ[postgres.WHERE]))


def measure(processes: dict[tuple[str, int], subprocess.Popen[str]]) -> None:
    took: dict[tuple[str, int, str], list[float]] = {(*key, way): [] for key in processes for way in WAYS}
    for _ in range(ROUNDS + 1):
        for pagination, rows, way in took:
            took[pagination, rows, way].append(ask(processes[pagination, rows], way))
    for process in processes.values():
        process.kill()
    # The first round warms up.
    medians = {key: statistics.median(times[1:]) for key, times in took.items()}
    few, many = ROWS
    print(f"{'list of 20 posts':<44} {'median':>10}")
    for (pagination, rows, way), milliseconds in medians.items():
        print(f"{pagination:<8} {rows:>9,} rows, {way:<18} {milliseconds:>10.2f} ms")
    print()
    for pagination in PAGINATIONS:
        ratio = medians[pagination, many, "related"] / medians[pagination, few, "related"]
        print(f"{pagination}: {many:,} rows against {few:,}: {ratio:.2f} times")
        ratio = medians[pagination, few, "no-prefetch"] / medians[pagination, few, "related"]
        print(f"{pagination}: without its prefetch, {few:,} rows: {ratio:.2f} times")


if __name__ == "__main__":
    sys.exit(main())
