"""What a generated site once did wrong is tried on one of each kind, beside its own tests."""

import shutil

import pytest

from lab.checks import passed
from lab.conftest import MakeBench
from support import INSIDE


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize(("views", "line", "queue"), [("both", "5.2", "celery"), ("fbv", "6.1", "tasks")])
def test_faults_stay_away(make_bench: MakeBench, views: str, line: str, queue: str) -> None:
    choices = ("--with", queue, "--set", f"app.views={views}")
    bench = make_bench("--preset", "standard", *choices, line=line, database=f"faults_{views}")
    shutil.copy(INSIDE / "test_faults.py", bench.project / "tests")
    passed(bench.run("pytest", "-q", "tests/test_faults.py"))
