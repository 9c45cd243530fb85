"""How fast djscaffold is, and what it takes of memory and disk, beside its goals: one table.

All ways take turns in one run, so that whatever else the machine does weighs on all alike; a figure is the median of
the rounds.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import peers
from support import LAB
from support.binary import WITHOUT_TOOLS, binary
from support.commands import clean_environment

ROUNDS = 21
PLACES = {"in memory": Path("/dev/shm"), "on disk": Path("/var/tmp")}
COPIES = {"in memory": 3, "on disk": 1.5}
FOREIGN = 100_000
FIELDS = """
name = { kind = "char", max_length = 80 }
notes = { kind = "text", blank = true }
amount = { kind = "integer", default = 0 }
price = { kind = "decimal", max_digits = 8, decimal_places = 2 }
is_open = { kind = "boolean" }
created_at = { kind = "datetime", auto_now_add = true }
"""
# A process that is started from a large one has that one's memory as its peak; this one is small.
PEAK = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
PEAK += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"

Command = Sequence[str | Path]
# Does what it is for once, and returns milliseconds or megabytes.
Way = Callable[[], float]

# --- One measure ------------------------------------------------------------------------------------------------------


def files(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]


def called(command: Command, folder: Path, *path: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean_environment(LAB, *path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"


def elapsed(command: Command, folder: Path, *path: Path, without: Sequence[Path] = ()) -> float:
    """Return the milliseconds that pass until the command, started without some directories, has ended."""
    for made in without:
        shutil.rmtree(made, ignore_errors=True)
    began = time.perf_counter()
    called(command, folder, *path)
    return (time.perf_counter() - began) * 1000


def processor(command: Command, folder: Path, model: Path) -> float:
    """Return the milliseconds of processor time that the command takes in a new copy of a project."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(model, folder, symlinks=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    called(command, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def peak(command: Command, folder: Path, made: Path) -> float:
    """Return the megabytes of memory that the command takes at most."""
    shutil.rmtree(made, ignore_errors=True)
    through = [sys.executable, "-I", "-S", "-c", PEAK, *command]
    done = subprocess.run(through, cwd=folder, env=clean_environment(LAB), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) * 1024 / 1e6


# --- The ways ---------------------------------------------------------------------------------------------------------


def new(name: str, *arguments: str | Path) -> list[str | Path]:
    return [binary(), "new", name, *WITHOUT_TOOLS, "--quiet", *arguments]


def generating(place: str, folder: Path) -> dict[str, Way]:
    """`new` and a copy of what it writes."""
    called(new("mysite", "--preset", "full", "--into", "model"), folder)
    made = folder / "made"
    ours = new("mysite", "--preset", "full", "--into", made)
    return {
        f"new, {place}": partial(elapsed, ours, folder, without=[made]),
        f"cp, {place}": partial(elapsed, ["cp", "-r", "model", made], folder, without=[made]),
    }


def rendering(place: str, folder: Path, cookies: Path, copies: Path) -> dict[str, Way]:
    """Other tools that render a template; a `uv` that does nothing is theirs, as packages are not installed."""
    path = folder / "bin"
    path.mkdir()
    (path / "uv").symlink_to(shutil.which("true") or "/bin/true")
    made = folder / "rendered"
    cookiecutter = [peers.installed("cookiecutter"), "--no-input", "--output-dir", made, cookies]
    copier = [peers.installed("copier"), "copy", "--defaults", "--quiet", copies, made]
    return {
        f"cookiecutter, {place}": partial(elapsed, cookiecutter, folder, path, without=[made]),
        f"copier, {place}": partial(elapsed, copier, folder, path, without=[made]),
    }


def spending(folder: Path) -> dict[str, Way]:
    """What `new` takes of memory, and `add` of the processor."""
    made = folder / "made"
    command = new("mysite", "--preset", "full", "--into", made)
    add = [binary(), "add", "docs", "--no-sync", "--yes"]
    return {
        "peak": partial(peak, command, folder, made),
        "add": partial(processor, add, folder / "changed", folder / "model"),
    }


def inspecting(folder: Path) -> dict[str, Way]:
    """`status` and a `sync` with nothing to do, in a project alone and in one beside many files of others.

    Each has projects of its own: what the one keeps would spare the other work.
    """
    ways: dict[str, Way] = {"cat": partial(elapsed, ["cat", *files(folder / "model")], folder / "model")}
    for name, command in {"status": ["status"], "sync": ["sync", "--yes"]}.items():
        for place in ("alone", "beside"):
            project = folder / f"{name}-{place}"
            shutil.copytree(folder / "model", project)
            ways[f"{name}, {place}"] = partial(elapsed, [binary(), *command], project)
        fill(project / "attachments")
    return ways


def fill(folder: Path) -> None:
    for number in range(FOREIGN):
        place = folder / str(number % 500)
        if number < 500:
            place.mkdir(parents=True)
        (place / f"{number}.txt").write_bytes(b"")


def growing(folder: Path) -> dict[str, Way]:
    """`new` with ten models in each of a few and of many apps."""
    ways: dict[str, Way] = {}
    made = folder / "grown"
    for apps in (2, 20):
        answers = folder / f"{apps}.toml"
        answers.write_text("".join(app(number) for number in range(1, apps + 1)), encoding="utf-8")
        command = new("mysite", "--preset", "standard", "--answers", answers, "--into", made)
        ways[f"{apps} apps"] = partial(elapsed, command, folder, without=[made])
    return ways


def app(number: int) -> str:
    """Return the answers for an app, whose models point each to the one before."""
    text = f"[apps.area{number}]\n"
    for model in range(1, 11):
        name = f"Thing{number}X{model}"
        text += f'[apps.area{number}.models.{name}]\nlabel = "name"\n[apps.area{number}.models.{name}.fields]{FIELDS}'
        if model > 1:
            text += f'parent = {{ kind = "foreign_key", to = "Thing{number}X{model - 1}", on_delete = "cascade" }}\n'
    return text


# --- The table --------------------------------------------------------------------------------------------------------

HEAD = ["", "median", "beside", "its median", "ratio", "goal", "reached"]


@dataclass(frozen=True)
class Row:
    """A figure, alone or beside that of another way; the goal is what it, or the ratio, may be at most."""

    work: str
    way: str
    goal: float
    unit: str = "ms"
    beside: str = ""
    peer: str = ""
    # How many times faster than the other it has to be, at least: the ratio is turned round.
    faster: bool = False

    def cells(self, figures: dict[str, float]) -> list[str]:
        figure = figures[self.way]
        if not self.peer:
            goal = f"<= {self.goal:g} {self.unit}"
            return [self.work, f"{figure:.1f} {self.unit}", "", "", "", goal, yes(figure <= self.goal)]
        other = figures[self.peer]
        shown = [self.work, f"{figure:.1f} {self.unit}", self.beside, f"{other:.1f} {self.unit}"]
        if self.faster:
            ratio = other / figure
            return [*shown, f"{ratio:.1f} times faster", f">= {self.goal:g} times", yes(ratio >= self.goal)]
        ratio = figure / other
        return [*shown, f"{ratio:.2f}", f"<= {self.goal:g}", yes(ratio <= self.goal)]


def line(cells: Sequence[str]) -> str:
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"


def yes(reached: bool) -> str:
    return "yes" if reached else "NO"


def copied(place: str) -> Row:
    work, beside = f"`new --preset full`, {place}", "`cp -r` of its output"
    return Row(work, f"new, {place}", COPIES[place], beside=beside, peer=f"cp, {place}")


def rendered(place: str, tool: str) -> Row:
    work, beside = f"`new --preset full`, {place}", f"{tool}, cookiecutter-django's template"
    return Row(work, f"new, {place}", 50, beside=beside, peer=f"{tool}, {place}", faster=True)


def table(places: Sequence[str], tools: Sequence[str]) -> list[Row]:
    alone, beside = "the same without them", f"beside {FOREIGN:,} other files"
    return [
        *(copied(place) for place in places),
        *(rendered(place, tool) for place in places for tool in tools),
        Row("`add docs` to `full`, processor time", "add", 60),
        Row("`status`", "status, alone", 2, beside="`cat` of its files", peer="cat"),
        Row("`sync`, nothing to do", "sync, alone", 2, beside="`cat` of its files", peer="cat"),
        Row(f"`status` {beside}", "status, beside", 1.1, beside=alone, peer="status, alone"),
        Row(f"`sync` {beside}", "sync, beside", 1.1, beside=alone, peer="sync, alone"),
        Row("`new`, 200 models in 20 apps", "20 apps", 11, beside="20 models in 2 apps", peer="2 apps"),
        Row("`new --preset full`, peak memory", "peak", 40, "MB"),
        Row("the program", "program", 12, "MB"),
    ]


def measure(ways: dict[str, Way]) -> dict[str, float]:
    """Return the median of each way's rounds, of which the first warms up."""
    figures: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS + 1):
        for name, way in ways.items():
            figures[name].append(way())
    return {name: statistics.median(found[1:]) for name, found in figures.items()}


def stripped(folder: Path) -> float:
    """Return the megabytes of the program as it is released, without symbols."""
    smaller = folder / "stripped"
    subprocess.run(["strip", "-o", smaller, binary()], check=True)
    return smaller.stat().st_size / 1e6


def main() -> None:
    LAB.mkdir(parents=True, exist_ok=True)
    ways: dict[str, Way] = {}
    tools: list[str] = []
    with ExitStack() as ended:
        places = {
            place: Path(ended.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=parent)))
            for place, parent in PLACES.items()
            if os.access(parent, os.W_OK)
        }
        disk = places["on disk"]
        for place, folder in places.items():
            ways |= generating(place, folder)
        ways |= spending(disk) | inspecting(disk) | growing(disk)
        notes = [
            f"medians of {ROUNDS} rounds, on disk unless said otherwise; `full` has {len(files(disk / 'model'))} files",
            "`status` and `sync` have projects of their own, in which nothing else is run",
        ]
        if template := peers.cloned(disk):
            tools = ["copier", "cookiecutter"]
            copies = peers.for_copier(template, disk / "for-copier")
            for place, folder in places.items():
                ways |= rendering(place, folder, template, copies)
            told = " and ".join(f"{tool} {peers.version(peers.installed(tool))}" for tool in tools)
            rendered_files = len(files(copies / "template"))
            notes += [
                f"{told} render {rendered_files} files with the default answers, and lock no packages",
                "copier's template is cookiecutter-django's, translated by `peers.py`, without the hooks",
            ]
        else:
            notes.append("cookiecutter-django can't be cloned (set COOKIECUTTER_DJANGO): no copier, no cookiecutter")
        figures = measure(ways) | {"program": stripped(disk)}
    print(f"{line(HEAD)}\n|{' --- |' * len(HEAD)}")
    for row in table(list(places), tools):
        print(line(row.cells(figures)))
    print()
    for note in notes:
        print(f"- {note}")


if __name__ == "__main__":
    sys.exit(main())
