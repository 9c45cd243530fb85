"""Whoever clones the project can run it at once: no variable set, no `.env`, no service."""

from pathlib import Path

import pytest

from lab.checks import Bench, passed
from lab.conftest import MakeBench
from support.commands import run
from support.servers import serving, status

pytestmark = pytest.mark.xdist_group("first-steps")


@pytest.fixture(scope="module", params=["with-env-file", "without-env-file"])
def clone(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    bench = make_bench("--preset", "standard")
    if request.param == "without-env-file":
        (bench.project / ".env").unlink()
    return bench


def bare(bench: Bench, *command: str, timeout: float = 300) -> None:
    run([bench.environment.python, *command], cwd=bench.project, env={}, timeout=timeout).succeeded()


def test_check(clone: Bench) -> None:
    bare(clone, "manage.py", "check")


def test_pytest(clone: Bench) -> None:
    if (clone.project / ".env").exists():
        pytest.skip("every other test of the lab has it")
    passed(run([clone.environment.python, "-m", "pytest", "-q"], cwd=clone.project, env={}, timeout=600))


def test_migrate_seed_and_serve(clone: Bench, tmp_path: Path) -> None:
    bare(clone, "manage.py", "migrate")
    bare(clone, "manage.py", "seed_blog")
    bare(clone, "manage.py", "seed_blog")  # twice is once
    command = [clone.environment.python, "manage.py", "runserver"]
    with serving(command, cwd=clone.project, env={}, log=tmp_path / "log") as address:
        assert status(f"{address}/") == 200
        assert status(f"{address}/accounts/login/") == 200
        assert status(f"{address}/blog/posts/") == 200
        assert status(f"{address}/static/css/site.css") == 200
        assert status(f"{address}/admin/login/") == 200
        assert status(f"{address}/nowhere/") == 404
