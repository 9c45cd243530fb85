"""What a generated site once did wrong is tried on one of each kind, beside its own tests."""

import shutil

import pytest

from lab.checks import passed
from lab.conftest import MakeBench
from support import INSIDE


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize(("views", "line"), [("both", "5.2"), ("fbv", "6.1")])
def test_faults_stay_away(make_bench: MakeBench, views: str, line: str) -> None:
    bench = make_bench("--preset", "standard", "--set", f"app.views={views}", line=line, database=f"faults_{views}")
    shutil.copy(INSIDE / "test_faults.py", bench.project / "tests")
    passed(bench.run("pytest", "-q", "tests/test_faults.py"))
