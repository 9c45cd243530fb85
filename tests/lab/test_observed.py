"""What a site tells about itself: its log, its timing, its errors; and what it keeps to itself."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from lab.checks import Bench, production
from lab.conftest import MakeBench
from lab.visitor import Visitor
from support.servers import serving

ASKED = {"Cookie": "tracking=the-cookie-3", "X-Forwarded-For": "192.0.2.77"}
SECRETS = ["the-password-1", "the-query-2", "the-cookie-3", "eve@example.org", "192.0.2.77"]


class Collector(ThreadingHTTPServer):
    """Takes in what Sentry would."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Intake)
        self.events: list[str] = []
        self.dsn = f"http://public@127.0.0.1:{self.server_address[1]}/1"
        Thread(target=self.serve_forever, daemon=True).start()


class Intake(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.events += [line for line in body.decode().split("\n") if '"event_id"' in line and '"level"' in line]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def bench(make_bench: MakeBench) -> Bench:
    return make_bench("--preset", "minimal", "--with", "logging,middleware,sentry,gunicorn", database="observed")


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.shutdown()
    collector.server_close()


@contextmanager
def observed(bench: Bench, collector: Collector, log: Path, database: str) -> Iterator[str]:
    """Serve the site in production, without a mail server."""
    environment = {
        **production(bench.project),
        "DATABASE_URL": database,
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "SENTRY_DSN": collector.dsn,
        "SENTRY_RELEASE": "the-release",
        "SENTRY_ENVIRONMENT": "the-lab",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "False",
        "SECURE_COOKIES": "False",
    }
    bench.manage("collectstatic", "--no-input", **environment).succeeded()
    command = [bench.environment.bin / "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind"]
    known = bench.environment.variables(bench.home, **environment)
    with serving(command, cwd=bench.project, env=known, log=log) as address:
        yield address


def test_errors_reach_sentry_and_the_log_without_personal_data(
    bench: Bench, collector: Collector, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with observed(bench, collector, log, f"sqlite:///{tmp_path}/without-tables.sqlite3") as address:
        visitor = Visitor(address)
        assert visitor.ask("/blog/posts/?q=the-query-2", **ASKED)[0] == 503
        sent = visitor.send("/accounts/login/", login="eve@example.org", password="the-password-1")
        assert sent[0] == 503
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    failed = [line for line in lines if line["event"] == "request_failed"]
    assert [line["request"] for line in failed] == ["GET /blog/posts/", "POST /accounts/login/"]
    assert all(line["request_id"] and "no such table" in line["exception"] for line in failed)
    events = [json.loads(event) for event in collector.events]
    assert {(event["release"], event["environment"]) for event in events} == {("the-release", "the-lab")}
    assert {event["request"]["url"] for event in events} >= {f"{address}/blog/posts/", f"{address}/accounts/login/"}
    told = "\n".join([log.read_text(), *collector.events])
    assert not [secret for secret in SECRETS if secret in told]


def test_a_lost_email_is_reported_without_its_address_and_scanners_are_not(
    bench: Bench, collector: Collector, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path}/site.sqlite3"
    bench.manage("migrate", DATABASE_URL=database).succeeded()
    with observed(bench, collector, tmp_path / "log", database) as address:
        visitor = Visitor(address)
        assert visitor.ask("/", Host="scanned.example.org")[0] == 400
        visitor.send("/accounts/login/", login="eve@example.org", password="the-password-1")
        visitor.send("/accounts/password/reset/", email="eve@example.org")
    assert "was not sent to eve@example.org" in (tmp_path / "log").read_text()
    (event,) = [json.loads(event) for event in collector.events]
    assert event["logentry"]["message"] == "%s was not sent to %s"
    assert "eve@example.org" not in json.dumps(event)
