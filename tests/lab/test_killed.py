"""Killed at any moment, `new` leaves nothing or the whole project, and never stands in its own way."""

import random
import subprocess
import time
from pathlib import Path

import pytest

from support.binary import WITHOUT_TOOLS, binary, djscaffold, tree
from support.commands import clean_environment

ROUNDS = 16
MINE = {".git": None, ".git/HEAD": b"ref: refs/heads/main\n", "README.md": b"# Mine\n", "LICENSE": b"All mine.\n"}


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return what lies in `folder`, the values of the secrets apart."""
    return {name: content for name, content in tree(folder).items() if not name.endswith(".env")}


def kill_while_running(folder: Path, arguments: list[str], after: float, *, writing: bool) -> None:
    """Kill the program `after` seconds, counted from its first trace on the disk if `writing`."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [str(binary()), "new", *arguments, *WITHOUT_TOOLS],
        cwd=folder,
        env=clean_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    before = traces(folder)
    while writing and process.poll() is None and traces(folder) == before:
        time.sleep(0.001)
    time.sleep(after)
    process.kill()
    process.wait()


def traces(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def moment(moments: random.Random, round_: int, took: float) -> tuple[float, bool]:
    """Return when to kill: in turn at any time at all, and soon after the first write."""
    writing = round_ % 2 == 1
    return moments.uniform(0, 0.12 if writing else took), writing


def duration_of(folder: Path, arguments: list[str]) -> float:
    begun = time.monotonic()
    djscaffold("new", *arguments, *WITHOUT_TOOLS, cwd=folder).succeeded()
    return time.monotonic() - begun


def make_mine(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, content in MINE.items():
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)


@pytest.mark.xdist_group("killed")
def test_killed_while_making_a_folder(tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    reference.mkdir()
    took = duration_of(reference, ["shop"])
    whole = contents(reference / "shop")
    moments = random.Random(20)
    seen = set()
    for round_ in range(ROUNDS):
        folder = tmp_path / str(round_) / "work"
        folder.mkdir(parents=True)
        after, writing = moment(moments, round_, took)
        kill_while_running(folder, ["shop"], after, writing=writing)
        left = contents(folder / "shop") if (folder / "shop").exists() else None
        assert left is None or left == whole
        seen.add("nothing" if left is None else "whole")
        staging = [path.name for path in folder.iterdir() if path.name != "shop"]
        assert all(name.startswith(".") for name in staging), staging
        if left is None:
            djscaffold("new", "shop", *WITHOUT_TOOLS, cwd=folder).succeeded()
            assert contents(folder / "shop") == whole
            assert sorted(path.name for path in folder.iterdir()) == ["shop"]
    assert seen == {"nothing", "whole"}, "every kill fell on the same side: the moments are badly chosen"


@pytest.mark.xdist_group("killed")
def test_killed_while_filling_a_fresh_clone(tmp_path: Path) -> None:
    arguments = ["shop", "--into", "."]
    make_mine(tmp_path / "reference")
    took = duration_of(tmp_path / "reference", arguments)
    whole = contents(tmp_path / "reference")
    assert {name: whole[name] for name in MINE} == MINE
    moments = random.Random(21)
    for round_ in range(ROUNDS):
        folder = tmp_path / str(round_) / "work"
        make_mine(folder)
        after, writing = moment(moments, round_, took)
        kill_while_running(folder, arguments, after, writing=writing)
        left = contents(folder)
        assert {name: left.get(name) for name in MINE} == MINE
        if left == whole:
            continue
        djscaffold("new", *arguments, "--dry-run", *WITHOUT_TOOLS, cwd=folder)
        assert contents(folder) == left, "looking has changed something"
        # Whatever it was doing, the same command again brings it to the end, and another one does not take it over.
        if (folder / ".djscaffold/journal").exists() and round_ % 4 == 0:
            other = djscaffold("new", "other", "--into", ".", *WITHOUT_TOOLS, cwd=folder)
            assert other.code == 1 and "another project" in other.err, other
        else:
            djscaffold("new", *arguments, *WITHOUT_TOOLS, cwd=folder).succeeded()
        assert contents(folder) == whole
