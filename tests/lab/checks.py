"""The real tools, run on a project as it was generated."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support import INSIDE, LAB, postgres
from support.commands import Result, run
from support.environments import Environment

SECRET = "".join(chr(code) for code in (*range(48, 58), *range(65, 91), *range(97, 123)))

# What a deployment would set, by the name in .env.example; a required variable that is not here fails the lab loudly.
DEPLOYED = {
    "SECRET_KEY": SECRET,
    "JWT_SIGNING_KEY": SECRET[::-1],
    "CELERY_BROKER_URL": "memory://",
    "AWS_STORAGE_BUCKET_NAME": "files",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "ALLOWED_HOSTS": "www.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://www.example.org",
    "DATABASE_URL": "sqlite:///production.sqlite3",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "webmaster@example.org",
    "SERVER_EMAIL": "root@example.org",
    "ADMINS": "admin@example.org",
}


@dataclass(frozen=True)
class Bench:
    """A generated project with the environment of its Django line."""

    project: Path
    environment: Environment
    home: Path
    database: str

    def run(self, *command: str, timeout: float = 300, **variables: str) -> Result:
        return run(
            [self.environment.bin / command[0], *command[1:]],
            cwd=self.project,
            env=self.environment.variables(self.home, **variables),
            timeout=timeout,
        )

    def manage(self, *arguments: str, **variables: str) -> Result:
        return self.run("python", "-W", "error::DeprecationWarning", "manage.py", *arguments, **variables)

    def inside(self, program: str, *arguments: str, given: str = "", **variables: str) -> str:
        """Run one of the programs in tests/inside on the project's own Python and return what it prints."""
        variables = {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "PYTHONPATH": str(self.project),
            **variables,
        }
        ran = run(
            [self.environment.python, INSIDE / program, *arguments],
            cwd=self.project,
            env=self.environment.variables(self.home, **variables),
            timeout=900,
            given=given,
        )
        return ran.succeeded().out

    def postgres(self, purpose: str) -> str:
        return postgres.cluster().create(f"{self.database}_{purpose}"[:50])


def variables_in(project: Path) -> list[str]:
    """Return the names that .env.example explains, commented out or not."""
    example = (project / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", example, flags=re.MULTILINE)


def production(project: Path) -> dict[str, str]:
    """Return the environment of a deployment: production settings and what they require."""
    known = {name: DEPLOYED[name] for name in variables_in(project) if name in DEPLOYED}
    return {"DJANGO_SETTINGS_MODULE": "config.settings.production", **DEPLOYED, **known}


def sqlite(bench: Bench, purpose: str) -> str:
    return f"sqlite:///{bench.home / purpose}.sqlite3"


def check(bench: Bench) -> None:
    said = bench.manage("check", "--fail-level", "WARNING").succeeded().output
    assert "no issues" in said, said


def check_deploy(bench: Bench) -> None:
    said = bench.manage("check", "--deploy", "--fail-level", "WARNING", **production(bench.project)).succeeded().output
    assert "no issues" in said, said


def makemigrations_sqlite(bench: Bench) -> None:
    unchanged(bench, sqlite(bench, "unmigrated"))


def makemigrations_postgres(bench: Bench) -> None:
    unchanged(bench, bench.postgres("unmigrated"))


def unchanged(bench: Bench, url: str) -> None:
    bench.manage("makemigrations", "--check", "--dry-run", DATABASE_URL=url).succeeded()


def migrate_sqlite(bench: Bench) -> None:
    bench.manage("migrate", DATABASE_URL=sqlite(bench, "migrated")).succeeded()


def migrate_postgres(bench: Bench) -> None:
    bench.manage("migrate", DATABASE_URL=bench.postgres("migrated")).succeeded()


def pytest_sqlite(bench: Bench) -> None:
    passed(bench.run("pytest", "-q", timeout=600))


def pytest_postgres(bench: Bench) -> None:
    passed(bench.run("pytest", "-q", timeout=600, DATABASE_URL=bench.postgres("pytest")))


def passed(result: Result) -> None:
    result.succeeded()
    assert re.search(r"\b\d+ passed\b", result.out), result
    assert not re.search(r"\b\d+ (skipped|xfailed|xpassed|warnings?)\b", result.out), result


def ruff_check(bench: Bench) -> None:
    assert "All checks passed" in bench.run("ruff", "check", "--no-cache", ".").succeeded().out


def ruff_format(bench: Bench) -> None:
    said = bench.run("ruff", "format", "--no-cache", "--check", "--diff", ".").succeeded()
    counted = re.search(r"(\d+) files already formatted", said.output)
    assert counted, said
    # The number that the tree holds: a configuration that leaves files out would look as clean.
    assert int(counted[1]) >= len(list(bench.project.rglob("*.py"))), said


def mypy(bench: Bench) -> None:
    # A cache per line and worker: Django and its stubs are read once, and no two runs write the same files.
    cache = LAB / f"mypy-{bench.environment.line}-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    assert "Success" in bench.run("mypy", ".", timeout=600, MYPY_CACHE_DIR=str(cache)).succeeded().out


def djlint(bench: Bench) -> None:
    said = bench.run("djlint", "--lint", ".").succeeded()
    assert "found 0 errors" in said.output, said
    assert not re.search(r"Linted 0 files|No files", said.output), said


CHECKS: list[Callable[[Bench], None]] = [
    ruff_check,
    ruff_format,
    djlint,
    check,
    check_deploy,
    makemigrations_sqlite,
    migrate_sqlite,
    makemigrations_postgres,
    migrate_postgres,
    mypy,
    pytest_sqlite,
    pytest_postgres,
]
