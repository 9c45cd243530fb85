"""What a request costs a generated site, beside a plain Django and DRF project on the same data with the same workers.

The cost is processor time of web and PostgreSQL together; the queries are counted. Both take turns in one run, so that
whatever else the machine does weighs on both alike.
"""

import http.client
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from lab.checks import Bench
from support import INSIDE, ROOT, postgres
from support.binary import new
from support.commands import run
from support.environments import environment
from support.servers import serving

ROUNDS, REQUESTS, ROWS = 5, 100, 1_000
PLAIN = ROOT / "tests/bench/plain"
PASSWORD = "correct-horse-battery"
SLUG = "about-1000"
PAGES = {
    "home": "/",
    "list page": "/blog/posts/",
    "detail page": f"/blog/posts/{SLUG}/",
    "API list": "/api/v1/blog/posts/",
    "API detail": "/api/v1/blog/posts/1000/",
}
TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds() -> float:
    """Return what the processes of Gunicorn and PostgreSQL, and their ended children, have used so far."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, numbers = path.read_text().partition(") ")
        except OSError:
            continue
        if name.partition("(")[2] in {"gunicorn", "postgres"}:
            ticks += sum(map(int, numbers.split()[11:15]))
    return ticks / TICK


class Client:
    """One kept connection, as a proxy's."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc)

    def ask(self, path: str, fields: dict[str, str] | None = None, cookie: str = "") -> tuple[int, str, str]:
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        self.connection.request("POST" if fields else "GET", path, urlencode(fields) if fields else None, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Set-Cookie", "").partition(";")[0]

    def get(self, path: str) -> None:
        status, text, _ = self.ask(path)
        assert status == 200, (path, status, text[:500])

    def log_in(self, path: str) -> None:
        _, text, cookie = self.ask(path)
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', text)
        name = re.search(r'<input[^>]* name="(login|username)"', text)
        assert token and name, text
        self.connection.close()
        fields = {name[1]: "reader", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        status, text, _ = self.ask(path, fields, cookie)
        assert status == 302, (status, text[:2000])


def cost(client: Client, work: Callable[[str], None], path: str, times: int) -> float:
    """Return the milliseconds of processor time that a request takes."""
    client.connection.close()  # the server may have, while the other was asked
    before = processor_seconds()
    for _ in range(times):
        work(path)
    return (processor_seconds() - before) / times * 1000


def main() -> None:
    postgres.promise()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            compare(Path(name))
    finally:
        postgres.stop(Path(os.environ[postgres.WHERE]))


def compare(folder: Path) -> None:
    project = new(folder, "mysite", "--preset", "standard", "--with", "gunicorn")
    bench = Bench(project, environment("5.2"), folder, "bench_requests")
    variables = {
        "DATABASE_URL": bench.postgres("rows"),
        "DJANGO_SETTINGS_MODULE": "unlimited",
        "PYTHONPATH": f"{project}:{INSIDE}",
        "LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": "2",
    }
    bench.manage("migrate", **variables).succeeded()
    bench.inside("fill.py", str(ROWS), **variables)
    bench.inside("reader.py", PASSWORD, **variables)
    plain = {
        **variables,
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": f"{PLAIN}:{project}",
        "HASHER": "accounts.hashers.Argon2PasswordHasher",
    }
    gunicorn = [bench.environment.bin / "gunicorn", "--access-logfile", "/dev/null", "--error-logfile", "/dev/null"]
    ways = {
        "djscaffold": ([*gunicorn, "--config", "deploy/gunicorn.conf.py"], project, variables),
        "plain": ([*gunicorn, "--workers", "2", "--threads", "4", "wsgi"], PLAIN, plain),
    }
    queries = {way: count_queries(bench, cwd, variables) for way, (_, cwd, variables) in ways.items()}
    took: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as stack:
        clients = {}
        for way, (command, cwd, variables) in ways.items():
            env = bench.environment.variables(folder, **variables)
            log = folder / f"{way}.log"
            clients[way] = Client(stack.enter_context(serving([*command, "--bind"], cwd=cwd, env=env, log=log)))
        for _ in range(ROUNDS + 1):
            for page, path in PAGES.items():
                for way, client in clients.items():
                    took.setdefault((page, way), []).append(cost(client, client.get, path, REQUESTS))
            for way, client in clients.items():
                took.setdefault(("login", way), []).append(
                    cost(client, client.log_in, "/accounts/login/", REQUESTS // 20)
                )
    print(f"{'CPU per request, queries':<26} {'djscaffold':>16} {'plain DRF':>16}   ratio")
    for page in [*PAGES, "login"]:
        # The first round warms up.
        ours, theirs = (statistics.median(took[page, way][1:]) for way in ways)
        counts = [f"{queries[way][page]:>3}" if page in queries[way] else "   " for way in ways]
        print(f"{page:<26} {ours:>9.2f} ms {counts[0]} {theirs:>9.2f} ms {counts[1]}   {ours / theirs:.2f}")


def count_queries(bench: Bench, cwd: Path, variables: dict[str, str]) -> dict[str, int]:
    command = [bench.environment.python, INSIDE / "queries.py", *PAGES.values()]
    env = bench.environment.variables(cwd.parent, **variables)
    counts = run(command, cwd=cwd, env=env).succeeded().out.split()
    return dict(zip(PAGES, map(int, counts), strict=True))


if __name__ == "__main__":
    sys.exit(main())
