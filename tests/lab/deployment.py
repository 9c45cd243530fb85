"""A site on its real servers, with whatever works beside it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from lab.checks import Bench, production
from lab.visitor import Visitor
from support.servers import serving
from support.smtp import MailServer

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


class Deployment:
    """A site with its worker, on servers of its own."""

    def __init__(self, bench: Bench, folder: Path, stack: ExitStack, settings: str = "", **variables: str) -> None:
        self.bench, self.folder, self.stack = bench, folder, stack
        self.mail = MailServer()
        stack.callback(self.mail.server_close)
        stack.callback(self.mail.shutdown)
        (bench.project / "config/settings/lab.py").write_text(f"from config.settings.production import *\n{settings}")
        self.variables = {
            **production(bench.project),
            "DJANGO_SETTINGS_MODULE": "config.settings.lab",
            "DATABASE_URL": bench.postgres("site"),
            "EMAIL_URL": self.mail.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "False",
            "SECURE_COOKIES": "False",
            **variables,
        }
        for command in (["migrate"], ["createcachetable"], ["collectstatic", "--no-input"]):
            self.manage(*command)
        self.python(USER)
        if (bench.project / "blog").exists():
            self.python(POSTS)

    def manage(self, *arguments: str) -> str:
        return self.bench.manage(*arguments, **self.variables).succeeded().out

    def python(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code).strip()

    def start(self, log: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a program of the environment."""
        with (self.folder / log).open("ab") as out:
            program = subprocess.Popen(
                [self.bench.environment.bin / command[0], *command[1:]],
                cwd=self.bench.project,
                env=self.bench.environment.variables(self.bench.home, **self.variables),
                stdout=out,
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

    def log_in(self, address: str) -> Visitor:
        visitor = Visitor(address)
        visitor.log_in("ada", "the horse")
        assert "ada@example.org" in visitor.ask("/accounts/profile/")[1]
        return visitor


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
