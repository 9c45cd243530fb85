"""The API of a generated project: its schema is sound, and whatever the schema allows or forbids, the API does."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from lab.cases import Case, declared_apps
from lab.checks import Bench
from support import INSIDE
from support.commands import machine_environment, run
from support.servers import serving

pytestmark = pytest.mark.api

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def test_schema(bench: Bench) -> None:
    bench.manage("spectacular", "--validate", "--fail-on-warn", "--file", str(bench.home / "schema.yml")).succeeded()
    assert "/api/v1/" in (bench.home / "schema.yml").read_text(encoding="utf-8")


def test_schemathesis(bench: Bench, case: Case, pytestconfig: pytest.Config) -> None:
    if case.models == "own" and not pytestconfig.getoption("--everything"):
        pytest.skip("only with --everything: it takes minutes, and other models have more fields")
    if pytestconfig.getoption("--everything"):
        extent = ["--phases", "coverage,fuzzing,stateful", "--max-examples", "30"]
    elif case.models == "own":
        extent = ["--phases", "coverage,fuzzing,stateful"]
    else:
        extent = ["--phases", "fuzzing,stateful"]
    if case.models == "twenty" and not pytestconfig.getoption("--everything"):
        extent += ["--max-examples", "3"]
    settings = {"DATABASE_URL": bench.postgres("schemathesis"), "EMAIL_URL": "dummymail://"}
    bench.manage("migrate", **settings).succeeded()
    for app in declared_apps(case.models):
        bench.manage(f"seed_{app}", **settings).succeeded()
    auth, _, _ = case.auth.partition("+")
    if auth == "session":
        # The session comes in a header, so that a request without its cookie would have it all the same.
        extent += ["--generation-with-security-parameters", "false"]
    headers = json.loads(bench.inside("login.py", auth, **settings))
    program = Path(sys.executable).with_name("schemathesis")
    with serving(
        [bench.environment.python, "manage.py", "runserver", "--noreload"],
        cwd=bench.project,
        env=bench.environment.variables(
            bench.home, PYTHONPATH=str(INSIDE), DJANGO_SETTINGS_MODULE="unlimited", **settings
        ),
        log=bench.home / "server.log",
    ) as address:
        said = run(
            [
                *(program, "--config-file", CONFIGURATION, "run", f"{address}/api/v1/schema/", *extent),
                *(part for name, value in headers.items() for part in ("--header", f"{name}: {value}")),
            ],
            cwd=bench.home,
            env=machine_environment(PATH=os.environ["PATH"]),
            timeout=900,
        ).succeeded()
    tested = re.search(r"Tested: (\d+)", said.out)
    assert tested and int(tested[1]) >= 10, said
    assert "Traceback" not in (bench.home / "server.log").read_text(encoding="utf-8", errors="replace")
