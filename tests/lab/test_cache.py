"""A shared cache on its real server: what is shared, who is limited, and what goes on when the server is gone."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.checks import Bench, passed, production
from lab.conftest import MakeBench
from lab.visitor import Visitor
from support.servers import serving
from support.stores import Server

BACKENDS = ["redis", "memcached", "database"]
ANONYMOUS_RATE = 60  # a minute, as the generated settings say
KEYS = "from django.core.cache import cache; [cache.set(f'other-{n}', n) for n in range(1000)]"
ON_SERVER = "from config.settings.test import *\nfrom config.settings.base import CACHES\n"
USER = (
    "from accounts.models import CustomUser;"
    "CustomUser.objects.create_superuser('{0}', '{0}@example.org', 'the correct horse')"
)


@pytest.fixture(
    scope="module", params=[pytest.param(kind, marks=pytest.mark.xdist_group("cache")) for kind in BACKENDS]
)
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    kind = request.param
    choices = ("--preset", "standard", "--with", "cache,gunicorn", "--set", f"cache.backend={kind}")
    return make_bench(*choices, database=f"cache_{kind}")


@pytest.fixture
def server(bench: Bench, tmp_path: Path) -> Iterator[Server | None]:
    kind = bench.database.removeprefix("cache_")
    server = None if kind == "database" else Server(kind, tmp_path)
    yield server
    if server:
        server.stop()


def test_sessions_are_cached_only_where_all_processes_share_them(bench: Bench) -> None:
    urls = {"redis": "redis://localhost/0", "memcached": "memcache://localhost", "database": "dbcache://cache"}
    asked = ("python", "-c", "from django.conf import settings; print(settings.SESSION_ENGINE)")
    for url, engine in (("", "db"), (urls[bench.database.removeprefix("cache_")], "cached_db")):
        given = {"CACHE_URL": url} if url else {}
        told = bench.run(*asked, DJANGO_SETTINGS_MODULE="config.settings.local", **given).succeeded()
        assert told.out.strip() == f"django.contrib.sessions.backends.{engine}"


def variables(bench: Bench, server: Server | None) -> dict[str, str]:
    """Return the environment of a deployment with four processes and this cache, whose tables are made."""
    environment = {
        **production(bench.project),
        "DATABASE_URL": bench.postgres("site"),
        "CACHE_URL": server.url if server else "dbcache://cache",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "False",
        "SECURE_COOKIES": "False",
        "WEB_CONCURRENCY": "4",
    }
    for command in (["migrate"], *([] if server else [["createcachetable"]]), ["collectstatic", "--no-input"]):
        bench.manage(*command, **environment).succeeded()
    for name in ("grace", "ada"):
        bench.manage("shell", "--no-imports", "-c", USER.format(name), **environment).succeeded()
    return environment


def refresh(visitor: Visitor) -> int:
    """Ask as nobody for a new token, which the API counts."""
    return visitor.ask("/api/v1/auth/jwt/refresh/", b'{"refresh": "x"}', **{"Content-Type": "application/json"})[0]


def test_the_sites_own_tests_pass_with_it(bench: Bench, server: Server | None) -> None:
    # What is in the database is not there for tests without one.
    if server:
        (bench.project / "on_server.py").write_text(ON_SERVER)
        passed(bench.run("pytest", "-q", "--ds=on_server", CACHE_URL=server.url, DATABASE_URL=bench.postgres("tests")))


def test_tests_leave_the_configured_cache_alone(bench: Bench, server: Server | None) -> None:
    if server:
        keep = "from django.core.cache import cache; cache.set('kept', 'yes', 600)"
        bench.manage("shell", "--no-imports", "-c", keep, CACHE_URL=server.url).succeeded()
        passed(bench.run("pytest", "-q", "tests", CACHE_URL=server.url, DATABASE_URL=bench.postgres("tests")))
        kept = "from django.core.cache import cache; print(cache.get('kept'))"
        told = bench.manage("shell", "--no-imports", "-c", kept, CACHE_URL=server.url).succeeded()
        assert told.out.split() == ["yes"]


def test_limits_hold_over_processes_and_the_site_goes_on_without_it(
    bench: Bench, server: Server | None, tmp_path: Path
) -> None:
    environment = variables(bench, server)
    command = [bench.environment.bin / "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind"]
    known = bench.environment.variables(bench.home, **environment)
    with serving(command, cwd=bench.project, env=known, log=tmp_path / "log") as address:
        nobody = Visitor(address)
        codes = Counter(refresh(nobody) for _ in range(ANONYMOUS_RATE // 2))
        bench.manage("shell", "--no-imports", "-c", KEYS, **environment).succeeded()
        codes += Counter(refresh(nobody) for _ in range(ANONYMOUS_RATE // 2 + 10))
        assert codes == {401: ANONYMOUS_RATE, 429: 10}
        grace = Visitor(address)
        assert grace.log_in("grace", "the correct horse") == 200
        assert "grace" in grace.ask("/accounts/profile/")[1]
        if server is None:
            return
        assert nobody.ask("/health/ready/") == (200, "ok")
        server.stop()
        assert nobody.ask("/health/ready/") == (503, "cache")
        assert nobody.ask("/health/live/") == (200, "ok")
        # Pages, the log-in and who is logged in stay; the API's limits are open; wrong passwords are still counted.
        assert nobody.ask("/")[0] == nobody.ask("/blog/posts/")[0] == 200
        assert "grace" in grace.ask("/accounts/profile/")[1]
        ada = Visitor(address)
        assert ada.log_in("ada", "the correct horse") == 200
        assert "ada" in ada.ask("/accounts/profile/")[1]
        assert refresh(nobody) == 401
        guesses = [Visitor(address).log_in("grace", "a wrong horse") for _ in range(6)]
        assert guesses[-1] == 429, guesses
        assert Visitor(address).log_in("grace", "the correct horse") == 429
