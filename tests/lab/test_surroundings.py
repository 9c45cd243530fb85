"""What else is on somebody's machine, or in their `.env`, does not change what a project does."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.checks import Bench, passed, production
from lab.conftest import MakeBench
from support.commands import run

pytestmark = pytest.mark.xdist_group("surroundings")


@pytest.fixture(scope="module")
def bench(make_bench: MakeBench) -> Bench:
    return make_bench("--preset", "standard")


@pytest.fixture
def dotenv(bench: Bench) -> Iterator[Path]:
    path = bench.project / ".env"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def setting(bench: Bench, *names: str, **variables: str) -> list[str]:
    code = "from django.conf import settings as s\n" + "".join(f"print(s.{name})\n" for name in names)
    return bench.run("python", "-c", code, **variables).succeeded().out.splitlines()


def test_pytest_takes_its_own_settings(bench: Bench) -> None:
    passed(bench.run("pytest", "-q", "tests", DJANGO_SETTINGS_MODULE="config.settings.production"))


def test_manage_py_test_runs_pytest(bench: Bench) -> None:
    assert " passed" in bench.manage("test", "tests/test_health.py").succeeded().out
    assert bench.manage("test", "tests/test_nothing.py").code != 0


def test_another_config_is_not_taken(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/__init__.py").touch()
    other = {"PYTHONPATH": str(tmp_path)}
    bench.manage("check", **other).succeeded()
    passed(bench.run("pytest", "-q", "tests/test_health.py", **other))
    cache = str(bench.home / "mypy")
    said = bench.run("python", "-m", "mypy", "config/urls.py", MYPY_CACHE_DIR=cache, **other).succeeded()
    assert "Success" in said.out


def test_a_directory_of_any_name_holds_the_database(bench: Bench, tmp_path: Path) -> None:
    checkout = tmp_path / "a+b %41 #1?"
    shutil.copytree(bench.project, checkout)
    code = "from config.settings.local import DATABASES; print(DATABASES['default']['NAME'])"
    told = run(
        [bench.environment.bin / "python", "-c", code], cwd=checkout, env=bench.environment.variables(bench.home)
    ).succeeded()
    assert told.out.strip() == f"{checkout}/db.sqlite3"


def test_values_of_the_env_file_end_before_a_comment(bench: Bench, dotenv: Path) -> None:
    key = "$q*eo#no=comment-" + "k" * 40
    lines = [f"SECRET_KEY={key}", "LOG_LEVEL=debug  # while we look for it", "DEFAULT_FROM_EMAIL='a #b@example.org'"]
    dotenv.write_text("\n".join(lines) + "\n", encoding="utf-8")
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.local"}
    told = setting(bench, "SECRET_KEY", "LOG_LEVEL", "DEFAULT_FROM_EMAIL", **variables)
    assert told == [key, "DEBUG", "a #b@example.org"]


@pytest.mark.parametrize("name", ["DATABASE_URL", "EMAIL_URL", "CACHE_URL"])
@pytest.mark.parametrize("password", ["se/cret", "p@ss/w#rd", "12/secret", "12?secret", "p@ss#secret", "se?cret"])
def test_password_that_breaks_its_url_is_named(bench: Bench, name: str, password: str) -> None:
    scheme = {"DATABASE_URL": "postgres", "EMAIL_URL": "smtp", "CACHE_URL": "redis"}[name]
    variables = production(bench.project) | {name: f"{scheme}://ada:{password}@db.example.org:5432/site"}
    refused = bench.manage("check", **variables)
    assert refused.code != 0
    assert name in refused.err.splitlines()[-1]
    assert password not in refused.err


@pytest.mark.parametrize("url", ["sqlite:////tmp/a@b/site.sqlite3", "postgres://ada:p%2Fss@db/site?connect_timeout=9"])
def test_urls_that_are_right_are_taken(bench: Bench, url: str) -> None:
    bench.run("python", "-c", "import config.settings.local", DATABASE_URL=url).succeeded()


def test_git_grep_finds_what_is_ours(bench: Bench) -> None:
    git = ["git", "-c", "init.defaultBranch=main"]
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        run([*git, *arguments], cwd=bench.project, env=bench.environment.variables(bench.home)).succeeded()
    found = subprocess.run(
        ["git", "grep", "-I", "--name-only", "retry_on_conflict"],
        cwd=bench.project,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert "blog/views.py" in found
    assert not [name for name in found if name.startswith(".djscaffold")]


def test_seed_fills_what_is_empty(bench: Bench) -> None:
    url = bench.postgres("seeded")
    bench.manage("migrate", DATABASE_URL=url).succeeded()
    mine = (
        "from blog.models import Tag; Tag.objects.create(name='Mine');"
        "from accounts.models import CustomUser; CustomUser.objects.create_user('demo', 'me@example.com', 'x')"
    )
    bench.manage("shell", "-c", mine, DATABASE_URL=url).succeeded()
    bench.manage("seed_blog", DATABASE_URL=url).succeeded()
    count = "from blog.models import Post, Tag; print(Tag.objects.count(), Post.objects.count() > 20)"
    assert bench.manage("shell", "--no-imports", "-c", count, DATABASE_URL=url).succeeded().out.strip() == "1 True"
