"""Probes are answered under production settings, whatever they come by and whatever is down."""

import json

import pytest

from lab.checks import Bench, production
from lab.conftest import MakeBench

pytestmark = pytest.mark.xdist_group("health")

# A probe knows an address, no host name, and speaks plain HTTP.
PROBE = """
import asyncio, json
import django
django.setup()
from django.test import AsyncClient, Client

answers = {}
for path in ("/health/live/", "/health/ready/", "/"):
    answer = Client(raise_request_exception=False).get(path, headers={"host": "10.0.0.7:8000"})
    answers[path] = [answer.status_code, answer.text]
for path in ("/health/live/", "/health/ready/"):
    answer = asyncio.run(AsyncClient().get(path, headers={"host": "10.0.0.7:8000"}))
    assert [answer.status_code, answer.text] == answers[path]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def server(make_bench: MakeBench) -> Bench:
    bench = make_bench("--preset", "minimal", "--with", "database,health", database="health")
    bench.manage("collectstatic", "--no-input", **production(bench.project)).succeeded()
    return bench


def probe(server: Bench, url: str) -> dict[str, tuple[int, str]]:
    environment = {**production(server.project), "DATABASE_URL": url}
    said = server.run("python", "-c", PROBE, **environment).succeeded()
    answers = {path: (code, body) for path, (code, body) in json.loads(said.out).items()}
    assert answers["/"][0] == 400, "the host check is off, so this shows nothing"
    assert answers["/health/live/"] == (200, "ok")
    return answers


def test_ready_with_the_database_migrated(server: Bench) -> None:
    url = server.postgres("ready")
    assert probe(server, url)["/health/ready/"] == (503, "migrations")
    server.manage("migrate", DATABASE_URL=url).succeeded()
    assert probe(server, url)["/health/ready/"] == (200, "ok")


def test_not_ready_with_the_database_down(server: Bench) -> None:
    answer = probe(server, "postgres://ada:hunter2@127.0.0.1:1/site")["/health/ready/"]
    assert answer == (503, "database")
