"""The team's documentation: it is built, says what the README says elsewhere, and knows every secret and variable."""

import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lab.checks import Bench, variables_in
from lab.conftest import MakeBench
from support import ROOT
from support.servers import serving

CHOICES = {
    "full": ("--preset", "full", "--with", "docs,backup"),
    "rabbitmq": ("--preset", "full", "--with", "docs", "--set", "celery.broker=rabbitmq", "--set", "nginx.tls=acme"),
    "s3": ("--preset", "standard", "--with", "docs,storage,tasks,docker", "--set", "storage.backend=s3"),
    "cloud": ("--preset", "cloud", "--with", "docs,swarm"),
    "minimal": ("--preset", "minimal", "--with", "docs", "--set", "accounts.social=github"),
}


@pytest.fixture(scope="module", params=CHOICES)
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    return make_bench(*CHOICES[request.param])


def read(bench: Bench, name: str) -> str:
    return (bench.project / "docs" / name).read_text(encoding="utf-8")


def secrets(bench: Bench) -> set[str]:
    """Return the secrets of the project, by what its components declare."""
    declared = tomllib.loads((bench.project / "djscaffold.toml").read_text(encoding="utf-8"))
    names = set()
    for component in declared["components"]:
        manifest = tomllib.loads((ROOT / f"templates/{component}/component.toml").read_text(encoding="utf-8"))
        names |= {variable["name"] for variable in manifest.get("env", []) if "secret" in variable}
    return names & set(variables_in(bench.project))


def test_it_is_built(bench: Bench) -> None:
    bench.run("mkdocs", "build", "--strict", "--quiet").succeeded()
    assert (bench.project / "site/runbook/index.html").exists()
    ET.fromstring(read(bench, "architecture.svg"))


def test_readme_leaves_deployment_to_it(bench: Bench) -> None:
    readme = (bench.project / "README.md").read_text(encoding="utf-8")
    assert "docs/runbook.md" in readme and "collectstatic" not in readme
    assert "manage.py collectstatic" in read(bench, "runbook.md")


def test_every_secret_can_be_rotated(bench: Bench) -> None:
    rotated = read(bench, "runbook.md").partition("## Rotate secrets")[2].partition("## Alarms")[0]
    assert set(re.findall(r"^\| `(\w+)`", rotated, re.MULTILINE)) >= secrets(bench) >= {"SECRET_KEY"}


def test_every_variable_is_explained(bench: Bench) -> None:
    explained = re.findall(r"^\| `(\w+)` \|.*\| .+ \|$", read(bench, "settings.md"), re.MULTILINE)
    assert sorted(explained) == sorted(variables_in(bench.project))


@pytest.mark.parametrize("bench", ["full", "minimal"], indirect=True)
def test_pages_are_measured_by_the_documented_command(bench: Bench, tmp_path: Path) -> None:
    (command,) = re.findall(r"^python (deploy/measure\.py .*)$", read(bench, "scaling.md"), re.MULTILINE)
    program, _, *rest = command.split()
    bench.manage("migrate", "-v", "0").succeeded()
    server = [bench.environment.python, "manage.py", "runserver", "--noreload"]
    variables = bench.environment.variables(bench.home)
    with serving(server, cwd=bench.project, env=variables, log=tmp_path / "log") as address:
        said = bench.run("python", program, address, *rest, "--seconds", "1", "--clients", "2").succeeded()
    measured = dict(re.findall(r"^(/\S*) +(\d+ +\d+ +[\d.]+ +\d+)", said.out, re.MULTILINE))
    assert list(measured) == [word for word in rest if word.startswith("/")]
    for path, numbers in measured.items():
        rate, p95, alone, others = map(float, numbers.split())
        assert 2 < rate < 10_000 and 0 < alone < 1000 and p95 > 0, said
        assert others == 0 or "/api/" in path, said
    assert "No containers of this project" in said.out
