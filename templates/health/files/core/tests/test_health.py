from collections.abc import Iterator
from typing import NoReturn

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import AsyncClient, Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from core.health import check_migrations

LIVE = "/health/live/"
READY = "/health/ready/"


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    check_migrations.cache_clear()
    yield
    check_migrations.cache_clear()


@pytest.fixture
def database_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> NoReturn:
        msg = "password hunter2 was refused"
        raise OperationalError(msg)

    monkeypatch.setattr(connection, "cursor", refuse)


@pytest.mark.usefixtures("database_down")
def test_live_with_the_database_down(client: Client) -> None:
    response = client.get(LIVE)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_with_the_database_migrated(client: Client) -> None:
    response = client.get(READY)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.usefixtures("database_down")
def test_not_ready_with_the_database_down_and_only_the_log_says_why(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get(READY)
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "failed": "database"}
    assert "hunter2" in caplog.text


@pytest.mark.django_db
def test_not_ready_before_migrations_are_applied(client: Client) -> None:
    migrations = MigrationRecorder(connection)
    migrations.record_unapplied("sessions", "0001_initial")
    response = client.get(READY)
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "failed": "migrations"}
    migrations.record_applied("sessions", "0001_initial")
    assert client.get(READY).status_code == 200


@pytest.mark.django_db
def test_ready_costs_one_query_once_migrations_are_applied(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(READY)
    with django_assert_num_queries(1):
        client.get(READY)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LIVE, READY])
def test_probes_need_neither_https_nor_a_known_host(
    client: Client, settings: Settings, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["www.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    probe = {"host": "10.0.0.7:8000"}
    assert client.get(path, headers=probe).status_code == 200
    assert client.get(reverse("home"), headers=probe).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LIVE, READY])
def test_probes_are_never_answered_from_a_cache_or_with_a_cookie(
    client: Client, path: str
) -> None:
    response = client.get(path)
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LIVE, READY])
def test_probes_only_read(client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LIVE, READY])
def test_probes_are_answered_under_asgi(path: str) -> None:
    assert async_to_sync(AsyncClient().get)(path).status_code == 200
