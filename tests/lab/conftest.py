"""The lab's fixtures: a project is generated once and then passed from check to check."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.cases import EVERYTHING, FIXED, Case
from lab.checks import Bench
from support.binary import binary, new
from support.environments import environment
from support.wheels import built

MakeBench = Callable[..., Bench]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread the cases, each a group of its own so that one worker generates it and runs all its checks."""
    if "case" in metafunc.fixturenames:
        cases = EVERYTHING if metafunc.config.getoption("--everything") else FIXED
        if metafunc.definition.get_closest_marker("api"):
            cases = [case for case in cases if case.auth]
        marked = [pytest.param(case, id=case.name, marks=pytest.mark.xdist_group(case.name)) for case in cases]
        metafunc.parametrize("case", marked, scope="session")


@pytest.fixture(scope="session", autouse=True)
def the_binary_exists() -> None:
    binary()


@pytest.fixture(scope="session")
def make_bench(tmp_path_factory: pytest.TempPathFactory) -> MakeBench:
    """Return what generates a project outside this repository, whose .gitignore the tools would obey."""

    def make(*arguments: str, line: str = "5.2", name: str = "mysite", database: str = "mysite") -> Bench:
        folder = tmp_path_factory.mktemp("bench")
        home = folder / "home"
        home.mkdir()
        project = new(folder, name, "--django", line, *arguments)
        return Bench(project, environment(line), home, database)

    return make


@pytest.fixture(scope="session")
def bench(case: Case, make_bench: MakeBench) -> Iterator[Bench]:
    """Return the project of a case."""
    return make_bench(*case.arguments, line=case.line, database=case.database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder to run djscaffold in; its home lies beside it."""
    empty = tmp_path / "work"
    empty.mkdir()
    return empty


@pytest.fixture(scope="session")
def wheel() -> Path:
    """Return the wheel of the program; its tests are in one group, so that one worker builds it."""
    (wheel,) = built("build", "--profile", "dev").glob("*.whl")
    return wheel
