"""What the preset `full` adds to `standard`, one by one and with its other choices, under every tool."""

import re
from collections.abc import Callable

import pytest

from lab.checks import CHECKS, Bench, production, pytest_sqlite
from lab.conftest import MakeBench

CHOICES = {
    "cloud": ("6.1", ["--preset", "cloud", "--with", "swarm"]),
    "gunicorn": ("6.1", ["--preset", "minimal", "--with", "gunicorn"]),
    "nginx": ("5.2", ["--preset", "minimal", "--with", "nginx", "--set", "nginx.tls=terminate"]),
    "docker": ("5.2", ["--preset", "minimal", "--with", "backup,devtools,docs,email,i18n"]),
}


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CHOICES])
def full(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    line, arguments = CHOICES[request.param]
    return make_bench(*arguments, line=line, database=re.sub(r"\W", "_", request.param))


# On SQLite the same tests run for the smaller presets.
@pytest.mark.parametrize(
    "check", [check for check in CHECKS if check is not pytest_sqlite], ids=lambda check: check.__name__
)
def test_generated_project(full: Bench, check: Callable[[Bench], None]) -> None:
    check(full)


def test_gunicorn_takes_its_configuration(full: Bench) -> None:
    (full.project / "staticfiles").mkdir()  # as after collectstatic, else WhiteNoise warns
    taken = full.run(
        "gunicorn", "--config", "deploy/gunicorn.conf.py", "--check-config", **production(full.project)
    ).succeeded()
    assert not taken.output.strip(), taken
