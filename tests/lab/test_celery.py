"""Celery with its real brokers: what pages leave to workers is done, once, whoever dies."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.checks import Bench, production
from lab.conftest import MakeBench
from lab.visitor import Visitor
from support.servers import serving
from support.smtp import MailServer
from support.stores import Server

SETTINGS = """
from config.settings.production import *

CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = 5
CELERY_BEAT_SCHEDULE["clear_expired"]["schedule"] = 1
"""
USER = """
from allauth.account.models import EmailAddress
from accounts.models import CustomUser
user = CustomUser.objects.create_superuser("ada", "ada@example.org", "the horse")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
POSTS = """
from accounts.models import CustomUser
from blog.models import Post
for number in range(4):
    Post.objects.create(title=f"Post {number}", content="x", author=CustomUser.objects.get())
"""
EXPIRED = """
from datetime import timedelta
from django.contrib.sessions.models import Session
from django.utils import timezone
Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
"""
SESSIONS = "from django.contrib.sessions.models import Session; print(Session.objects.filter(pk='old').exists())"


class Deployment:
    """A site with its worker, on servers of its own."""

    def __init__(self, bench: Bench, broker: str, folder: Path, stack: ExitStack) -> None:
        self.bench, self.folder, self.stack = bench, folder, stack
        self.mail = MailServer()
        stack.callback(self.mail.server_close)
        stack.callback(self.mail.shutdown)
        self.broker = Server(broker, folder)
        stack.callback(self.broker.stop)
        (bench.project / "config/settings/lab.py").write_text(SETTINGS)
        self.variables = {
            **production(bench.project),
            "DJANGO_SETTINGS_MODULE": "config.settings.lab",
            "DATABASE_URL": bench.postgres("site"),
            "CACHE_URL": "dbcache://cache",
            "CELERY_BROKER_URL": self.broker.url,
            "EMAIL_URL": self.mail.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "False",
            "SECURE_COOKIES": "False",
        }
        for command in (["migrate"], ["createcachetable"], ["collectstatic", "--no-input"]):
            self.manage(*command)
        for code in (USER, POSTS, EXPIRED):
            self.manage("shell", "--no-imports", "-c", code)

    def manage(self, *arguments: str) -> str:
        return self.bench.manage(*arguments, **self.variables).succeeded().out

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of Celery's programs."""
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            program = subprocess.Popen(
                [self.bench.environment.bin / "celery", "--app", "config", *arguments],
                cwd=self.bench.project,
                env=self.bench.environment.variables(self.bench.home, **self.variables),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.stack.callback(kill, program)
        return program

    def serve(self) -> str:
        command = [self.bench.environment.bin / "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind"]
        known = self.bench.environment.variables(self.bench.home, **self.variables)
        return self.stack.enter_context(
            serving(command, cwd=self.bench.project, env=known, log=self.folder / "web.log")
        )


def kill(program: subprocess.Popen[bytes]) -> None:
    if program.poll() is None:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def wait(until: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if until():
            return True
        time.sleep(0.2)
    return False


@pytest.fixture(
    params=[pytest.param(broker, marks=pytest.mark.xdist_group(broker)) for broker in ("redis", "rabbitmq")]
)
def site(request: pytest.FixtureRequest, make_bench: MakeBench, tmp_path: Path) -> Iterator[Deployment]:
    broker = request.param
    choices = ("--with", "celery,gunicorn", "--set", f"celery.broker={broker}", "--set", "cache.backend=database")
    bench = make_bench("--preset", "standard", *choices, database=f"celery_{broker}")
    with ExitStack() as stack:
        yield Deployment(bench, broker, tmp_path, stack)


def test_what_pages_leave_to_workers_is_done_once_whoever_dies(site: Deployment) -> None:
    worker, mail = site.start("worker", "--concurrency=1"), site.mail
    address = site.serve()
    # Mail that somebody waits for goes through the worker.
    nobody = Visitor(address)
    password = "a correct horse"
    nobody.send("/accounts/signup/", username="bob", email="bob@example.org", password1=password, password2=password)
    assert wait(lambda: bool(mail.to("bob@example.org"))), (site.folder / "worker.log").read_text()

    ada = Visitor(address)
    ada.log_in("ada", "the horse")
    assert "ada@example.org" in ada.ask("/accounts/profile/")[1]

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
    site.start("worker", "--concurrency=1")
    assert wait(lambda: len(mail.to("ada@example.org")) == 2), (site.folder / "worker.log").read_text()
    time.sleep(8)  # longer than until an unanswered task is given to another
    assert len(mail.to("ada@example.org")) == 2

    site.start("beat", "--schedule", str(site.folder / "schedule"))
    assert wait(lambda: site.manage("shell", "--no-imports", "-c", SESSIONS).strip() == "False")

    assert Visitor(address).ask("/health/ready/") == (200, "ok")
    site.broker.stop()
    assert Visitor(address).ask("/health/ready/") == (503, "broker")
    assert Visitor(address).ask("/health/live/") == (200, "ok")
    assert publish(2) == 200
    log = (site.folder / "web.log").read_text()
    assert "Not queued: blog.tasks.mail_post_published (" in log
    assert "could not be sent" in nobody.send("/accounts/password/reset/", email="ada@example.org")[1]
