"""Killed between any two steps, or refused any of them by the system, a change is done or has never been."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.binary import WITHOUT_TOOLS, binary, djscaffold, tree
from support.commands import Result, clean_environment, run

# All by which a program changes a disk.
CHANGING = ("rename", "mkdir", "unlink", "unlinkat", "rmdir", "write", "fsync", "fchmod")
# What can be refused in the midst of the files, and by what.
REFUSALS = {"rename": "EACCES", "mkdir": "ENOSPC", "unlink": "EACCES", "fsync": "ENOSPC"}
MEMORY = re.compile(r"^\.djscaffold/(?!base$)")


def contents(project: Path) -> dict[str, bytes | None]:
    """Return what lies in a project but what djscaffold keeps for itself, with the files' modes."""
    found: dict[str, bytes | None] = {}
    for name, content in tree(project).items():
        if MEMORY.match(name) or content is None:
            continue
        mode = (project / name).stat().st_mode & 0o777
        found[f"{name} {mode:o}"] = content
    return found


@dataclass(frozen=True)
class Change:
    """A command with the projects before and after it."""

    before: Path
    command: tuple[str, ...]
    after: dict[str, bytes | None]
    # How often it makes each of the system calls.
    calls: Counter[str]

    def traced(self, project: Path, *options: str) -> Result:
        home = project.parent / "home"
        home.mkdir(exist_ok=True)
        strace = ["strace", "-f", "-qq", "-o", str(project.parent / "trace"), *options]
        return run([*strace, str(binary()), *self.command], cwd=project, env=clean_environment(home))

    def copies(
        self, folder: Path, names: tuple[str, ...], request: pytest.FixtureRequest
    ) -> Iterator[tuple[str, int, Path]]:
        """Yield a fresh project for times that one of the system calls is made."""
        for name in names:
            for time in some(list(range(1, self.calls[name] + 1)), request, 10):
                project = folder / f"{name}-{time}" / "mysite"
                shutil.copytree(self.before, project, symlinks=True)
                yield name, time, project
                shutil.rmtree(project.parent)


def prepared(folder: Path, first: list[tuple[str, ...]], command: tuple[str, ...]) -> Change:
    folder.mkdir()
    djscaffold("new", "mysite", *WITHOUT_TOOLS, cwd=folder).succeeded()
    project = folder / "mysite"
    (project / "README.md").chmod(0o640)
    for earlier in first:
        djscaffold(*earlier, "--yes", "--no-sync", cwd=project).succeeded()
    before = folder / "before"
    shutil.copytree(project, before, symlinks=True)
    change = Change(before, (*command, "--yes", "--no-sync"), {}, Counter())
    change.traced(project, "-e", f"trace={','.join(CHANGING)}").succeeded()
    calls = Counter(re.findall(r"^\d+ +(\w+)\(", (folder / "trace").read_text(), flags=re.MULTILINE))
    assert calls["rename"] >= 5, calls
    return Change(before, change.command, contents(project), calls)


COMMANDS: dict[str, tuple[list[tuple[str, ...]], tuple[str, ...]]] = {
    "add": ([], ("add", "health,gunicorn")),
    "remove": ([("add", "health,gunicorn")], ("remove", "health,gunicorn")),
    "undo": ([("add", "health,gunicorn")], ("undo",)),
}


# A group for each command: one worker prepares it and takes all its tests.
GROUPS = [pytest.param(name, marks=pytest.mark.xdist_group(f"killed-{name}")) for name in COMMANDS]


@pytest.fixture(scope="module", params=GROUPS)
def change(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Change:
    first, command = COMMANDS[request.param]
    return prepared(tmp_path_factory.mktemp("changes") / request.param, first, command)


def test_killed_at_any_step(change: Change, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    before = contents(change.before)
    assert before != change.after
    seen = Counter()
    for name, time, project in change.copies(tmp_path, CHANGING, request):
        killed = change.traced(project, "-e", f"inject={name}:signal=SIGKILL:when={time}")
        # strace ends as the program did.
        assert killed.code in {-9, 137}, f"{name} {time}: {killed}"
        # Whatever runs next, even if it only looks, brings it to an end.
        djscaffold("status", cwd=project).succeeded()
        left = contents(project)
        assert left in (before, change.after), f"{name} {time}: {set(left.items()) ^ set(change.after.items())}"
        seen["after" if left == change.after else "before"] += 1
        if left == before and change.command[0] != "undo":
            djscaffold(*change.command, cwd=project).succeeded()
            assert contents(project) == change.after, f"{name} {time}"
        leftovers = {path.name for path in (project / ".djscaffold").iterdir()}
        assert leftovers <= {"base", "fresh", "lock", "log", "models.json", "redo", "undo"}, (
            f"{name} {time}: {leftovers}"
        )
    assert seen["before"] and seen["after"], seen


@pytest.mark.parametrize(
    ("names", "error"),
    [(("write", "mkdir", "fsync"), "ENOSPC"), (("rename", "unlink"), "EACCES")],
    ids=["full", "read-only"],
)
def test_refused_any_step(
    change: Change, tmp_path: Path, names: tuple[str, ...], error: str, request: pytest.FixtureRequest
) -> None:
    before = contents(change.before)
    refused = 0
    for name, time, project in change.copies(tmp_path, names, request):
        result = change.traced(project, "-e", f"inject={name}:error={error}:when={time}")
        left = contents(project)
        if result.code == 0:
            # It was a line on the terminal, or something that djscaffold can do without.
            assert left == change.after, f"{name} {time}"
            continue
        refused += 1
        assert result.code == 1 and "error: " in result.err, f"{name} {time}: {result}"
        if left != before:
            djscaffold("status", cwd=project).succeeded()
            left = contents(project)
        assert left in (before, change.after), f"{name} {time}: {set(left.items()) ^ set(before.items())}"
    assert refused, "nothing was refused"


def called(trace: Path) -> list[tuple[str, bool]]:
    """Return the calls that a traced run made, and of each whether it was refused on our behalf."""
    lines = trace.read_text().splitlines()
    found = [(re.match(r"\d+ +(\w+)\(", line), line.endswith("(INJECTED)")) for line in lines]
    return [(match[1], injected) for match, injected in found if match]


def some(numbers: list[int], request: pytest.FixtureRequest, parts: int) -> list[int]:
    """Return the first, the last and a few between, one in each part; with `--everything` all."""
    step = 1 if request.config.getoption("--everything") else max(1, len(numbers) // parts)
    return sorted({*numbers[::step], *numbers[-1:]})


@pytest.mark.parametrize("refusal", REFUSALS)
def test_killed_on_the_way_back(change: Change, tmp_path: Path, refusal: str, request: pytest.FixtureRequest) -> None:
    """Two faults at once: the system refuses a step, and the run is killed while it puts all back."""
    before = contents(change.before)
    inject = f"inject={refusal}:error={REFUSALS[refusal]}:when="
    watched = ["-e", f"trace={','.join(CHANGING)}"]
    for time in some(list(range(1, change.calls[refusal] + 1)), request, 4):
        project = tmp_path / f"{refusal}-{time}" / "mysite"
        shutil.copytree(change.before, project, symlinks=True)
        if change.traced(project, *watched, "-e", f"{inject}{time}").code == 0:
            continue
        calls = called(project.parent / "trace")
        refused = next(number for number, (_, injected) in enumerate(calls) if injected)
        shutil.rmtree(project.parent)
        # strace takes one order for each call.
        later = [number for number in range(refused + 1, len(calls)) if calls[number][0] != refusal]
        for number in some(later, request, 4):
            name = calls[number][0]
            when = sum(1 for other, _ in calls[: number + 1] if other == name)
            shutil.copytree(change.before, project, symlinks=True)
            change.traced(project, "-e", f"{inject}{time}", "-e", f"inject={name}:signal=SIGKILL:when={when}")
            djscaffold("status", cwd=project).succeeded()
            at = f"{refusal} {time}, {name} {when}"
            left = contents(project)
            assert left in (before, change.after), f"{at}: {set(left.items()) ^ set(before.items())}"
            leftovers = {path.name for path in (project / ".djscaffold").iterdir()}
            assert leftovers <= {"base", "fresh", "lock", "log", "models.json", "redo", "undo"}, f"{at}: {leftovers}"
            shutil.rmtree(project.parent)
