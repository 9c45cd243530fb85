"""Celery with its real brokers: what pages leave to workers is done, once, whoever dies."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.conftest import MakeBench
from lab.deployment import Deployment, kill, wait
from lab.visitor import Visitor
from support.stores import Server

Site = tuple[Deployment, Server]

WORKER = ("worker.log", "celery", "--app", "config", "worker", "--concurrency=1")
SETTINGS = """
CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = 5
CELERY_BEAT_SCHEDULE["clear_expired"]["schedule"] = 1
"""
EXPIRED = """
from datetime import timedelta
from django.contrib.sessions.models import Session
from django.utils import timezone
Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
"""
SESSIONS = "from django.contrib.sessions.models import Session; print(Session.objects.filter(pk='old').exists())"


@pytest.fixture(
    params=[pytest.param(broker, marks=pytest.mark.xdist_group(broker)) for broker in ("redis", "rabbitmq")]
)
def site(request: pytest.FixtureRequest, make_bench: MakeBench, tmp_path: Path) -> Iterator[Site]:
    broker = request.param
    choices = ("--with", "celery,gunicorn", "--set", f"celery.broker={broker}", "--set", "cache.backend=database")
    bench = make_bench("--preset", "standard", *choices, database=f"celery_{broker}")
    server = Server(broker, tmp_path)
    with ExitStack() as stack:
        stack.callback(server.stop)
        variables = {"CELERY_BROKER_URL": server.url, "CACHE_URL": "dbcache://cache"}
        yield Deployment(bench, tmp_path, stack, SETTINGS, **variables), server


def test_what_pages_leave_to_workers_is_done_once_whoever_dies(site: Site) -> None:
    deployed, broker = site
    worker, mail, address = deployed.start(*WORKER), deployed.mail, deployed.serve()
    # Mail that somebody waits for goes through the worker.
    nobody = Visitor(address)
    password = "a correct horse"
    nobody.send("/accounts/signup/", username="bob", email="bob@example.org", password1=password, password2=password)
    assert wait(lambda: bool(mail.to("bob@example.org"))), (deployed.folder / "worker.log").read_text()

    ada = deployed.log_in(address)

    def publish(number: int) -> int:
        return ada.send(f"/blog/posts/post-{number}/", f"/blog/posts/post-{number}/publish/")[0]

    assert publish(0) == 200
    assert wait(lambda: len(mail.to("ada@example.org")) == 1)

    # The worker dies while the mail server keeps it waiting: another one sends the mail.
    mail.open.clear()
    mail.asked.clear()
    assert publish(1) == 200
    assert mail.asked.wait(30)
    kill(worker)
    mail.open.set()
    time.sleep(6)  # on Redis a worker looks for what others left when it starts, and then every 100 seconds
    deployed.start(*WORKER)
    assert wait(lambda: len(mail.to("ada@example.org")) == 2), (deployed.folder / "worker.log").read_text()
    time.sleep(8)  # longer than until an unanswered task is given to another
    assert len(mail.to("ada@example.org")) == 2

    deployed.python(EXPIRED)
    deployed.start("beat.log", "celery", "--app", "config", "beat", "--schedule", str(deployed.folder / "schedule"))
    assert wait(lambda: deployed.python(SESSIONS) == "False")

    assert Visitor(address).ask("/health/ready/") == (200, "ok")
    broker.stop()
    assert Visitor(address).ask("/health/ready/") == (503, "broker")
    assert Visitor(address).ask("/health/live/") == (200, "ok")
    assert publish(2) == 200
    log = (deployed.folder / "web.log").read_text()
    assert "Not queued: blog.tasks.mail_post_published (" in log
    assert "could not be sent" in nobody.send("/accounts/password/reset/", email="ada@example.org")[1]
