"""What it takes from an empty folder to the first page, by djscaffold and by other ways to begin a Django project.

Each way's own documented steps are run. All packages come from uv's cache: the first round fills it, and the others do
without the network. cookiecutter-django's template is on the disk, cloned from where `COOKIECUTTER_DJANGO` says if that
is set, and its PostgreSQL is started. All take turns in one run, so that whatever else the machine does weighs on all
alike.
"""

import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peers import PROJECT, cloned
from support import postgres
from support.binary import binary
from support.commands import Result, machine_environment, run
from support.environments import environment
from support.pythons import candidates, version
from support.servers import serving, status

ROUNDS = 3
SLUG = "my_awesome_project"  # what cookiecutter-django's own answers make
NOT_COUNTED = {".git", ".venv", ".djscaffold", "__pycache__", "db.sqlite3"}
BESIDE = re.compile(r"(^|/)(tests?|migrations)/|(^|/)(tests?|test_\w+|conftest)\.py$")


@dataclass
class Beginning:
    """A project in the making: the folder that its commands run in, and the variables that are set for them."""

    folder: Path
    env: dict[str, str]

    def do(self, *command: str | Path, may_fail: bool = False) -> Result:
        result = run(command, cwd=self.folder, env=self.env, timeout=900)
        return result if may_fail else result.succeeded()


@dataclass(frozen=True)
class Way:
    name: str
    # Of somebody at a terminal; here the answers are what it offers.
    questions: int
    # Does all up to the start of the server, whose command it returns.
    begin: Callable[[Beginning], list[str]]


# --- The ways ---------------------------------------------------------------------------------------------------------


def djscaffold(preset: str) -> Way:
    def begin(at: Beginning) -> list[str]:
        said = at.do(binary(), "new", "mysite", "--yes", "--preset", preset).err
        # What it names as next is what is done.
        block = said.partition("Next:\n\n")[2].partition("\n\n")[0]
        (_, name), *steps, server = [shlex.split(line) for line in block.splitlines()]
        at.folder /= name
        for step in steps:
            at.do(*step)
        return server

    # Preset, name, and whether to write it: `tests/fast/terminal.rs` walks through them.
    return Way(f"djscaffold, {preset}", 3, begin)


def startproject() -> Way:
    def begin(at: Beginning) -> list[str]:
        at.do("uvx", "--from", "django", "django-admin", "startproject", "mysite")
        at.folder /= "mysite"
        at.do("uv", "venv")
        at.do("uv", "pip", "install", "django")
        at.do(".venv/bin/python", "manage.py", "migrate")
        return [".venv/bin/python", "manage.py", "runserver"]

    return Way("startproject", 0, begin)


def cookiecutter_django(template: Path, python: Path | None) -> Way:
    def begin(at: Beginning) -> list[str]:
        if python:
            at.env["UV_PYTHON"] = str(python)
        at.do("uvx", "cookiecutter", "--no-input", template)
        at.folder /= SLUG
        at.do("uv", "sync")
        at.do("git", "init")
        at.do("uv", "run", "pre-commit", "install")
        cluster = postgres.cluster()
        where = ("--host", "127.0.0.1", "--port", str(cluster.port), "--username", postgres.OWNER)
        at.do(postgres.program("dropdb"), "--if-exists", *where, SLUG)  # the one of the round before
        at.do(postgres.program("createdb"), *where, SLUG)
        at.env |= {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(cluster.port), "POSTGRES_DB": SLUG}
        at.env |= {"POSTGRES_USER": postgres.OWNER, "POSTGRES_PASSWORD": ""}
        at.do("uv", "run", "python", "manage.py", "migrate")
        return ["uv", "run", "python", "manage.py", "runserver"]

    asked = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    return Way("cookiecutter-django", len(asked), begin)


def fetched(folder: Path) -> tuple[Path, Path | None]:
    """Return a copy of the template, and the Python to be named to uv where its own can't be had.

    Then the copy asks for the newest that is here, and the table says so.
    """
    template = cloned(folder)
    assert template, "no cookiecutter-django: set COOKIECUTTER_DJANGO to a clone"
    declared = template / PROJECT / "pyproject.toml"
    text = declared.read_text(encoding="utf-8")
    (asked,) = re.findall(r'^requires-python = "==(3\.\d+)\.\*"', text, re.MULTILINE)
    if subprocess.run(["uv", "python", "install", "--quiet", asked], check=False).returncode == 0:
        return template, None
    python = max((path for path in candidates() if version(path)), key=lambda path: version(path) or (0, 0))
    newest = "{}.{}".format(*(version(python) or (0, 0)))
    declared.write_text(text.replace(f"=={asked}.*", f">={newest}"), encoding="utf-8")
    declared.with_name(".python-version").write_text(f"{newest}\n", encoding="utf-8")
    print(f"no Python {asked} can be had: cookiecutter-django's template is made to ask for {newest}, its newest here")
    return template, python


# --- The measure ------------------------------------------------------------------------------------------------------


def first_page(way: Way, at: Beginning) -> float:
    """Return the seconds until the first page is answered; the project stays."""
    began = time.perf_counter()
    server = way.begin(at)
    with serving(server, cwd=at.folder, env=at.env, log=at.folder.parent / "log") as address:
        assert status(address) == 200, way.name
        return time.perf_counter() - began


def facts(way: Way, at: Beginning) -> list[object]:
    """Return the rest of a way's row."""
    found = [path for path in at.folder.rglob("*") if path.is_file()]
    names = [path.relative_to(at.folder) for path in found]
    names = [name for name in names if not NOT_COUNTED & {*name.parts} and not name.name.startswith(".coverage")]
    python = [at.folder / name for name in names if name.suffix == ".py" and not BESIDE.search(name.as_posix())]
    lines = sum(bool(line.strip()) for path in python for line in path.read_text(encoding="utf-8").splitlines())
    own = at.folder / ".venv/bin"
    count = "import importlib.metadata as found; print(len({each.name for each in found.distributions()}))"
    packages = int(at.do(own / "python", "-c", count).out)
    checks = at.do(own / "python", "manage.py", "check", may_fail=True).code == 0
    # A project without a ruff of its own is formatted as ruff does it, or not.
    ruff = own / "ruff" if (own / "ruff").exists() else environment("5.2").bin / "ruff"
    formatted = at.do(ruff, "format", "--check", ".", may_fail=True).code == 0
    tests = "none"
    if (own / "pytest").exists():
        said = at.do(own / "python", "-m", "pytest", "-q", may_fail=True)
        tests = ", ".join(re.findall(r"\d+ (?:passed|failed|error)\w*", said.out))
    return [
        way.questions,
        len(names),
        lines,
        packages,
        *("yes" if fact else "no" for fact in (checks, formatted)),
        tests,
    ]


HEAD = ["", "seconds", "questions", "files", "lines of Python", "packages", "check", "ruff format --check", "its tests"]


def main() -> None:
    postgres.promise()
    try:
        postgres.cluster()
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            ways = [
                djscaffold("minimal"),
                djscaffold("standard"),
                startproject(),
                cookiecutter_django(*fetched(folder)),
            ]
            took: dict[str, list[float]] = {way.name: [] for way in ways}
            rows = {}
            for round_ in range(ROUNDS + 1):
                for way in ways:
                    at = Beginning(folder / "project", machine_environment(**({"UV_OFFLINE": "1"} if round_ else {})))
                    at.folder.mkdir()
                    took[way.name].append(first_page(way, at))
                    if round_ == ROUNDS:
                        rows[way.name] = facts(way, at)
                    shutil.rmtree(folder / "project")
    finally:
        postgres.stop(Path(os.environ[postgres.WHERE]))
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    for name, row in rows.items():
        # The first round warms up.
        seconds = f"{statistics.median(took[name][1:]):.1f}"
        print(f"| {' | '.join(map(str, [name, seconds, *row]))} |")


if __name__ == "__main__":
    sys.exit(main())
