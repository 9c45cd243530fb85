"""A site with one deliberate fault turns its own tests red.

`mutants/` says what is done wrong and where: by who knows the tests, and by dice. CI tries every twelfth; `-k mutants`
or `--everything` tries all.
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.cases import MODELS
from lab.checks import Bench, passed
from lab.conftest import MakeBench

FILES = sorted((Path(__file__).parent / "mutants").glob("*.toml"))
# Which tests can notice a fault in a folder.
TESTS = {"accounts": ["accounts"], "blog": ["blog"], "config": ["tests", "accounts", "blog"]}
Healthy = Callable[[str, tuple[str, ...]], Bench]
RED = 1  # pytest's exit code for tests that failed; others mean that they could not run


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...] = ()
    models: str = "own"  # of which project
    survives: str = ""  # why nothing notices it

    @property
    def touched(self) -> tuple[str, ...]:
        return self.tests or tuple(TESTS.get(self.file.split("/")[0], ["blog", "accounts", "tests"]))


def read(path: Path) -> list[Mutant]:
    found = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**entry | {"tests": tuple(entry.get("tests", ()))}) for entry in found]


MUTANTS = [mutant for path in FILES for mutant in read(path)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--everything") or "mutants" in metafunc.config.getoption("-k")
        tried = MUTANTS if asked else MUTANTS[::12]
        metafunc.parametrize("mutant", tried, ids=[mutant.name.replace(" ", "-") for mutant in tried])


@pytest.fixture(scope="module")
def healthy(make_bench: MakeBench) -> Healthy:
    """Return a site of some models of which these tests have passed as it was generated."""
    benches: dict[str, Bench] = {}
    green: set[tuple[str, tuple[str, ...]]] = set()

    def get(models: str, tests: tuple[str, ...]) -> Bench:
        if models not in benches:
            answers = [] if models == "own" else ["--answers", str(MODELS / f"{models}.toml")]
            benches[models] = make_bench("--preset", "full", *answers, database="mutants")
        if (models, tests) not in green:
            passed(benches[models].run("pytest", "-q", *tests))
            green.add((models, tests))
        return benches[models]

    return get


@pytest.fixture
def site(healthy: Healthy, mutant: Mutant) -> Iterator[Bench]:
    bench = healthy(mutant.models, mutant.touched)
    path = bench.project / mutant.file
    before = path.read_text(encoding="utf-8")
    assert before.count(mutant.find) == 1, f"{mutant.file} has {before.count(mutant.find)} times: {mutant.find}"
    path.write_text(before.replace(mutant.find, mutant.replace), encoding="utf-8")
    yield bench
    path.write_text(before, encoding="utf-8")


def test_mutants_are_noticed(site: Bench, mutant: Mutant) -> None:
    ran = site.run("pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.touched, PYTHONDONTWRITEBYTECODE="1")
    if mutant.survives:
        assert ran.code == 0, f"is noticed now, so `survives` goes:\n{ran}"
    else:
        assert ran.code == RED, ran


def test_every_mutant_has_its_place(make_bench: MakeBench) -> None:
    for models in {mutant.models for mutant in MUTANTS}:
        answers = [] if models == "own" else ["--answers", str(MODELS / f"{models}.toml")]
        project = make_bench("--preset", "full", *answers).project
        for mutant in [mutant for mutant in MUTANTS if mutant.models == models]:
            text = (project / mutant.file).read_text(encoding="utf-8")
            assert text.count(mutant.find) == 1, mutant


def test_mutants_are_many_and_few_survive() -> None:
    assert len(MUTANTS) >= 120
    # Half of them by who has not read the tests: by dice.
    assert sum(1 for path in FILES if path.stem == "drawn" for _ in read(path)) >= len(MUTANTS) / 2
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert sum(1 for mutant in MUTANTS if mutant.survives) <= len(MUTANTS) / 10
