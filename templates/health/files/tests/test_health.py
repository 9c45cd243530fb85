import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import AsyncClient, Client
from pytest_django import Settings

LIVE = "/health/live/"
READY = "/health/ready/"


@pytest.fixture
def database_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("password hunter2 was refused")

    monkeypatch.setattr(connection, "cursor", refuse)


@pytest.mark.usefixtures("database_down")
def test_live_asks_nothing_of_the_database(client: Client) -> None:
    response = client.get(LIVE)
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.usefixtures("database_down")
def test_not_ready_with_the_database_down_and_only_the_log_says_why(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get(READY)
    assert (response.status_code, response.content) == (503, b"database")
    assert "hunter2" in caplog.text


@pytest.mark.django_db
def test_not_ready_before_migrations_are_applied(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    response = client.get(READY)
    assert (response.status_code, response.content) == (503, b"migrations")


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LIVE, READY])
def test_probes_need_neither_https_nor_a_known_host(
    client: Client, settings: Settings, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["www.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    probe = {"host": "10.0.0.7:8000"}
    assert client.get(path, headers=probe).status_code == 200
    assert client.get("/", headers=probe).status_code == 400


def test_live_under_asgi() -> None:
    assert async_to_sync(AsyncClient().get)(LIVE).status_code == 200
